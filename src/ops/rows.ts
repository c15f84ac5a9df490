import { factorBytes } from "../core/agreed.js";
import { pullbackAt } from "../core/derive/apart.js";
import { pullback } from "../core/derive/pullback.js";
import { concat, unroll } from "../core/elementary/join.js";
import { ShapeError } from "../core/errors.js";
import { checkArguments, tensor } from "../core/graph/arguments.js";
import { emit, indices, requireSmall } from "../core/graph/op.js";
import type { Oracle, Sample, Value } from "../core/graph/oracle.js";
import type { Fewer, More, Outer, Rank, Small } from "../core/graph/rank.js";
import type { Op } from "../core/graph/record.js";
import { requireIntegers, requireWhole } from "../core/graph/shape.js";
import { describe, sizeOf, type Tensor } from "../core/graph/tensor.js";
import { tuple } from "../core/graph/tuple.js";

/** Elements of a small table's last axis by a small integer tensor; `fill` where the index is outside. */
const gatherOp: Op<{ fill: number }> = {
  name: "gather",
  infer: ([table, index], attrs) => {
    requireIntegers("gather", index!);
    if (!Number.isInteger(attrs.fill)) requireWhole("gather", "fill", attrs.fill);
    return { shape: [...leading("gather", table!), ...index!.shape], dtype: "f64", axis: null };
  },
  vjp: (g, [table, index]) => [scatter(g, index!, table!.shape.at(-1)!), null],
  batch: (node, args, batched, size) =>
    batched[1] ? unroll(node, args, batched, size) : emit(gatherOp, args, node.attrs),
  lowering: {
    lower: (node, at) => {
      const [table, index] = tuple(node.args, 2);
      const m = table.shape.at(-1)!;
      const count = sizeOf(table.shape.slice(0, -1));
      return [["f64_gather", count, index.size, m, at.out, at.args[0]!, at.args[1]!, node.attrs.fill]];
    },
  },
};

export const gatherOracle = (): Oracle<{ fill: number }> => ({
  op: gatherOp,
  reference: (node, [table, index]: readonly Value[]) => {
    const m = node.args[0]!.shape.at(-1)!;
    const n = node.args[1]!.size;
    return Float64Array.from({ length: node.size }, (_, i) => {
      const j = index!.data[i % n]!;
      return j >= 0 && j < m ? table!.data[Math.floor(i / n) * m + j]! : node.attrs.fill;
    });
  },
  test: [[], [2]].map((lead) => ({
    args: [
      { shape: [...lead, 4], range: [-1, 1] as const },
      { shape: [2, 3], integer: 5 },
    ],
    attrs: { fill: 1 },
    ulp: { f32: 0, f64: 0 },
  })),
});

/** Sums of the elements that a small integer tensor sends to the same place: the reverse of gather. */
const scatterOp: Op<{ size: number }> = {
  name: "scatter",
  infer: ([x, index], attrs) => {
    const size = requireWhole("scatter", "the number of sums", attrs.size, 1);
    const lead = x!.shape.length - requireIntegers("scatter", index!).shape.length;
    if (lead < 0 || index!.shape.some((d, i) => d !== x!.shape[lead + i])) {
      throw new ShapeError(
        "shape.scatter",
        `'scatter' needs a place for each element: the last axes of x must be those of the integers, but x is ${describe(x!)} and they are ${describe(index!)}`,
        { x: x!.shape, index: index!.shape },
      );
    }
    return { shape: [...x!.shape.slice(0, lead), size], dtype: "f64", axis: null };
  },
  vjp: (g, [, index]) => [gather(g, index!), null],
  batch: (node, args, batched, size) =>
    batched[1] ? unroll(node, args, batched, size) : emit(scatterOp, args, node.attrs),
  lowering: {
    lower: (node, at) => {
      const index = node.args[1]!;
      const m = node.attrs.size;
      return [["f64_scatter", node.size / m, index.size, m, at.out, at.args[0]!, at.args[1]!]];
    },
  },
};

export const scatterOracle = (): Oracle<{ size: number }> => ({
  op: scatterOp,
  reference: (node, [x, index]: readonly Value[]) => {
    const m = node.attrs.size;
    const n = node.args[1]!.size;
    const out = new Float64Array(node.size);
    x!.data.forEach((v, i) => {
      const j = index!.data[i % n]!;
      if (j >= 0 && j < m) out[Math.floor(i / n) * m + j]! += v;
    });
    return out;
  },
  test: [[], [2]].map((lead) => ({
    args: [
      { shape: [...lead, 2, 3], range: [-1, 1] as const },
      { shape: [2, 3], integer: 5 },
    ],
    attrs: { size: 4 },
    ulp: { f32: 0, f64: 4 },
  })),
});

/** The axes of a small table before its last, which is picked from. */
function leading(op: string, table: Tensor): readonly number[] {
  if (table.shape.length > 0) return table.shape.slice(0, -1);
  throw new ShapeError(
    "shape.table",
    `'${op}' picks from an inner axis, but got ${describe(table)}, which has none`,
    {
      op,
      shape: table.shape,
    },
  );
}

/**
 * Elements of a small table [..., m] by integers [...k]: [..., ...k]. Where an index is outside 0..m-1, the integer
 * `fill`.
 */
export function gather<A extends Rank, B extends Rank>(
  table: Tensor<A>,
  index: Tensor<B>,
  fill = 0,
): Tensor<Outer<Fewer<A>, B>> {
  checkArguments("gather", { table: [table, tensor], index: [index, tensor] });
  return emit(gatherOp, [requireSmall("gather", table), requireIntegers("gather", indices(index))], { fill });
}

