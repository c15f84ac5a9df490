import { hessian } from "../../core/derive/transform.js";
import { fullLike } from "../../core/elementary/align.js";
import { where } from "../../core/elementary/arith.js";
import { concat } from "../../core/elementary/join.js";
import { matmul, solve } from "../../core/elementary/linalg.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { constantArray } from "../../core/run/trace.js";
import { gather, scatter } from "../../ops/rows.js";
import type { Likelihood } from "../likelihood.js";
import { type Entries, type Group, Layout } from "./hessianlayout.js";

/** The inverse of a Hessian among the parameters that move, 0 elsewhere. */
export interface Inverse {
  /** Its diagonal [npars]. */
  readonly variance: Tensor;
  /** Its rows and columns of some parameters [k, k]. */
  covariance(parameters: Int32Array): Tensor;
}

/** The Hessian of -log L at a point. */
export interface Curved {
  /** Its diagonal [npars]. */
  readonly own: Tensor;
  /** `moves` [npars] is 1 for parameters that move; `ridge` [npars] is added to the diagonal of these. */
  invert(moves: Tensor, ridge?: Tensor): Inverse;
}

/** The n × n unit matrix. */
export function identity(n: number): Tensor {
  return constantArray(
    Float64Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0)),
    [n, n],
  );
}

/** The diagonals of square matrices [..., n, n]. */
export function diagonal(m: Tensor): Tensor {
  const n = m.shape.at(-1)!;
  const index = Int32Array.from({ length: n }, (_, i) => i * (n + 1));
  return gather(m.reshape([...m.shape.slice(0, -2), n * n]), constantArray(index));
}

/** The elements of `parameters` in a matrix of all. */
function chosen(m: Tensor, parameters: Int32Array): Tensor {
  const n = m.shape[0]!;
  if (parameters.length === n && parameters.every((par, i) => par === i)) return m;
  return gather(gather(m, constantArray(parameters)).transpose(), constantArray(parameters)).transpose();
}

/**
 * The Hessian of -log L: in closed form where nobody differentiates it, else derived, which always can be. Where most of it is
 * zero, as blocks.
 */
export function curvedAt(model: Likelihood, pars: Tensor, data: Tensor, closed: boolean): Curved {
  const sparse = model.sparse?.() ?? null;
  if (!sparse) return dense(hessianAt(model, pars, data, closed));
  const layout = new Layout(sparse);
  const entries = closed
    ? layout.triangle(sparse.hessian(pars, data).triangle)
    : layout.derived((x) => model.nll(x, data), pars);
  const own = new Int32Array(pars.size);
  layout.order.forEach((par, place) => {
    own[par] = entries.at(place, place);
  });
  return {
    own: gather(entries.values, constantArray(own)),
    invert: (moves, ridge) => new Eliminated(layout, entries, moves, ridge),
  };
}

/** The whole matrix [npars, npars]. */
export function hessianAt(model: Likelihood, pars: Tensor, data: Tensor, closed: boolean): Tensor {
  return closed ? model.hessian(pars, data) : (hessian((x: Tensor) => model.nll(x, data))(pars) as Tensor);
}

function dense(curvature: Tensor): Curved {
  return {
    own: diagonal(curvature),
    invert: (moves, ridge) => {
      const inverse = covarianceOf(curvature, moves, ridge);
      return { variance: diagonal(inverse), covariance: (parameters) => chosen(inverse, parameters) };
    },
  };
}

/** Inverse of the Hessian on the free parameters, 0 elsewhere. */
export function covarianceOf(curvature: Tensor, free: Tensor, ridge?: Tensor): Tensor {
  const n = free.size;
  const both = free.reshape([n, 1]).mul(free.reshape([1, n]));
  const unit = identity(n);
  // A Hessian is not finite where parameters that are fixed make it so; what is not used must not spoil the rest.
  const system = where(both.broadcast([n, n]), curvature, 0).add(
    unit.mul(added(free, ridge).reshape([n, 1])),
  );
  return solve(system, unit).mul(both);
}

/** What stands on the diagonal besides the Hessian: 1 for parameters that do not move, else the ridge. */
function added(moves: Tensor, ridge?: Tensor): Tensor {
  const unit = fullLike(moves, 1).sub(moves);
  return ridge ? unit.add(moves.mul(ridge)) : unit;
}

/** Blocks of one size, inverted, and their products with what they meet of the rest [rows, rest]. */
interface Part {
  readonly group: Group;
  /** [blocks, size, size]. */
  readonly inverse: Tensor;
  readonly arms: Tensor | null;
}

/**
 * The inverse of a matrix of blocks and a rest: blocks are eliminated, all of one size at once, and what is left of the
 * rest (its Schur complement) is inverted as it is.
 */
