/** A batch, as the server describes it. */
export interface Batch {
  /** Its public name, made from folder and filter. */
  key: string;
  /** The whole path, or `space:path`. */
  folder: string;
  /** The folder's own name. */
  name: string;
  /** The patterns that count. */
  filter: string;
  state: "fresh" | "walking" | "paused" | "stopped" | "finished";
  /** Whether a run works on a file now. */
  running: boolean;
  /** The 0-based place of the current file, or of the next one. */
  index: number;
  total: number;
  done: number;
  skipped: number;
  /** Files whose result has another name, because another file has the one it wanted. */
  renamed?: number;
  /** Pictures of the folder that are not listed, because they cannot be read. */
  unread?: number;
  left: number;
  /** The file at `index`, or "". */
  file: string;
  /** The number of the last attempt at a file. */
  serial: number;
  /** A line such as `12 of 340 · 2 skipped · portraits`. */
  status: string;
  /** Why it stopped, or "". */
  message: string;
  /** What brought the last run about, or "". */
  trigger: string;
  /** The trigger that asked somebody else to queue the next run, or "". */
  waits_for: string;
  /** When it last changed, in Unix milliseconds. */
  updated: number;
  /** Seconds that are left at the pace of the last files; null when it cannot be told. */
  eta: number | null;
}

/** What a loader's widgets lead to. */
export interface Found {
  /** "" when nothing is known of it. */
  key: string;
  batch: Batch | null;
  /** The trigger that the configuration names. */
  trigger: string;
}

/** A file that was skipped. */
export interface Skipped {
  index: number;
  name: string;
  reason: string;
}

/** The folders of one folder. */
export interface Folders {
  /** It, as in a loader's `directory`; "" for where one can begin. */
  at: string;
  /** What leads back; null at the top. */
  up: string | null;
  folders: { name: string; directory: string }[];
}