/** Sums of x [..., ...k] by integers [...k] into [..., size]; an index outside is skipped. */
export function scatter(x: Tensor, index: Tensor, size: number): Tensor<More<Small>> {
  checkArguments("scatter", { x: [x, tensor], index: [index, tensor] });
  return emit(scatterOp, [requireSmall("scatter", x), requireIntegers("scatter", indices(index))], { size });
}

const dims = (node: Tensor) => {
  const x = node.args[0]!;
  const [F, R] = tuple(node.args[1]!.shape, 2);
  return { count: sizeOf(x.shape.slice(0, -1)), m: x.shape.at(-1)!, F, R };
};

const samples = (extra: readonly Sample["args"][number][]): Sample[] => [
  {
    // Zeros, twice in one product too: the derivative is the product of the others.
    args: [{ shape: [5], values: [0, 1.5, -2, 0, 3] }, { shape: [3, 4], integer: 6 }, ...extra],
    ulp: { f32: 0, f64: 8 },
  },
  {
    args: [{ shape: [5], range: [0.5, 2] }, { shape: [3, 4], integer: 6 }, ...extra],
    ulp: { f32: 0, f64: 8 },
  },
];

/** Products over the first axis of gathered elements; an index outside is no factor. */
const gatherProductOp: Op = {
  name: "gatherProduct",
  infer: ([x, index]) => ({
    shape: [...leading("gatherProduct", x!), requireIntegers("gatherProduct", index!, 2).shape[1]!],
    dtype: "f64",
    axis: null,
  }),
  vjp: (g, [x, index]) => [emit(gradOp, [x!, index!, g]), null],
  batch: (node, args, batched, size) =>
    batched[1] ? unroll(node, args, batched, size) : emit(gatherProductOp, args),
  lowering: {
    lower: (node, at) => {
      const { count, m, F, R } = dims(node);
      return [["f64_gatherProduct", count, m, F, R, at.out, at.args[0]!, at.args[1]!]];
    },
  },
};

export const gatherProductOracle = (): Oracle => ({
  op: gatherProductOp,
  reference: (node, [x, index]: readonly Value[]) => {
    const { m, F, R } = dims(node);
    return Float64Array.from({ length: node.size }, (_, i) => {
      let product = 1;
      for (let f = 0; f < F; f++) {
        const j = index!.data[f * R + (i % R)]!;
        if (j >= 0 && j < m) product *= x!.data[Math.floor(i / R) * m + j]!;
      }
      return product;
    });
  },
  test: samples([]),
});

/** Cotangent of the elements: what a product's cotangent leaves each factor, times all others. Exact at zeros. */
const gradOp: Op = {
  name: "gatherProductGrad",
  infer: ([x]) => ({ shape: x!.shape, dtype: "f64", axis: null }),
  vjp: (c, [x, index, g]) => {
    const form = ([x, g]: Tensor[]) => pullback([halving(x!, index!)], [g!], [x!]).filter((t) => t !== null);
    const [gx, gg] = pullbackAt(form, [x!, g!], [c]);
    return [gx!, null, gg!];
  },
  batch: (node, args, batched, size) => {
    if (batched[1]) return unroll(node, args, batched, size);
    const wide = args.map((a, i) => (batched[i] || i === 1 ? a : a.broadcast([size, ...a.shape])));
    return emit(gradOp, wide);
  },
  lowering: {
    lower: (node, at) => {
      const { count, m, F, R } = dims(node);
      const [x, index, g] = tuple(at.args, 3);
      return [["f64_gatherProductGrad", count, m, F, R, at.out, x, index, g, at.scratch]];
    },
    scratch: (node) => factorBytes(dims(node).F),
  },
};

export const gradOracle = (): Oracle => ({
  op: gradOp,
  reference: (node, [x, index, g]: readonly Value[]) => {
    const { count, m, F, R } = dims(node);
    const out = new Float64Array(node.size);
    for (let b = 0; b < count; b++) {
      for (let r = 0; r < R; r++) {
        const used = Array.from({ length: F }, (_, f) => index!.data[f * R + r]!).filter(
          (j) => j >= 0 && j < m,
        );
        // A strong zero, as in every reverse rule.
        if (g!.data[b * R + r] === 0) continue;
        used.forEach((j, f) => {
          const others = used.reduce(
            (p, k, h) => (h === f ? p : p * x!.data[b * m + k]!),
            g!.data[b * R + r]!,
          );
          out[b * m + j]! += others;
        });
      }
    }
    return out;
  },
  test: samples([{ shape: [4], range: [-1, 1] }]),
});

/** The same products from ordinary ops, pairs of halves at a time: for derivatives beyond the first. */
function halving(x: Tensor, index: Tensor): Tensor {
  let rows = gather(x, index, 1);
  for (let n = index.shape[0]!; n > 1; n = Math.ceil(n / 2)) {
    const half = Math.ceil(n / 2);
    const pairs = rows.slice(0, n - half, -2).mul(rows.slice(half, n, -2));
    rows = n - half === half ? pairs : concat([pairs, rows.slice(n - half, half, -2)], -2);
  }
  return rows.reshape([...rows.shape.slice(0, -2), rows.shape.at(-1)!]);
}

/**
 * Products of elements of x [..., m]: out[r] = product over f of x[index[f, r]] for integers [F, R]; an index outside
 * 0..m-1 is no factor. Derivatives are exact where factors are zero.
 */
export function gatherProduct<R extends Rank>(x: Tensor<R>, index: Tensor): Tensor<R> {
  checkArguments("gatherProduct", { x: [x, tensor], index: [index, tensor] });
  return emit(gatherProductOp, [
    requireSmall("gatherProduct", x),
    requireIntegers("gatherProduct", indices(index), 2),
  ]);
}
