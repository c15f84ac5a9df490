/*
 * What ops and kernels agree on: numbers of choices, places of operands, bytes to work in. It is stated here alone;
 * assembly/generate.mjs makes AssemblyScript of it. Its forms are few: `{ name: number }`, `["operand", …]` in the order
 * of the words of an instruction, a number, and a function of sizes to bytes.
 */

/** How states of folds are merged. */
export const merges = { add: 0, max: 1, logsumexp: 2 } as const;

/** What the dense kernel does with its output; `gate` is the reverse rule of relu. */
export const activations = { none: 0, relu: 1, tanh: 2, sigmoid: 3, gate: 4 } as const;

/** Soft steps of a product of cuts. */
export const steps = { sigmoid: 0, normal: 1 } as const;

/** Additive codes of HistFactory; "code2c" is code2 made continuous at ±1. */
export const additiveCodes = { code0: 0, code2: 2, code2c: 5, code4p: 4 } as const;

/** How a fit ends. */
export const fitEnds = { converged: 0, maxSteps: 1, notFinite: 2, noDescent: 3, crossed: 4 } as const;

/** How a search for a root ends: numbers that no fit ends with, so that one can stand for either. */
export const rootEnds = { converged: 0, jump: 5, sameSign: 6, noValue: 7 } as const;

/** Operands of `any_minimize`. */
export const fitWords = [
  ...[
    "n",
    "out",
    "x0",
    "free",
    "lower",
    "upper",
    "hole",
    "fgStart",
    "fgEnd",
    "hStart",
    "hEnd",
    "f",
    "g",
    "h",
  ],
  ...["maxSteps", "scratch", "starts", "always", "mirror", "kinks", "first", "along"],
] as const;

/** Bytes that a fit of n coordinates works in, with so many entries in the triangle of the Hessian. */
export const fitBytes = (n: number, entries: number): number => 8 * (3 * entries + 20 * n) + 320;

/** Stands in place of the order of a derivative where squares are summed. */
export const squaresOrder = -1;

/** Most cells that events of a smoothed histogram are gathered in, for m edges. */
export const mostCells = (m: number): number => Math.min(512 + 8 * m, 16384);

/** Bytes of a frame over m edges: a head, and three rows. */
export const frameBytes = (m: number): number => 192 + 24 * (m + 6);

/** Bytes in front of it where squares of shares are made. */
export const squaresBytes = (m: number): number => 2048 + 160 * (m + 6);

/** Bytes that a smoothed histogram works in behind that; a cell has 16 f64. */
export const kdeSumBytes = (m: number, cells: number): number => frameBytes(m) + 128 * cells;

/** Bytes of the room of a map for at most 16 rows, in front of the frame. */
export const mapRoom = 512;

/** Bytes that a map of so many rows works in. */
export const kdeMapBytes = (m: number, cells: number, rows: number): number =>
  mapRoom + 128 + frameBytes(m) + cells * (4 + 128 * rows);

/** Bytes of n numbers of a size, in whole vectors. */
export const vectorBytes = (n: number, size: number): number => (n * size + 15) & ~15;

/** Most inputs that a pass of the dense kernel has: 256 f64 of two vectors stay in the first cache. */
export const LONGEST = 256;

/** Bytes that the dense kernel packs bias and weights [k, n] into, with room for a panel and a flag. */
export const denseBytes = (k: number, n: number, size: number): number =>
  vectorBytes(n, size) + vectorBytes(k * n, size) + 32 * Math.min(k, LONGEST) + 16;
