import { fullLike } from "../../core/elementary/align.js";
import { safeMul } from "../../core/elementary/arith.js";
import { concat } from "../../core/elementary/join.js";
import type { Tensor } from "../../core/graph/tensor.js";
import { segmentOuter } from "../../ops/outer.js";
import { gather, scatter } from "../../ops/rows.js";
import type { Config } from "./config.js";
import { type Derived, ints } from "./derived.js";
import { Arrow, type Rows } from "./envelope.js";
import type { Grid, Tables } from "./modelrows.js";

/** What the curvature asks of a model. */
interface Evaluated {
  derived(): Derived;
  factors(pars: Tensor, order?: number): Tensor | null;
  weights(pars: Tensor, order?: number): Tensor | null;
  shifts(weights: Tensor): Tensor;
  base(pars: Tensor): Tensor;
  product(factors: Tensor | null, pars: Tensor): Tensor;
}

interface Parts {
  readonly mixed: readonly [Tensor, Tensor];
  readonly square: readonly [Tensor, Tensor];
  readonly own: Tensor;
}

/** Stands for a factor of exactly zero: small enough that what is left of it rounds away, and divisible by. */
const TINY = 1e-100;

/**
 * Second derivatives of a model's -log L from its rows.
 *
 * A cell is ν = b ∏ f with b its shifted nominal. With l = f'/f for each parameter that meets in the cell, and
 * a = b', the first derivative is P (a + b l) and the mixed second one l_i y_j + y_i l_j with y = P (a + b l / 2),
 * P = ∏ f. So the cost is the pairs of parameters in a cell, and no derivative needs a graph of its own.
 */
export class Curvature {
  readonly #npars: number;
  readonly #tables: Tables;
  /** Rows of (cell, parameter): sorted by both. */
  readonly #cell: Int32Array;
  readonly #bin: Int32Array;
  readonly #par: Int32Array;
  readonly #ends: Int32Array;
  /** Factors of each row [factors][rows], as places in [normsys rows, parameters], and its shift. */
  readonly #sources: readonly Int32Array[];
  readonly #shift: Int32Array;
  /** Rows of (bin, parameter), and the one of each row above. */
  readonly #sumOf: Int32Array;
  readonly #sumBin: Int32Array;
  readonly #sumPar: Int32Array;
  readonly #sumEnds: Int32Array;
  /** The rows of pairs: of cells and of bins. */
  readonly #cells: Rows;
  readonly #bins: Rows;
  readonly arrow: Arrow;

  constructor({ npars }: Config, tables: Tables) {
    this.#npars = npars;
    this.#tables = tables;
    const { cells, cellBin, cellGroup, normPar, groupFactors, cellFactors, groups } = tables;
    const { shiftCell, shiftPar, shiftPars } = tables;
    const column = ({ rows, columns, index }: Grid, j: number) =>
      Array.from({ length: rows }, (_, i) => index[i * columns + j]!).filter((v) => v >= 0);
    const before = groupFactors.rows > 0 ? groups : 0;
    const shiftsOf = Array.from({ length: cells }, (): number[] => []);
    shiftCell.forEach((cell, i) => {
      shiftsOf[cell]!.push(i);
    });

    const rows: Record<"cell" | "par" | "shift" | "ends", number[]> = {
      cell: [],
      par: [],
      shift: [],
      ends: [],
    };
    const sources: number[][] = [];
    for (let cell = 0; cell < cells; cell++) {
      const met = new Map<number, { factors: number[]; shift: number }>();
      const at = (par: number) => {
        if (!met.has(par)) met.set(par, { factors: [], shift: -1 });
        return met.get(par)!;
      };
      // Sources of a factor: its normsys row, or the parameter itself.
      const norms = normPar.length;
      for (const place of before ? column(groupFactors, cellGroup[cell]!) : []) {
        at(place < norms ? normPar[place]! : place - norms).factors.push(place);
      }
      for (const place of column(cellFactors, cell)) {
        if (place >= before) at(place - before).factors.push(norms + place - before);
      }
      for (const i of shiftsOf[cell]!) at(shiftPars[shiftPar[i]!]!).shift = i;
      for (const par of [...met.keys()].sort((a, b) => a - b)) {
        rows.cell.push(cell);
        rows.par.push(par);
        rows.shift.push(met.get(par)!.shift);
        sources.push(met.get(par)!.factors);
      }
      rows.ends.push(rows.cell.length);
    }
    const depth = sources.reduce((most, list) => Math.max(most, list.length), 0);
    this.#cell = Int32Array.from(rows.cell);
    this.#bin = this.#cell.map((cell) => cellBin[cell]!);
    this.#par = Int32Array.from(rows.par);
    this.#shift = Int32Array.from(rows.shift);
    this.#ends = Int32Array.from(rows.ends);
    this.#sources = Array.from({ length: depth }, (_, d) =>
      Int32Array.from(sources, (list) => list[d] ?? -1),
    );

