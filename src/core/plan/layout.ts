/** What a plan is, and all that the bindings know of this library: bytes, ranges and addresses. */
export type { Numbers } from "../events.js";

/** A range of the tape, in bytes from its start. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface ColumnSlot {
  readonly slot: number;
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

/** One pass over the events of a table. */
export interface Sweep {
  readonly table: string;
  /** Run before every block: values that are the same in every tile. */
  readonly prologue: Range;
  readonly tile: Range;
  readonly lanes: number;
  /** Rows of a block: what one leaf of the tree of sums holds. */
  readonly block: number;
  /** Tiles that the staging areas of columns and outputs hold. */
  readonly staged: number;
  readonly columns: readonly ColumnSlot[];
  /** Event outputs; `slot` is the position among the outputs. */
  readonly outputs: readonly ColumnSlot[];
  readonly folds: readonly FoldSlot[];
  /** The states of all folds, contiguous. */
  readonly state: { readonly address: number; readonly bytes: number };
  readonly rowBase: number;
}

/** A level: small code, then the sweeps whose inputs are ready. */
export interface Stage {
  readonly code: Range;
  readonly sweeps: readonly Sweep[];
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
