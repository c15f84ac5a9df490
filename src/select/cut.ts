import { exp } from "../core/elementary/exp.js";
import type { Columns } from "../core/events.js";
import { constant, ranked } from "../core/graph/op.js";
import type { PerEvent, Rank } from "../core/graph/rank.js";
import { Tensor } from "../core/graph/tensor.js";
import { checkChoice, checkOptions } from "../core/options.js";
import { type CompiledFunction, compile } from "../core/run/compile.js";
import type { Symbols } from "../core/run/data.js";
import { didYouMean, listed } from "../text/nearest.js";
import { type Softening, softThreshold } from "./compared.js";
import type { CutParams } from "./cutparams.js";
import type { ExprColumns, OfEvents } from "./exprvalues.js";
import type { Bounds, Condition, Expr } from "./grammar/ast.js";
import type { Brackets } from "./grammar/brackets.js";
import { checkText } from "./grammar/checktext.js";
import { CutError } from "./grammar/cuterror.js";
import {
  comparisons,
  eventComparisons,
  eventConditions,
  thresholds as namedThresholds,
  visitSide,
} from "./grammar/names.js";
import { parseCut } from "./grammar/parse.js";
import { printExpr } from "./grammar/printexpr.js";
import { neededColumns } from "./neededcolumns.js";
import { lookUp, objectsOf, pathOf, type Table } from "./objects.js";
import { cutDistances, logWeight } from "./soft.js";
import { fromWeight, isWeight, type Soft, shapes, softNames } from "./steps.js";
import { boundedThresholds, type CutThreshold, clamped } from "./thresholds.js";
import { traceExpr } from "./traceexpr.js";
import { pathsOf, usedColumns } from "./usedcolumns.js";
import { type Width, widthLookup } from "./widths.js";

/** How a cut is softened, and where its thresholds may go. */
export interface CutOptions {
  /** Shape of the soft steps (default "sigmoid"). */
  readonly soft?: Soft;
  /** Default 1, also for the thresholds that a record leaves out. */
  readonly width?: number | Readonly<Record<string, number>>;
  /** Where training keeps thresholds, by name, as `{ptMin = 30 in [20, 50]}` says it in the text. */
  readonly bounds?: Readonly<Record<string, Bounds>>;
  /**
   * Steps fall as 1/distance from 10 widths on (3 for erf), instead of exponentially: a threshold however far outside the
   * data has a slope, in f32 too. Events there count by less than 5e-5 instead of by nothing; hard cuts do not change.
   */
  readonly outside?: boolean;
}

interface Events<R extends Rank = Rank> {
  readonly [name: string]: Tensor<R> | Table;
}
type Values = Readonly<Record<string, Tensor>>;

/**
 * A selection: its soft weight, its hard mask and its text, from one object.
 *
 * A comparison with a threshold, fixed or not, becomes a smooth step; a comparison without any (`charge == 0`,
 * `pt1 > pt2`) is a hard factor. Steps multiply under &&; || is 1 - (1 - a)(1 - b), and ! is 1 - a. An event whose
 * value is NaN fails a comparison, soft and hard.
 */
