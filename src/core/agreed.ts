/*
 * What ops and kernels agree on: numbers of choices, places of operands, bytes to work in. It is stated here alone;
 * assembly/generate.mjs makes AssemblyScript of it. Its forms are few: `{ name: number }`, `["operand", …]` in the order
 * of the words of an instruction, a number, and a function of sizes to bytes.
 */

/** How states of folds are merged. */
export const merges = { add: 0, max: 1, logsumexp: 2 } as const;

/** f64 that the state of a fold has for each number: with a maximum goes the sum of exponentials below it. */
export const stateRows = { add: 1, max: 1, logsumexp: 2 } as const;

/** Bits that say whose zeros are strong in a product: see `graph/strong`. */
export const strongZeros = { first: 1, second: 2 } as const;

/** Bits that say where an objective of `minimize` is not smooth in a coordinate: at 0, at -1 and 1. */
export const kinkBits = { zero: 1, one: 2 } as const;

/** What the dense kernel does with its output; `gate` is the reverse rule of relu. */
export const activations = { none: 0, relu: 1, tanh: 2, sigmoid: 3, gate: 4 } as const;

/** Soft steps of a product of cuts. */
export const steps = { sigmoid: 0, normal: 1 } as const;

/** Additive codes of HistFactory; "code2c" is code2 made continuous at ±1. */
export const additiveCodes = { code0: 0, code2: 2, code2c: 5, code4p: 4 } as const;

/** Rows of coefficients of a multiplicative interpolation: six of a polynomial, two exponents. */
export const factorRows = 8;

/** Integers of a block of a weighted sum of rows: its weight, its first place among the sums, its first row, its length. */
export const blockWords = 4;

/** How a fit ends. */
export const fitEnds = { converged: 0, maxSteps: 1, notFinite: 2, noDescent: 3, crossed: 4 } as const;

/** How a search for a root ends: numbers that no fit ends with, so that one can stand for either. */
export const rootEnds = { converged: 0, jump: 5, sameSign: 6, noValue: 7 } as const;

/** Places of the answer of a fit behind its coordinates; the last three where it follows a coordinate, the tangent [n]. */
export const fitAnswer = {
  value: 0,
  end: 1,
  steps: 2,
  edm: 3,
  slope: 4,
  curvature: 5,
  tangent: 6,
} as const;

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

/** Operands of `any_minimizeEach`. */
export const eachWords = [
  ...["n", "lanes", "out", "x0", "free", "lower", "upper", "hole"],
  ...["start", "end", "f", "g", "h", "maxSteps", "scratch"],
] as const;

/** Bytes that a fit of n coordinates works in, with so many entries in the triangle of the Hessian. */
export const fitBytes = (n: number, entries: number): number => 8 * (3 * entries + 20 * n) + 320;

/** Bytes that a fit of n coordinates works in between evaluations, for each of the lanes. */
export const laneBytes = (n: number): number => 8 * (3 * ((n * (n + 1)) / 2) + 20 * n) + 320 + 64;

/** Bytes that a system of n equations is solved in, for one lane. */
export const systemBytes = (n: number): number => 8 * (n * n + n);

/** Bytes that searches for roots work in, for so many lanes. */
export const rootBytes = (lanes: number): number => 112 * lanes;

/** Stands in place of the order of a derivative where squares are summed. */
export const squaresOrder = -1;

/** Bandwidths from an edge beyond which squares are 0: they would be subnormal, which is slow. */
export const squaresReach = 25;

/** Most cells that events of a smoothed histogram are gathered in, for m edges. */
export const mostCells = (m: number): number => Math.min(512 + 8 * m, 16384);

/** Cells that there is room for: so many, and one beyond each end. */
export const roomCells = (cells: number): number => cells + 2;

/** Bytes that a run of so many elements is ordered in. */
export const orderBytes = (elements: number): number => 24 * elements;

/** Bytes that sums of combinations are added in, of k numbers for each row. */
export const memberBytes = (k: number, rows: number): number => 8 * (k * rows);

/** Bytes of a frame over m edges: a head, and three rows. */
export const frameBytes = (m: number): number => 192 + 24 * (m + 6);

/** Bytes for one pair of bins whose shares are squared. */
export const squaresHead = 2048;

/** Bytes in front of a frame where squares of shares are made. */
export const squaresBytes = (m: number): number => 160 * (m + 6) + squaresHead;

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

/** Bytes of the partial sums of a contraction: a vector for each cell, and three more that a block of four rows may reach. */
export const contractBytes = (cells: number): number => 16 * cells + 48;

/** Bytes that sums of so many features work in: a vector for each. */
export const sumBytes = (features: number): number => 16 * features;

/** Bytes that a system of n equations is factorised in. */
export const solveBytes = (n: number): number => 8 * n * n;

/** Bytes of the partial products of so many gathered factors. */
export const factorBytes = (factors: number): number => 8 * factors;