    const keys = Array.from(this.#bin, (bin, q) => bin * npars + this.#par[q]!);
    const unique = [...new Set(keys)].sort((a, b) => a - b);
    const place = new Map(unique.map((key, i) => [key, i]));
    this.#sumOf = Int32Array.from(keys, (key) => place.get(key)!);
    this.#sumBin = Int32Array.from(unique, (key) => Math.floor(key / npars));
    this.#sumPar = Int32Array.from(unique, (key) => key % npars);
    const ends = new Int32Array(tables.bins);
    this.#sumBin.forEach((bin, i) => {
      ends[bin] = i + 1;
    });
    for (let bin = 1; bin < ends.length; bin++) ends[bin] = Math.max(ends[bin]!, ends[bin - 1]!);
    this.#sumEnds = ends;
    this.#cells = { columns: this.#par, ends: this.#ends };
    this.#bins = { columns: this.#sumPar, ends: this.#sumEnds };
    this.arrow = new Arrow(npars, this.#bins);
  }

  /** Second derivatives [npars, npars] of -log L. */
  hessian(model: Evaluated, pars: Tensor, data: Tensor): Tensor {
    const { mixed, square, own } = this.#parts(model, pars, data);
    const segments = ({ columns, ends }: Rows) => ({
      columns: ints(columns),
      ends: ints(ends),
      size: this.#npars,
    });
    return segmentOuter(...mixed, segments(this.#cells), { diagonal: false })
      .add(segmentOuter(...square, segments(this.#bins)))
      .add(diagonal(own));
  }

  /** The same as the entries of the arrow's lower triangle, and its diagonal in that order. */
  triangle(model: Evaluated, pars: Tensor, data: Tensor): { triangle: Tensor; diagonal: Tensor } {
    const { mixed, square, own } = this.#parts(model, pars, data);
    const triangle = this.arrow
      .outer(...mixed, this.#cells, { diagonal: false })
      .add(this.arrow.outer(...square, this.#bins, { diagonal: true }))
      .add(this.arrow.spread(own));
    return { triangle, diagonal: this.arrow.diagonal(triangle) };
  }

  /** What second derivatives are made of: factors of the pairs in cells, of those in bins, and a diagonal. */
  #parts(model: Evaluated, pars: Tensor, data: Tensor): Parts {
    const n = this.#npars;
    const { cellBin, bins, shiftCell } = this.#tables;
    const fill = (x: Tensor) => x.add(x.eq(0).mul(TINY));
    const nonzero = fill(pars);
    const factors = model.factors(pars);
    const filled = factors && fill(factors);
    const [first, second] = [model.factors(pars, 1), model.factors(pars, 2)];
    const slopes = reciprocal(nonzero, first?.div(filled!));
    const bends = second && concat([second.div(filled!), fullLike(pars, 0)]);
    const base = model.base(pars);
    const product = model.product(filled, nonzero);
    const rate = scatter(base.mul(product), ints(cellBin), bins);
    const main = data.slice(0, bins);
    // n / r, and 0 where n is: a square of r, or its inverse, is no number any more where next to nothing is expected.
    const some = rate.add(main.eq(0));
    const rest = fullLike(rate, 1).sub(main.div(some));

    const cell = ints(this.#cell);
    const p = gather(product, cell);
    const bp = gather(base, cell).mul(p);
    const r = gather(rest, ints(this.#bin));
    const each = this.#sources.map((source) => gather(slopes, ints(source)));
    const l = each.length ? each.reduce((a, b) => a.add(b)) : fullLike(p, 0);
    const shifts = (order: number) => {
      const weights = shiftCell.length ? model.weights(pars, order) : null;
      return weights ? gather(model.shifts(weights), ints(this.#shift)).mul(p) : null;
    };
    const [pa, pa2] = [shifts(1), shifts(2)];
    const bpl = bp.mul(l);
    const plus = (a: Tensor | null, b: Tensor) => (a ? a.add(b) : b);
    const mixed = [r.mul(l), plus(pa, bpl.mul(0.5))] as const;

    // On the diagonal: b'' P + 2 b' P l + b P'' with P'' of factors of one parameter.
    let twice: Tensor | null = null;
    for (const [d, source] of this.#sources.entries()) {
      if (bends) twice = plus(twice, gather(bends, ints(source)));
      for (let e = 0; e < d; e++) twice = plus(twice, each[d]!.mul(each[e]!).mul(2));
    }
    const terms = [twice && bp.mul(twice), pa2, pa?.mul(l).mul(2)].filter((t) => t != null);
    const own = terms.length ? scatter(r.mul(terms.reduce((a, b) => a.add(b))), ints(this.#par), n) : null;

    const gradient = scatter(plus(pa, bpl), ints(this.#sumOf), this.#sumPar.length);
    const ratio = gradient.div(gather(some, ints(this.#sumBin)));
    const square = [gather(main, ints(this.#sumBin)).mul(ratio).mul(0.5), ratio] as const;
    return { mixed, square, own: plus(own, this.#constraints(model, pars, data)) };
  }

  /** Second derivatives of the constraint terms, which do not mix parameters. */
  #constraints(model: Evaluated, pars: Tensor, data: Tensor): Tensor {
    const { bins, normalAux, normalPar, poissonAux, poissonPar } = this.#tables;
    const { sigma } = model.derived();
    let sum = fullLike(pars, 0);
    if (normalPar.length) {
      const s = gather(sigma!, ints(normalAux));
      sum = sum.add(scatter(fullLike(s, 1).div(s.mul(s)), ints(normalPar), this.#npars));
    }
    if (poissonPar.length) {
      const aux = gather(data.slice(bins, data.size), ints(poissonAux));
      const gamma = gather(pars, ints(poissonPar));
      sum = sum.add(
        scatter(safeMul(aux, fullLike(aux, 1).div(gamma.mul(gamma))), ints(poissonPar), this.#npars),
      );
    }
    return sum;
  }
}

/** f'/f of all sources: of normsys rows, and 1/θ of parameters that are factors themselves. */
function reciprocal(pars: Tensor, norms: Tensor | undefined): Tensor {
  const own = fullLike(pars, 1).div(pars);
  return norms ? concat([norms, own]) : own;
}

/** The matrix with this diagonal: rows of one element and n zeros, cut to n². */
function diagonal(v: Tensor): Tensor {
  const n = v.size;
  return v
    .reshape([n, 1])
    .pad(0, n)
    .reshape([n * (n + 1)])
    .slice(0, n * n)
    .reshape([n, n]);
}
