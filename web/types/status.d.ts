/** What the server tells about itself. */

export interface Plugin {
  name: string;
  origin: string;
  hooks: string[];
  /** Why it is off; "" when it is not. */
  fault: string;
}

export interface Fault {
  code: string;
  message: string;
  hint: string;
}

export interface Space {
  name: string;
  scheme: string;
  capabilities?: Record<string, boolean>;
  error?: Fault;
}

export interface Status {
  version: string;
  host: string;
  python: string;
  system: string;
  packages: Record<string, string>;
  plugins: Plugin[];
  spaces: Space[];
  gates: number;
  /** Null when the ledger cannot be read. */
  batches: number | null;
}

/** What a probe of a space found. */
export interface Health {
  space: string;
  ok: boolean;
  reachable: boolean;
  verdict: string;
  hint: string;
  round_trip_ms: number | null;
  /** How many slots there are, for the bus. */
  slots: number | null;
  /** How many objects lie among them that are none of ours. */
  foreign: number | null;
}
