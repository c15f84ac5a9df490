import { kinkBits } from "../../core/agreed.js";
import { hessian } from "../../core/derive/transform.js";
import { fullLike } from "../../core/elementary/align.js";
import { maximum } from "../../core/elementary/arith.js";
import { concat } from "../../core/elementary/join.js";
import { lgamma } from "../../core/elementary/special.js";
import { currentGraph, type Graph } from "../../core/graph/graph.js";
import { constant, ranked } from "../../core/graph/op.js";
import type { Matrix, Scalar, Tensor, Vector } from "../../core/graph/tensor.js";
import { checkOptions } from "../../core/options.js";
import {
  additiveCodes,
  interpFactor,
  interpWeights,
  type Kink,
  multiplicativeCodes,
} from "../../ops/interp.js";
import { normalKernel, poissonKernel } from "../../ops/prob.js";
import { gather, scatter } from "../../ops/rows.js";
import { shiftSum } from "../../ops/shift.js";
import { hash } from "../document/hash.js";
import type { Interpcodes } from "../modifiers/index.js";
import type { Config } from "./config.js";
import { Curvature } from "./curvature.js";
import { applied, type CustomUse, identity } from "./custommodifier.js";
import { type Derived, derive, ints, products, type Suggested, suggested, tensor } from "./derived.js";
import { requireLength, requireMatrix } from "./lengths.js";
import type { Tables } from "./modelrows.js";
import type { Values } from "./modelvalues.js";

/** How a model is evaluated; pyhf's settings, with its defaults. */
export interface ModelSettings {
  readonly interpcodes: Interpcodes;
  /** Least expected events of a sample's bins, and of bins; null for none. */
  readonly clipSampleData: number | null;
  readonly clipBinData: number | null;
}

/** Second derivatives as the entries of a lower triangle: parameters in another order, rows from their first columns on. */
export interface SparseHessian {
  /** The parameter at each place, and the place of each parameter. */
  readonly order: Int32Array;
  readonly places: Int32Array;
  /** The first column of each row. */
  readonly first: readonly number[];
  hessian(pars: Tensor, data: Tensor): { readonly triangle: Vector; readonly diagonal: Vector };
}

const HALF_LOG_2PI = 0.9189385332046727;

/**
 * A HistFactory likelihood: Poisson bins with constrained parameters (CERN-OPEN-2012-016), as pyhf builds it.
 *
 * Its methods run inside traced functions. `pars` is [npars], `data` [nmaindata + nauxdata], main data first. The
 * numbers of the specification may be tensors of the traced function: all answers are differentiable in them.
 */
export class Model {
  readonly config: Config;
  readonly tables: Tables;
  readonly values: Values;
  readonly settings: ModelSettings;
  readonly #derived = new WeakMap<Graph, Derived>();
  #key: string | undefined;
  #curvature: Curvature | undefined;
  #both: Int32Array | undefined;
  #plain: Suggested | undefined;

  readonly #uses: readonly CustomUse[];

  constructor(
    config: Config,
    tables: Tables,
    values: Values,
    settings: ModelSettings,
    uses: readonly CustomUse[] = [],
  ) {
    this.#uses = uses;
    this.config = config;
    this.tables = tables;
    this.values = values;
    this.settings = settings;
  }

  /** Equal for models of one structure: what differs between them are `values`, starts, bounds and data. */
  get key(): string {
    if (this.#key === undefined) {
      const { npars, poiIndex } = this.config;
      const uses = this.#uses.map((use) => [identity(use.modifier), use.parameter, use.cell, use.place]);
      const structure = [this.tables, this.settings, npars, poiIndex, uses];
      const text = JSON.stringify(structure, (_, v) => (v instanceof Int32Array ? Array.from(v) : v));
      this.#key = hash("md5", new TextEncoder().encode(text));
    }
    return this.#key;
  }

  /** Whether all numbers are plain. */
  get concrete(): boolean {
    return Object.values(this.values).every((v) => v instanceof Float64Array);
  }

