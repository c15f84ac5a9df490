import { fitBytes } from "../generated/agreed";
import { place } from "./envelope";

/**
 * A quadratic model of an objective around x, in a box: g.p + p.(H + lambda D)p / 2 with lower <= x + p <= upper.
 * Pointers to n f64 (or n i32 where named so), all in one scratch area that begins with this record. Hessians and factors
 * are lower triangles in envelopes (`envelope.ts`).
 */
// @ts-ignore: decorator
@unmanaged
export class Model {
  n: usize;
  /** Size of the free set of the last factorisation. */
  free: usize;
  lower: usize;
  upper: usize;
  /** The point, its gradient and Hessian; zero where a coordinate is fixed. */
  x: usize;
  g: usize;
  h: usize;
  /** Where the search began. */
  start: usize;
  /** The first Newton step of its end. */
  first: usize;
  /** The same for a trial. */
  nextX: usize;
  nextG: usize;
  nextH: usize;
  /** D: sizes of the curvatures, positive. */
  d: usize;
  /** The step and the gradient of the model there. */
  p: usize;
  r: usize;
  /** The same for a trial. */
  nextP: usize;
  nextR: usize;
  /** Right-hand side and solution on the free set. */
  b: usize;
  /** Cholesky factor of the free block, and where its rows are. */
  l: usize;
  free0: usize;
  freeAt: usize;
  /** i32: the first column of each row of the Hessian, and where its column 0 would be. */
  first0: usize;
  at: usize;
  /** i32: 1 where a coordinate may not move. */
  fixed: usize;
  /** i32: -1 at the lower bound, 1 at the upper, for x + p. */
  side: usize;
  nextSide: usize;
  /** i32: 1 where a coordinate is not in the free set. */
  held: usize;
  /** i32: the coordinates of the free set. */
  index: usize;
  /** i32: where the objective is not smooth in a coordinate; see `any_minimize`. */
  kinks: usize;
  /** p.D p and p.H p of the last step. */
  size: f64;
  bend: f64;
  /** How the last search ended (-1 before the first), and after how many evaluations. */
  status: i32;
  steps: u32;
  /** How far the start of a search is from a minimum that is known. */
  far: f64;
  /** The objective at the point, after a change of sides. */
  value: f64;
  /** The objective at the start of the search. */
  begun: f64;
  /** The part of x by which a step counts as none. */
  rest: f64;
  /** The damping, and how it changes; see `damping.ts`. */
  lambda: f64;
  growth: f64;
  shrink: f64;
  bad: f64;
  good: f64;
}

/**
 * Lays the arrays for n parameters out at scratch, of `fitBytes`; the record comes first. Row i of the
 * Hessian begins at column first[i]; without `first` at 0. So it has `entries` numbers.
 */
export function layout(m: Model, scratch: usize, n: usize, first: usize): void {
  const vector = n * 8;
  let at = scratch + 256;
  m.n = n;
  m.free = 0;
  m.x = at;
  m.g = at += vector;
  m.start = at += vector;
  m.first = at += vector;
  m.nextX = at += vector;
  m.nextG = at += vector;
  m.d = at += vector;
  m.p = at += vector;
  m.r = at += vector;
  m.nextP = at += vector;
  m.nextR = at += vector;
  m.b = at += vector;
  m.lower = at += vector;
  m.upper = at += vector;
  m.fixed = at += vector;
  m.side = at += n * 4;
  m.nextSide = at += n * 4;
  m.held = at += n * 4;
  m.index = at += n * 4;
  m.kinks = at += n * 4;
  m.free0 = at += n * 4;
  m.freeAt = at += n * 4;
  m.first0 = at += n * 4;
  m.at = at += n * 4;
  if (first) memory.copy(m.first0, first, n * 4);
  else memory.fill(m.first0, 0, n * 4);
  const matrix: usize = place(m.first0, m.at, n) << 3;
  m.h = at = (at + n * 4 + 7) & ~7;
  m.nextH = at += matrix;
  m.l = at += matrix;
  if (!ASC_NO_ASSERT) assert(at + matrix <= scratch + fitBytes(n, matrix >> 3), "a fit has too little room");
}

/** The address of element (i, j) of a lower triangle, j from its first column to i. */
export function element(m: Model, h: usize, i: usize, j: usize): usize {
  return h + 8 * (<usize>load<u32>(m.at + i * 4) + j);
}

/** Whether two vectors have the same numbers. */
export function equal(a: usize, b: usize, n: usize): bool {
  for (let i: usize = 0; i < n * 8; i += 8) if (load<f64>(a + i) != load<f64>(b + i)) return false;
  return true;
}
