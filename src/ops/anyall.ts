import { conform } from "../core/elementary/align.js";
import {
  type AlongAttrs,
  type AlongOver,
  along,
  batchedAll,
  reduced,
  runs,
  runsOf,
  valuesAt,
} from "../core/elementary/along.js";
import { safeMul, zeroMul } from "../core/elementary/arith.js";
import { checkArguments, operand } from "../core/graph/arguments.js";
import { emit, floats, lift, type Operand } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Fewer, Rank } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import type { EventTensor, Tensor } from "../core/graph/tensor.js";

/** `strong` where b is a cotangent. */
type ScanAttrs = AlongAttrs & { readonly reverse: boolean; readonly start: 0 | 1; readonly strong?: boolean };

/**
 * A state that begins as `start` and becomes a·state + b at each element of a run: its values before that. Arguments are a, or
 * a and b; without b, and from 1 on, these are products of all that stands before. The reverse rule is the same from the other
 * end, so derivatives of products are sums of products of others, to every order: nothing is divided by what may be 0.
 */
function scanning(name: string, whole: boolean): Op<ScanAttrs> {
  const op: Op<ScanAttrs> = {
    name,
    infer: ([a]) => ({ shape: a!.shape, dtype: a!.dtype, axis: a!.axis }),
    vjp: (g, [a, b], out) => {
      const { attrs } = out;
      const slope = emit(op, [a!, g], { ...attrs, reverse: !attrs.reverse, start: 0, strong: true });
      const own = attrs.strong ? zeroMul(slope, out) : safeMul(slope, out);
      return b ? [own, slope] : [own];
    },
    batch: (node, args, batched, size) => emit(op, batchedAll(args, batched, size), node.attrs),
    strong: (args, attrs, [first, second]) =>
      second && !first && attrs.start === 0 ? emit(op, args, { ...attrs, strong: true }) : null,
    lowering: {
      whole,
      lower: (node, at) => {
        const { reverse, strong, start } = node.attrs;
        const { k, first, count } = runs(node, node.attrs, at);
        const [a, b = 0] = at.args;
        const words = [k, at.out, a!, b, first, count, reverse ? 1 : 0, strong ? 1 : 0, start];
        return [[`${node.dtype}_scan`, ...words]];
      },
    },
  };
  return op;
}

const scanOracle = (op: Op<ScanAttrs>, test: readonly Sample<ScanAttrs>[]): Oracle<ScanAttrs> => ({
  op,
  reference: (node, [a, b]: readonly Value[], interpreter) => {
    const { reverse, strong, start } = node.attrs;
    const out = new Float64Array(a!.data.length);
    for (const { at } of runsOf(node, node.attrs, a!.lanes, interpreter)) {
      let state: number = start;
      for (const i of reverse ? at.toReversed() : at) {
        out[i] = state;
        state = (strong && state === 0 ? 0 : a!.data[i]! * state) + (b ? b.data[i]! : 0);
      }
    }
    return out;
  },
  test,
});

const scanChildrenOp: Op<ScanAttrs> = /*#__PURE__*/ scanning("scanChildren", true);
const scanInnerOp: Op<ScanAttrs> = /*#__PURE__*/ scanning("scanInner", false);

type ProductAttrs = AlongAttrs & { readonly any: boolean };

/** Π of each run, or 1 - Π (1 - x). */
function multiplying(name: string, whole: boolean): Op<ProductAttrs> {
  const op: Op<ProductAttrs> = {
    name,
    infer: ([x], attrs) => ({ ...reduced(name, x!, attrs), dtype: x!.dtype }),
    vjp: (g, [x], { attrs: { along: k, any } }) => {
      const factors = any ? x!.neg().add(1) : x!;
      const scan = (reverse: boolean) =>
        emit(whole ? scanChildrenOp : scanInnerOp, [factors], { along: k, reverse, start: 1 });
      const each = k === undefined ? g : g.reshape(x!.shape.with(k, 1));
      return [safeMul(conform(each, x!), scan(false).mul(scan(true)))];
    },
    batch: (node, [x]) => emit(op, [x!], node.attrs),
    lowering: {
      whole,
      lower: (node, at) => {
        const x = node.args[0]!;
        const { k, first, count } = runs(x, node.attrs, at);
        return [[`${node.dtype}_product`, k, at.out, at.args[0]!, first, count, node.attrs.any ? 1 : 0]];
      },
    },
  };
  return op;
}

