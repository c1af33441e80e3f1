/** The small part of ComfyUI's frontend that this pack touches. */

export interface Slot {
  name: string;
  type: string | number;
  label?: string;
  /** Ids of the links of an output. */
  links?: number[] | null;
  /** Id of the link of an input. */
  link?: number | null;
}

export interface Link {
  id: number;
  origin_id: number | string;
  origin_slot: number;
  target_id: number | string;
  target_slot: number;
}

export interface Widget {
  name: string;
  type: string;
  value: unknown;
  label?: string;
  tooltip?: string;
  serialize?: boolean;
  width?: number;
  options: Record<string, any>;
  callback?: (...args: any[]) => unknown;
}

/** An output of a subgraph, seen from inside. */
export interface SubgraphOutput {
  linkIds: number[];
  connect(slot: Slot, node: GraphNode): unknown;
}

export interface Graph {
  id?: string;
  nodes: GraphNode[];
  links: Map<number, Link>;
  /** The borders of a subgraph. */
  inputNode?: { id: number | string; slots: { linkIds?: number[] }[] };
  outputNode?: { id: number | string; slots: SubgraphOutput[] };
  getNodeById(id: string | number): GraphNode | null | undefined;
  getLink(id: number): Link | undefined;
  add(node: GraphNode): unknown;
}

export interface GraphNode {
  id: string | number;
  type: string;
  title?: string;
  comfyClass?: string;
  mode?: number;
  flags?: { collapsed?: boolean };
  graph?: Graph | null;
  subgraph?: Graph;
  isVirtualNode?: boolean;
  inputs: Slot[];
  outputs: Slot[];
  widgets?: Widget[];
  properties: Record<string, any>;
  size: [number, number];
  setSize(size: [number, number]): void;
  computeSize(): [number, number];
  addOutput(name: string, type: string): Slot;
  removeOutput(slot: number): void;
  connect(slot: number, target: GraphNode, input: number): unknown;
  isInputConnected?(slot: number): boolean;
  isOutputConnected?(slot: number): boolean;
  getInputLink?(slot: number): Link | null;
  getOutputNodes?(slot: number): GraphNode[] | null;
  addWidget(type: string, name: string, value: unknown, callback: () => void, options: Record<string, unknown>): Widget;
  addDOMWidget(name: string, type: string, element: HTMLElement, options: Record<string, unknown>): Widget;
  pos: [number, number];
  constructor: Function & { nodeData?: { output_node?: boolean } };
  collapse?(force?: boolean): void;
  updateArea?(context?: CanvasRenderingContext2D): void;
  setDirtyCanvas?(foreground: boolean, background: boolean): void;
  onSerialize?(data: any): void;
  onRemoved?(): void;
  onAdded?(graph: Graph): void;
  onOutputDblClick?(slot: number, event: Event): void;
}

export interface Canvas {
  canvas: HTMLCanvasElement;
  ctx?: CanvasRenderingContext2D;
  graph: Graph;
  selectedItems?: Set<unknown>;
  linkConnector?: { isConnecting: boolean };
  ds: { scale: number; offset: [number, number] };
  setDirty(foreground: boolean, background: boolean): void;
  emitBeforeChange(): void;
  emitAfterChange(): void;
  setGraph(graph: Graph): void;
  selectNode?(node: GraphNode): void;
  centerOnNode?(node: GraphNode): void;
  fitViewToSelectionAnimated?(): void;
  processMouseWheel(event: WheelEvent): void;
  processMouseDown(event: PointerEvent): void;
  processMouseMove(event: PointerEvent): void;
  processMouseUp(event: PointerEvent): void;
}

/** A workflow that is open in a tab of its own. */
export interface Workflow {
  filename?: string;
  path: string;
  activeState?: { id?: string } | null;
}

export interface App {
  graph: Graph;
  rootGraph?: Graph;
  canvas: Canvas;
  extensionManager: {
    toast: { add(message: { severity: string; summary: string; detail?: string; life?: number }): void };
    dialog: {
      prompt(options: { title: string; message: string; defaultValue?: string }): Promise<string | null>;
      confirm(options: { title: string; message: string; type?: string }): Promise<boolean | null>;
    };
    setting: { get<T>(id: string): T | undefined; set(id: string, value: unknown): Promise<void> };
    workflow: { activeWorkflow: Workflow | null; openWorkflows: Workflow[] };
    registerSidebarTab(tab: Record<string, unknown>): void;
    sidebarTab: { activeSidebarTabId: string | null; sidebarTabs?: { id: string; iconBadge?: string }[] };
  };
  graphToPrompt(...args: any[]): Promise<{ workflow: unknown; output: Record<string, { inputs: Record<string, unknown> }> }>;
  loadGraphData(data: unknown, clean?: boolean, restoreView?: boolean, workflow?: Workflow | null): Promise<unknown>;
  queuePrompt(number: number, batchCount: number, queueNodeIds?: string[]): Promise<boolean>;
  registerExtension(extension: Record<string, unknown>): void;
  clientPosToCanvasPos(at: [number, number]): [number, number];
}

export interface AppClass {
  clipspace_return_node: unknown;
  open_maskeditor: (() => void) | null;
}

export interface Api {
  clientId?: string;
  user?: string;
  apiURL(path: string): string;
  fetchApi(path: string, init?: RequestInit): Promise<Response>;
  addEventListener(event: string, listener: (event: CustomEvent<any>) => void): void;
}