export interface Cut<P extends Record<string, number> = Record<string, number>> {
  readonly text: string;
  readonly ast: Condition;
  /** Shape of the soft steps. */
  readonly step: Soft;
  /** Whether the steps have long tails. */
  readonly outside: boolean;
  /** In the order of first use, fixed ones included. */
  readonly thresholds: readonly CutThreshold[];
  /** Names of the columns that events must have. */
  readonly columns: readonly string[];
  /** The width of a threshold where none is given to `soft`: that of the options, else 1. A CutError where it is none. */
  width(threshold: string): number;
  /** Starts of the thresholds that train: the params of this cut. */
  init(): P;
  /** Thresholds outside their bounds moved onto them: for `project` of a training, or after each step of your own. */
  clamp(params: Readonly<P>): P;
  /** Distances from the thresholds in widths, [k] for the k comparisons that have one, positive where events pass. */
  logits<R extends Rank>(params: Symbols<P>, events: Events<R>, width?: Width): Tensor<PerEvent<R>>;
  /** log of the soft weight per event; it has a slope however far events are from the thresholds. */
  logSoft<R extends Rank>(params: Symbols<P>, events: Events<R>, width?: Width): Tensor<PerEvent<R>>;
  /** The soft weight w per event, in [0, 1]; of balanced steps 2w - 1, which has no logarithm. */
  soft<R extends Rank>(params: Symbols<P>, events: Events<R>, width?: Width): Tensor<PerEvent<R>>;
  /** 1 where the event passes, else 0, in the float type of the table; no derivative. */
  pass<R extends Rank>(params: Symbols<P>, events: Events<R>): Tensor<PerEvent<R>>;
  /**
   * The selection: 1 for events that pass, compared in f64. The columns are events, or any record of columns by name; an
   * element of a jagged column is named as in the text: "Muon_pt[0]".
   */
  hard(params: Readonly<P>, columns: Columns): Uint8Array;
  /** The hard cut as text that parses back to the same selection. */
  print(params: Readonly<P>): string;
}

/**
 * The cut that `text` says: `cut("80 < mass && mass < 100 && pt > {ptMin = 30} && abs(eta) < fixed(2.4)")`.
 * Bare numbers are thresholds that train too, named after their column: massMin and massMax.
 *
 * @throws CutError with a caret under what is wrong
 */
export function cut<const Text extends string>(text: Text, options: CutOptions = {}): Cut<CutParams<Text>> {
  checkText("cut", text);
  checkOptions("cut", options, { soft: true, width: true, bounds: true, outside: true });
  return build(text, options) as unknown as Cut<CutParams<Text>>;
}

function build(text: string, options: CutOptions): Cut {
  const ast = parseCut(text);
  const step = checkChoice("the option soft of cut()", options.soft ?? "sigmoid", softNames);
  const outside = options.outside ?? false;
  const thresholds = boundedThresholds(ast, options.bounds, text);
  const names = thresholds.map(({ name }) => name);
  const steps = eventComparisons(ast).filter((node) => softThreshold(node));
  const widths = widthLookup(options.width, names, text);
  const width = (name: string) => (widths(name) as number | undefined) ?? 1;

  const how = (params: Values, events: Events, given: Width | undefined): Softening => {
    const own = widthLookup(given, names, text);
    const env = environment(ast, text, params, events);
    return { env, step, outside, width: (name) => own(name) ?? width(name) };
  };
  const logOf = (params: Values, events: Events, width?: Width) => logWeight(ast, how(params, events, width));

  return {
    text,
    ast,
    step,
    outside,
    thresholds,
    columns: columnNames(ast),
    width: (name) => {
      if (names.includes(name)) return width(name);
      const sentence = `${String(name)} is no threshold of this cut.`;
      const remedy = didYouMean(String(name), names, "thresholds");
      throw new CutError({ code: "expr.threshold", sentence, remedy, text });
    },
    init: () => Object.fromEntries(thresholds.flatMap((t) => (t.fixed ? [] : [[t.name, t.start]]))),
    clamp: (params) => clamped(thresholds, params),
    logits: (params, events, width) => {
      if (steps.length > 0) return ranked(cutDistances(steps, how(params, events, width)));
      const remedy = "Compare a column with a number by <, <=, > or >=.";
      throw new CutError({ code: "expr.threshold", sentence: "This cut has no threshold.", remedy, text });
    },
    logSoft: (params, events, width) => {
      if (isWeight(step)) return ranked(logOf(params, events, width));
      const remedy = "Use soft() with a loss of scores, as squaredLoss; or sigmoid steps for yields.";
      throw new CutError({
        code: "expr.value",
        sentence: `Steps of the shape ${step} go from ${shapes[step].ends.join(" to ")}, so their product has no logarithm.`,
        remedy,
        text,
      });
    },
    soft: (params, events, width) => ranked(fromWeight(exp(logOf(params, events, width)), step)),
    pass: (params, events) => ranked(traceExpr(ast, environment(ast, text, params, events))),
    hard: hardMask(ast, thresholds, text),
    print: (params) => printExpr(ast, params),
  };
}