const productOracle = (
  op: Op<ProductAttrs>,
  test: readonly Sample<ProductAttrs>[],
): Oracle<ProductAttrs> => ({
  op,
  reference: (node, [x]: readonly Value[], interpreter) => {
    const { any } = node.attrs;
    const out = new Float64Array(node.size * (node.axis ? interpreter.rows(node.axis) : 1));
    for (const { at, to } of runsOf(node.args[0]!, node.attrs, x!.lanes, interpreter))
      out[to] = valuesAt(x!, at).reduce((s, v) => (any ? s + v * (1 - s) : s * v), any ? 0 : 1);
    return out;
  },
  test,
});

const productChildrenOp: Op<ProductAttrs> = /*#__PURE__*/ multiplying("productChildren", true);
const productInnerOp: Op<ProductAttrs> = /*#__PURE__*/ multiplying("productInner", false);

const ulp = { f32: 2, f64: 4 };
/** Zeros and ones, several in a run, too. */
const ends = [0, 0.25, 1, 0.5, 0, 1, 0.75, 0.125, 0, 0, 1];
const numbers = [{ range: [-1, 1] as const }, { values: ends }];
const children = [[], [3]].map((shape) => ({ of: { shape, child: true } }));
const inner = [
  { of: { shape: [4] }, along: -1 },
  { of: { shape: [2, 4, 3], event: true }, along: -2 },
];

const scans = (own: readonly { of: Sample["args"][number]; along?: number }[]): Sample<ScanAttrs>[] =>
  own.flatMap(({ of, along: k }) =>
    [false, true].flatMap((reverse) =>
      numbers.flatMap((values) => [
        { args: [{ ...of, ...values }], attrs: { along: k, reverse, start: 1 as const }, ulp },
        {
          args: [
            { ...of, ...values },
            { ...of, range: [-1, 1] as const },
          ],
          attrs: { along: k, reverse, start: 0 as const, ...(reverse ? { strong: true } : {}) },
          ulp,
        },
      ]),
    ),
  );

export const scanChildrenOracle = () => scanOracle(scanChildrenOp, scans(children));
export const scanInnerOracle = () => scanOracle(scanInnerOp, scans(inner));

const products = (own: readonly { of: Sample["args"][number]; along?: number }[]): Sample<ProductAttrs>[] =>
  own.flatMap(({ of, along: k }) =>
    [false, true].flatMap((any) =>
      numbers.map((values) => ({ args: [{ ...of, ...values }], attrs: { along: k, any }, ulp })),
    ),
  );

export const productChildrenOracle = () => productOracle(productChildrenOp, products(children));
export const productInnerOracle = () => productOracle(productInnerOp, products(inner));

/** A reduction of soft truth values; see `any`. */
interface Soft {
  (w: Operand, over: "parent"): EventTensor;
  <R extends Rank>(w: Tensor<R>, over: number): Tensor<Fewer<R>>;
  (w: Operand, over: AlongOver): Tensor;
}

const soft = (name: string, isAny: boolean): Soft =>
  ((of: Operand, over: AlongOver) => {
    checkArguments(name, { w: [of, operand] });
    const w = floats(lift(of));
    const attrs = along(name, w, over);
    return emit(attrs.along === undefined ? productChildrenOp : productInnerOp, [w], {
      ...attrs,
      any: isAny,
    });
  }) as Soft;

/**
 * That any of the children of each "parent" pass, or of the elements along an inner axis: 1 - Π (1 - w) of weights from 0 to 1,
 * and exactly 0 or 1 where these are; 0 without children.
 */
export const any: Soft = /*#__PURE__*/ soft("any", true);

/** That all pass: Π w; 1 without children. See `any`. */
export const all: Soft = /*#__PURE__*/ soft("all", false);
