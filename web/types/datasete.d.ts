/** A waiting gate, as the server describes it. */
export interface Gate {
  /** The node's execution id. */
  id: string;
  /** Needed to answer the gate. */
  token: string;
  routes: number;
  frames: number;
  width: number;
  height: number;
  /** The path of its first frame's preview. */
  preview: string;
  prompt_id?: string;
  list_index?: number;
  /** Seconds it had waited when the server described it. */
  elapsed?: number;
  /** The slot its picture was loaded from, or "". */
  slot?: string;
  /** Seconds since that slot was published. */
  slot_age?: number | null;
  /** Whether a mask was painted for it already. */
  masked?: boolean;
  /** How often a mask was painted for it. */
  paintings?: number;
  /** Whether it has a mask to show: a painted one, or the slot's. */
  tinted?: boolean;
  /** Whether its frames have masks that differ. */
  masks_differ?: boolean;
  /** Whether it is the one that its node shows now. */
  shown?: boolean;
  /** The id of the workflow it belongs to, where the server knows it. */
  workflow?: string;
  /** The id of the node at which a person sees it: not its own id when it is a copy that a loop made. */
  display?: string;
  /** What that node is called in the run's workflow, or "". */
  title?: string;
  /** The labels of its routes there; "" for one without a label. */
  labels?: string[];
  /** What happens when nobody answers: `left` in seconds when the server described it. */
  policy?: { route: number; at: number; left: number; reason: string } | null;
  /** Its place in the node's list input, from 0, and how many items are known so far. */
  list?: { index: number; count: number } | null;
  /** The file it is about, in a batch that walks a folder; `index` from 0. */
  batch?: { index: number; total: number; filename: string } | null;
  /** Why its answer could not be carried out; the gate is kept until somebody tries again or stops. */
  trouble?: { message: string; hint: string; route?: number } | null;
  /** Whether this tab queued its run. */
  own?: boolean;
  /** When it began to wait, by this page's clock, in milliseconds. */
  since?: number;
  /** When its policy decides, likewise. */
  due?: number;
}

/** How a gate ended: by a route chosen here, or for the reason the server gave. */
export interface Verdict {
  route?: number;
  reason: string;
  /** The title of the other node at which the run was stopped. */
  place?: string;
  /** The same in a few words. */
  status?: string;
  /** Why nothing was asked, and what to do. */
  message?: string;
  hint?: string;
}