/** Names of the columns that a table must have for an expression, elements as `Muon_pt[0]`, those of rows as `jets.pt`. */
export const columnNames = (ast: Expr, brackets?: Brackets): string[] =>
  neededColumns(ast, brackets).map(({ name }) => name);

/** Throws a CutError under the first column of an expression that `events` lack. */
export function requireColumns(ast: Expr, text: string, events: object, brackets?: Brackets): void {
  for (const { name, node } of neededColumns(ast, brackets)) {
    if (pathOf(events, name)) continue;
    const sentence = `The events have no column ${name}.`;
    const remedy = didYouMean(name, pathsOf(events), "columns");
    throw new CutError({ code: "expr.unknownColumn", sentence, remedy, text, ...node.span });
  }
}

function environment(ast: Condition, text: string, params: Values, events: Events): ExprColumns {
  requireColumns(ast, text, events);
  return {
    text,
    column: (name) => lookUp(events, name),
    ofEvents: eventsOf(ast, events),
    threshold: (name) => {
      requireValue(name, params, ast, text);
      return params[name]!;
    },
  };
}

/** Conditions that must be of events, where these have rows of tables. */
function eventsOf(ast: Condition, events: Events): OfEvents | null {
  for (const [name, found] of Object.entries(events)) {
    const axis = found instanceof Tensor ? null : objectsOf(name, found)?.axis.parent;
    if (axis) return { conditions: eventConditions(ast), axis };
  }
  return null;
}

function requireValue(name: string, params: object, ast: Condition, text: string): void {
  if (Object.hasOwn(params, name)) return;
  const { span } = namedThresholds(ast).find((t) => t.name === name)!;
  throw new CutError({
    code: "expr.value",
    sentence: `The params of the cut have no value for the threshold ${name}.`,
    remedy: `Pass what its init() returned, with all of its keys; there are ${listed(Object.keys(params))}.`,
    text,
    ...span,
  });
}

type Mask = CompiledFunction<[Values, Events], Tensor>;

/**
 * Compares in f64. Thresholds inside arithmetic are constants here as they are in the printed text, which then has the
 * same graph and so the same bits; those beside a comparison sign are arguments, so that moving them costs no new trace.
 */
function hardMask(ast: Condition, thresholds: readonly CutThreshold[], text: string) {
  const trained = thresholds.flatMap((t) => (t.fixed ? [] : [t.name]));
  const inArithmetic = thresholdsInArithmetic(ast);
  const inner = trained.filter((name) => inArithmetic.has(name));
  const moving = trained.filter((name) => !inArithmetic.has(name));
  const names = columnNames(ast);
  let known: { key: string; mask: Mask } | undefined;

  const traced = (fixed: Readonly<Record<string, number>>): Mask =>
    compile((params: Values, events: Events) => {
      const env = environment(ast, text, params, events);
      const threshold = (name: string) =>
        Object.hasOwn(fixed, name) ? constant(fixed[name]!) : env.threshold(name);
      // Half the bytes of an f64 to take out.
      return traceExpr(ast, { ...env, threshold }).cast("i32");
    });

  return (params: Readonly<Record<string, number>>, columns: Columns): Uint8Array => {
    requireColumns(ast, text, columns);
    for (const name of trained) requireValue(name, params, ast, text);
    const take = (keys: readonly string[]) => Object.fromEntries(keys.map((name) => [name, params[name]!]));
    const key = inner.map((name) => params[name]).join(" ");
    if (known?.key !== key) known = { key, mask: traced(take(inner)) };
    const events = usedColumns(columns, names, { dtype: "f64" });
    return new Uint8Array(known.mask(take(moving), events) as Int32Array);
  };
}

function thresholdsInArithmetic(ast: Condition): Set<string> {
  const names = new Set<string>();
  for (const { left, right } of comparisons(ast)) {
    for (const side of [left, right]) {
      if (side.kind === "threshold") continue;
      visitSide(side, (node) => {
        if (node.kind === "threshold") names.add(node.name);
      });
    }
  }
  return names;
}