  /** The same structure with other values: tensors inside a traced function, arrays outside. */
  with(values: Values): Model {
    return new Model(this.config, this.tables, values, this.settings, this.#uses);
  }

  /** See `Derived`; once for each traced function. */
  derived(): Derived {
    const graph = currentGraph();
    let made = this.#derived.get(graph);
    if (!made) {
      made = derive(this.values, this.tables, this.config);
      this.#derived.set(graph, made);
    }
    return made;
  }

  /** Factors of the normsys rows, or a derivative of them in their parameters; null where there are none. */
  factors(pars: Tensor, order = 0): Tensor | null {
    const { coefficients } = this.derived();
    const at = () => gather(pars, ints(this.tables.normPar));
    return coefficients && interpFactor(at(), coefficients, this.settings.interpcodes.normsys, order);
  }

  /** Weights [2, shifted parameters] of the shifts, or a derivative of them; null where there are none. */
  weights(pars: Tensor, order = 0): Tensor | null {
    const at = () => gather(pars, ints(this.tables.shiftPars));
    return this.derived().shifts && interpWeights(at(), this.settings.interpcodes.histosys, order);
  }

  /** Shifts of cells, one after the other, by the weights of their parameters. */
  shifts(weights: Tensor): Tensor {
    const { shiftPar, shiftPars } = this.tables;
    const n = shiftPar.length;
    this.#both ??= Int32Array.from({ length: 2 * n }, (_, i) =>
      i < n ? shiftPar[i]! : shiftPar[i - n]! + shiftPars.length,
    );
    const terms = this.derived().shifts!.mul(gather(weights.reshape([weights.size]), ints(this.#both)));
    return terms.slice(0, n).add(terms.slice(n, 2 * n));
  }

  /** Products of the factors of all cells. */
  product(factors: Tensor | null, pars: Tensor): Tensor {
    const { groupFactors, cellFactors, cells } = this.tables;
    const groups =
      groupFactors.rows > 0 ? products(factors ? concat([factors, pars]) : pars, groupFactors) : null;
    if (cellFactors.rows === 0) return fullLike({ shape: [cells], dtype: "f64", axis: null }, 1);
    const { nominal } = this.derived();
    const own = this.#uses.filter(({ modifier }) => modifier.op === "multiplication");
    const sources = [...(groups ? [groups] : []), pars, ...own.map((use) => applied(use, pars, nominal))];
    return products(concat(sources), cellFactors);
  }

  /** Nominal events of cells with their shifts. */
  base(pars: Tensor): Tensor {
    const { nominal, shifts } = this.derived();
    const { shiftBlocks, shiftCell, cells } = this.tables;
    const weights = this.weights(pars);
    let base = nominal;
    if (weights) {
      const rows = shifts!.reshape([2, shiftCell.length]);
      base = base.add(shiftSum(weights, rows, ints(shiftBlocks, [shiftBlocks.length / 4, 4]), cells));
    }
    for (const use of this.#uses) {
      if (use.modifier.op === "multiplication") continue;
      const { cell, place } = use;
      base = base.add(applied(use, pars, nominal).pad(cell, cells - cell - place.bins));
    }
    return base;
  }

  /** Expected events [cells] of every sample's bins, channels and samples in order of names. */
  expectedCells(pars: Tensor): Vector {
    requireLength("parameters", this.config.npars, pars);
    const cells = this.base(pars).mul(this.product(this.factors(pars), pars));
    const { clipSampleData } = this.settings;
    return ranked(clipSampleData === null ? cells : maximum(cells, clipSampleData));
  }

  /** Expected main data [nmaindata]. */
  expectedMain(pars: Tensor): Vector {
    const bins = scatter(this.expectedCells(pars), ints(this.tables.cellBin), this.tables.bins);
    const { clipBinData } = this.settings;
    return ranked(clipBinData === null ? bins : maximum(bins, clipBinData));
  }

  /** Expected auxiliary data [nauxdata], or null if there are none. */
  expectedAuxdata(pars: Tensor): Vector | null {
    const { tables: t, config } = this;
    if (config.nauxdata === 0) return null;
    const means = [scatter(gather(pars, ints(t.normalPar)), ints(t.normalAux), config.nauxdata)];
    if (t.poissonPar.length) {
      const rates = gather(pars, ints(t.poissonPar)).mul(gather(this.derived().factor!, ints(t.poissonAux)));
      means.push(scatter(rates, ints(t.poissonAux), config.nauxdata));
    }
    return ranked(means.reduce((a, b) => a.add(b)));
  }

  /** Expected data, with the auxiliary ones unless told otherwise. */
  expectedData(pars: Tensor, options: { includeAuxdata?: boolean } = {}): Vector {
    checkOptions("expectedData", options, { includeAuxdata: true });
    const { includeAuxdata = true } = options;
    const main = this.expectedMain(pars);
    const aux = includeAuxdata ? this.expectedAuxdata(pars) : null;
    return aux ? concat([main, aux]) : main;
  }

  /** The auxiliary data of the specification [nauxdata] as numbers. Throws a TraceError if yields are tensors. */
  suggestedAuxdata(): Float64Array {
    return this.#suggested("auxdata()").auxdata.slice();
  }

  /** Whether each parameter stays where it is: fixed by the measurement, or of an empty bin. The same errors. */
  suggestedFixed(): boolean[] {
    return Array.from(this.#suggested("free()").held, (v) => v !== 0);
  }

  #suggested(instead: string): Suggested {
    this.#plain ??= suggested(this.values, this.tables, this.config, instead);
    return this.#plain;
  }

  /** The auxiliary data of the specification [nauxdata], or null if there are none. */
  auxdata(): Vector | null {
    return this.derived().aux;
  }

  /** Logarithm of the probability of main data [nmaindata]. */
  mainLogpdf(pars: Tensor, main: Tensor): Scalar {
    requireLength("bins", this.config.nmaindata, main);
    const rate = this.expectedMain(pars);
    return poissonKernel(main, rate)
      .sum()
      .sub(lgamma(main.add(1)).sum());
  }

  /** Logarithm of the probability of auxiliary data [nauxdata]; 0 if there are none. */
  constraintLogpdf(pars: Tensor, aux: Tensor): Scalar {
    const { tables: t, config } = this;
    requireLength("parameters", config.npars, pars);
    if (config.nauxdata > 0) requireLength("auxiliary data", config.nauxdata, aux);
    const { sigma, factor } = this.derived();
    let sum: Scalar = constant(0);
    if (t.normalPar.length) {
      const at = ints(t.normalAux);
      const width = gather(sigma!, at);
      const pulls = normalKernel(
        gather(aux, at),
        gather(pars, ints(t.normalPar)),
        fullLike(width, 1).div(width),
      );
      const norm = width
        .log()
        .sum()
        .add(HALF_LOG_2PI * t.normalPar.length);
      sum = sum.add(pulls.sum()).sub(norm);
    }
    if (t.poissonPar.length) {
      const at = ints(t.poissonAux);
      const n = gather(aux, at);
      const rate = gather(pars, ints(t.poissonPar)).mul(gather(factor!, at));
      sum = sum.add(poissonKernel(n, rate).sum()).sub(lgamma(n.add(1)).sum());
    }
    return sum;
  }

  /** Logarithm of the probability of data [nmaindata + nauxdata]. */
  logpdf(pars: Tensor, data: Tensor): Scalar {
    const { nmaindata, nauxdata } = this.config;
    requireLength("bins and auxiliary data", nmaindata + nauxdata, data);
    const main = this.mainLogpdf(pars, data.slice(0, nmaindata));
    if (nauxdata === 0) return main;
    return main.add(this.constraintLogpdf(pars, data.slice(nmaindata, nmaindata + nauxdata)));
  }

  pdf(pars: Tensor, data: Tensor): Scalar {
    return this.logpdf(pars, data).exp();
  }

  /** The negative logarithm of the likelihood: what fits minimise. */
  nll(pars: Tensor, data: Tensor): Scalar {
    return this.logpdf(pars, data).neg();
  }

  /**
   * Second derivatives [npars, npars] of `nll` for the steps of a fit, in closed form: cost grows with the pairs of
   * parameters that meet in a cell. Not to be differentiated where a factor is exactly 0; use `hessian` for that.
   */
  hessian(pars: Tensor, data: Tensor): Matrix {
    const { npars, nmaindata, nauxdata } = this.config;
    requireLength("parameters", npars, pars);
    requireLength("bins and auxiliary data", nmaindata + nauxdata, data);
    requireMatrix(npars);
    if (!this.#closed) {
      return hessian((p: Vector) => this.nll(p, data))(ranked(pars));
    }
    this.#curvature ??= new Curvature(this.config, this.tables);
    return ranked(this.#curvature.hessian(this, pars, data));
  }

  /** Whether second derivatives are known in closed form. */
  get #closed(): boolean {
    const { clipBinData, clipSampleData } = this.settings;
    return clipBinData === null && clipSampleData === null && this.#uses.length === 0;
  }

  /**
   * The same for models in which many parameters meet one bin only, as an arrow of few entries: see `Likelihood`. Null
   * where it would save nothing.
   */
  sparse(): SparseHessian | null {
    if (!this.#closed) return null;
    this.#curvature ??= new Curvature(this.config, this.tables);
    const curvature = this.#curvature;
    const { order, places, first, worthwhile } = curvature.arrow;
    if (!worthwhile) return null;
    const hessian = (pars: Tensor, data: Tensor) => {
      const { triangle, diagonal } = curvature.triangle(this, pars, data);
      return { triangle: ranked<"vector">(triangle), diagonal: ranked<"vector">(diagonal) };
    };
    return { order, places, first, hessian };
  }

  /** Starts, bounds and freedom of the parameters [npars], as tensors. */
  init(): Vector {
    return tensor(this.values.init);
  }

  lower(): Vector {
    return tensor(this.values.lower);
  }

  upper(): Vector {
    return tensor(this.values.upper);
  }

  /** 1 where a fit may move a parameter: neither fixed by the measurement nor the gamma of an empty bin. */
  free(): Vector {
    return this.derived().free;
  }

  /**
   * Where the likelihood is not smooth in a parameter, for `minimize`: 1 at 0, as with code0 and code1; 2 at -1 and 1, as
   * with code2; 3 both; 0 nowhere. Null where it is smooth in all.
   */
  kinks(): Vector | null {
    const { normsys, histosys } = this.settings.interpcodes;
    const kinds = new Float64Array(this.config.npars);
    const mark = (pars: Int32Array, kinks: readonly Kink[]) => {
      const kind = (kinks.includes(0) ? kinkBits.zero : 0) | (kinks.includes(1) ? kinkBits.one : 0);
      for (const i of pars) kinds[i]! |= kind;
    };
    mark(this.tables.shiftPars, additiveCodes[histosys].kinks);
    mark(this.tables.normPar, multiplicativeCodes[normsys].kinks);
    return kinds.some((k) => k > 0) ? tensor(kinds) : null;
  }
}