class Eliminated implements Inverse {
  readonly #layout: Layout;
  readonly #moves: Tensor;
  readonly #parts: readonly Part[];
  /** Inverse of what is left of the rest; null where there is none. */
  readonly #core: Tensor | null;
  /** Where each parameter stands in the groups and the rest, one after the other. */
  readonly #position: Int32Array;

  constructor(layout: Layout, entries: Entries, moves: Tensor, ridge?: Tensor) {
    const { groups, rest, order } = layout;
    this.#layout = layout;
    this.#moves = moves;
    this.#position = new Int32Array(order.length);
    let at = 0;
    for (const { rows } of [...groups, rest]) for (const place of rows) this.#position[order[place]!] = at++;

    const marks = (x: Tensor, { rows }: Group) =>
      gather(x, constantArray(rows.map((place) => order[place]!)));
    const square = (group: Group) => {
      const { size, rows } = group;
      const count = rows.length / size;
      const mine = marks(moves, group);
      const both = mine.reshape([count, size, 1]).mul(mine.reshape([count, 1, size]));
      const shape = [count, size, size];
      const raw = read(entries, group, (q) => rows.subarray(q - (q % size), q - (q % size) + size), shape);
      const diagonals = marks(added(moves, ridge), group).reshape([count, size, 1]);
      return where(both, raw, 0).add(diagonals.mul(identity(size)));
    };
    let left: Tensor | null = rest.size > 0 ? square(rest).reshape([rest.size, rest.size]) : null;
    this.#parts = groups.map((group) => {
      const { size, rows } = group;
      const count = rows.length / size;
      const unit = identity(size).reshape([1, size, size]).broadcast([count, size, size]);
      const inverse = solve(square(group), unit);
      if (!left) return { group, inverse, arms: null };
      const both = marks(moves, group)
        .reshape([rows.length, 1])
        .mul(marks(moves, rest).reshape([1, rest.size]));
      const border = where(
        both,
        read(entries, group, () => rest.rows, [rows.length, rest.size]),
        0,
      );
      const arms = matmul(inverse, border.reshape([count, size, rest.size])).reshape([
        rows.length,
        rest.size,
      ]);
      left = left.sub(matmul(border.transpose(), arms));
      return { group, inverse, arms };
    });
    this.#core = left ? solve(left, identity(rest.size)) : null;
  }

  get variance(): Tensor {
    const core = this.#core;
    const each: Tensor[] = this.#parts.map(({ group, inverse, arms }) => {
      const own = diagonal(inverse).reshape([group.rows.length]);
      return core && arms ? own.add(matmul(arms, core).mul(arms).sum([-1])) : own;
    });
    if (core) each.push(diagonal(core));
    const variance = gather(concat(each), constantArray(this.#position));
    return where(this.#moves, variance, 0);
  }

  covariance(parameters: Int32Array): Tensor {
    const k = parameters.length;
    const { order } = this.#layout;
    const place = new Map(Array.from(parameters, (par, i) => [par, i]));
    const moves = gather(this.#moves, constantArray(parameters));
    const both = moves.reshape([k, 1]).mul(moves.reshape([1, k]));
    const sums: Tensor[] = this.#parts.map(({ group: { size, rows }, inverse }) => {
      const index = new Int32Array(inverse.size).fill(-1);
      for (let q = 0; q < rows.length; q++) {
        const i = place.get(order[rows[q]!]!);
        for (let c = 0; i !== undefined && c < size; c++) {
          const j = place.get(order[rows[q - (q % size) + c]!]!);
          if (j !== undefined) index[q * size + c] = i * k + j;
        }
      }
      return scatter(inverse.reshape([inverse.size]), constantArray(index), k * k).reshape([k, k]);
    });
    if (this.#core) {
      // The rest moves the blocks by minus their arms, and itself by 1.
      const s = this.#core.shape[0]!;
      const arms = this.#parts.flatMap(({ arms: a }) => (a ? [a.neg().reshape([a.size])] : []));
      const all = concat([...arms, identity(s).reshape([s * s])]).reshape([order.length, s]);
      const rows = gather(
        all.transpose(),
        constantArray(Int32Array.from(parameters, (par) => this.#position[par]!)),
      );
      sums.push(matmul(rows.transpose(), matmul(this.#core, rows)));
    }
    return where(
      both,
      sums.reduce((a, b) => a.add(b)),
      0,
    );
  }
}

/** The elements of rows at the columns of each. */
function read(
  { values, at }: Entries,
  { rows }: Group,
  columns: (q: number) => Int32Array,
  shape: readonly number[],
): Tensor {
  const index = new Int32Array(shape.reduce((a, b) => a * b, 1));
  let e = 0;
  rows.forEach((row, q) => {
    for (const column of columns(q)) index[e++] = at(row, column);
  });
  return gather(values, constantArray(index, shape));
}
