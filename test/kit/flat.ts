import { NdArray } from "../../src/index.js";

/** The numbers of a result in row-major order, whatever its shape. */
export const flat = (x: unknown): number[] =>
  typeof x === "number" ? [x] : Array.from(x instanceof NdArray ? x.data : (x as Float64Array));
