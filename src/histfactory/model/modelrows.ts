import type { ModifierType } from "../modifiers/index.js";
import { Walk } from "./cells.js";
import type { Config } from "./config.js";
import type { CustomUse } from "./custommodifier.js";
import type { Values } from "./modelvalues.js";

/** Rows of (parameter, sample, bin) as integers: the structure of a model. */
export interface Tables {
  readonly bins: number;
  readonly cells: number;
  /** Bin of each cell. */
  readonly cellBin: Int32Array;
  /** Samples of channels; each cell belongs to one. */
  readonly groups: number;
  readonly cellGroup: Int32Array;
  /** Parameter of each normsys row. */
  readonly normPar: Int32Array;
  /**
   * Factors of groups [factors, groups], as places in [normsys rows, parameters], and of cells [factors, cells], as
   * places in [groups, parameters]; -1 is none.
   */
  readonly groupFactors: Grid;
  readonly cellFactors: Grid;
  /** Parameters with shifts; of each shift its place among them, and its cell. */
  readonly shiftPars: Int32Array;
  readonly shiftPar: Int32Array;
  readonly shiftCell: Int32Array;
  /** Runs of shifts: the parameter's place, first cell, first shift, length. */
  readonly shiftBlocks: Int32Array;
  /** Uncertain cells, by the type of their modifiers. */
  readonly uncertain: { readonly [T in ModifierType]?: UncertainCells };
  /** Constraint terms: place among the auxiliary data, and parameter. */
  readonly normalAux: Int32Array;
  readonly normalPar: Int32Array;
  readonly poissonAux: Int32Array;
  readonly poissonPar: Int32Array;
}

/** Integers [rows, columns], row-major. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly index: Int32Array;
}

/** Cells from whose uncertainties constraints follow. */
export interface UncertainCells {
  readonly cell: Int32Array;
  /** The component of each cell, among those of all parameters of the type. */
  readonly of: Int32Array;
  /** Of each component its place among the auxiliary data, -1 where the measurement says that number. */
  readonly auxdata: Int32Array;
  readonly factors: Int32Array;
  readonly sigmas: Int32Array;
  /** The parameter, which stays where it is without a constraint; -1 where the measurement decides. */
  readonly par: Int32Array;
}

/** The structure and the numbers of a model. */
export function tables(config: Config): {
  tables: Tables;
  values: Values;
  uses: readonly CustomUse[];
} {
  const walk = new Walk(config);
  for (const place of config.places) walk.place(place);
  return walk.finish();
}
