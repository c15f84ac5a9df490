/** What a plan is, and all that the bindings know of this library: bytes, ranges and addresses. */
import type { Numbers } from "../events.js";
import type { HostLayer } from "../graph/hostwork.js";

export type { HostLayer, Numbers };

/** The columns of one table and of its children, by the plan's slots. */
export interface TableData {
  readonly rows: number;
  readonly columns: ReadonlyMap<number, Numbers>;
}

/** A range of the tape, in bytes from its start. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ColumnSlot {
  readonly slot: number;
  /** The number of the grain whose rows these are. */
  readonly grain: number;
  readonly address: number;
  readonly width: number;
  readonly dtype: "f32" | "f64" | "i32";
}

export interface FoldSlot {
  /** The number of its way to merge in the kernels. */
  readonly kind: number;
  /** How many numbers are merged. */
  readonly size: number;
  readonly address: number;
}

/** The rows of a table, or of a child of it, as far as they are worked on at once. */
export interface Grain {
  readonly table: string;
  /** The number of the grain of the parent, -1 of the table of its own. */
  readonly parent: number;
  /** The column that says where the children of each parent begin, -1 of the table of its own. */
  readonly offsets: number;
  /** Where the executable writes the first row, how many there are, and i32[parents + 1]: where children begin. */
  readonly rowBase: number;
  readonly count: number;
  readonly first: number;
  /** Most rows that there is room for. */
  readonly capacity: number;
}

/**
 * A step of a sweep: code for each tile of the rows of a grain, with a prologue for what is the same in every tile; or code
 * that runs once, on all rows that are worked on.
 */
export type Phase =
  | {
      readonly kind: "tile";
      readonly grain: number;
      readonly prologue: Range;
      readonly code: Range;
      /** The prologue runs for every chunk, not for every block: the code may spoil what it made. */
      readonly again: boolean;
    }
  | { readonly kind: "whole"; readonly code: Range };

/**
 * One pass over the events of a table and their children. A block of its rows is worked on in chunks: of each, columns are
 * staged, the phases run one after the other, and outputs are taken out.
 */
export interface Sweep {
  readonly table: string;
  readonly lanes: number;
  /** Rows of a block: what one leaf of the tree of sums holds. */
  readonly block: number;
  /** Rows of a chunk, and those of their children are all there. */
  readonly chunk: number;
  /** That of the table is the first; a parent stands before its children. */
  readonly grains: readonly Grain[];
  readonly phases: readonly Phase[];
  readonly columns: readonly ColumnSlot[];
  /** Event outputs; `slot` is the position among the outputs. */
  readonly outputs: readonly ColumnSlot[];
  readonly folds: readonly FoldSlot[];
  /** The states of all folds, contiguous. */
  readonly state: { readonly address: number; readonly bytes: number };
}

/** What a host computes for a group of blocks, between two legs. */
export interface HostCall {
  /** The number of its network: calls of one network on the same inputs share what was computed. */
  readonly run: number;
  readonly kind: "forward" | "reverse";
  /** Streams that it is given: inputs, and of a reverse the cotangents of what came out. */
  readonly ins: readonly number[];
  /** The stream that it fills: of a forward what comes out, of a reverse the cotangents of the inputs; -1 for none. */
  readonly out: number;
  /** Where the sums of the cotangents of its parameters go. */
  readonly sums: FoldSlot | null;
}

/** Layers with the places of their parameters, W and b of each: small f64. */
export interface HostNetwork {
  readonly layers: readonly HostLayer[];
  readonly parameters: readonly { readonly address: number; readonly size: number }[];
}

/**
 * One pass over a table in which a host takes part. For each group of blocks: a leg, which is a sweep over its blocks, calls of
 * the host, the next leg. Between them go streams of f32, as long as a group: a leg writes them as outputs and reads them as
 * columns, number s in slot -2 - s; -1 is none.
 */
export interface Hosted {
  readonly table: string;
  readonly block: number;
  /** Numbers that a row has in each stream. */
  readonly streams: readonly number[];
  readonly networks: readonly HostNetwork[];
  readonly legs: readonly Sweep[];
  /** Those after each leg. */
  readonly calls: readonly (readonly HostCall[])[];
  /** Sums that the host makes. */
  readonly sums: Pick<Sweep, "folds" | "state">;
}

/** Who computes between legs. Rows are [row][feature], and whole blocks but for the last of a table. */
export interface Host {
  /** Blocks of a group, for a table of so many rows. Throws where it cannot do it. */
  groupBlocks(hosted: Hosted, rows: number): number;
  /** Begins a pass over a table of so many rows with the parameters of each network, flat. */
  begin(hosted: Hosted, rows: number, parameters: readonly Float64Array[]): HostRun;
}

/** A host at work on one pass. */
export interface HostRun {
  /** The next group. */
  group(): HostGroup;
}

/** A host at work on a group of blocks. */
export interface HostGroup {
  /** `out` is as long as the stream that the call fills, `sums` are f64 sums of each block one after the other. */
  call(
    call: HostCall,
    ins: readonly Float32Array[],
  ): Promise<{ readonly out: Float32Array | null; readonly sums: Float64Array | null }>;
}

/** A level: small code, then the sweeps whose inputs are ready. */
export interface Stage {
  readonly code: Range;
  readonly sweeps: readonly Sweep[];
  /** Passes in which a host takes part, in no order with the sweeps. */
  readonly hosted: readonly Hosted[];
}

export type OutputSlot =
  | {
      readonly kind: "small";
      /** Without axes: returned as a number. */
      readonly scalar: boolean;
      readonly address: number;
      readonly size: number;
      readonly dtype: "f64" | "i32";
    }
  | {
      readonly kind: "events";
      readonly table: string;
      readonly width: number;
      readonly dtype: "f32" | "f64" | "i32";
    };

/** What the executable runs: bytes, ranges and addresses. It knows no tensors and no ops. */
export interface Plan {
  readonly base: number;
  /** End of the memory the plan needs. */
  readonly bytes: number;
  /** The tape, written to `codeBase` when the plan is loaded. */
  readonly codeBase: number;
  readonly code: Int32Array;
  /** Index tables of shape ops. */
  readonly tables: readonly { readonly address: number; readonly values: Int32Array | Float64Array }[];
  readonly constants: readonly { readonly address: number; readonly value: number }[];
  readonly inputs: readonly {
    readonly slot: number;
    readonly address: number;
    readonly size: number;
    readonly dtype: "f64" | "i32";
  }[];
  /** Places of 64 bytes behind buffers that no kernel may touch; none but in checked runs. */
  readonly guards: readonly number[];
  /** Run when the plan is loaded: what depends on no input. */
  readonly setup: Range;
  readonly stages: readonly Stage[];
  readonly outputs: readonly OutputSlot[];
  /** Values of small tensors and fold states: all that a sweep on another instance needs to know. */
  readonly shared: { readonly address: number; readonly bytes: number };
  /** Instructions per tile and per run, for bench and print. */
  readonly counts: { readonly tile: number; readonly small: number };
}
