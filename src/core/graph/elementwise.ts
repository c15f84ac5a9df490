import {
  align,
  broadcastShapes,
  commonAxis,
  conform,
  constant,
  constantValue,
  defineOp,
  emit,
  floatType,
  lift,
  type Operand,
} from "./op.js";
import type { Instruction, Op, Sample, SampleArg, Tensor, Value } from "./tensor.js";

/** What one elementwise op is: its scalar reference, its reverse rule, and where it is tested. */
export interface Elementwise<F> {
  scalar: F;
  /** Kernel name without the dtype prefix, where it is not the op's own. */
  kernel?: string;
  /** Ranges of the arguments that tests draw from, one row per region. */
  domain: readonly (readonly (readonly [number, number])[])[];
  /** Arguments checked for the value alone: signs of zero, infinities, NaN, ties. */
  special?: readonly (readonly number[])[];
  ulp: { f32: number; f64: number };
  order?: 0 | 1 | 2;
  /** Arguments of which only sign and zero count: integers there do not make the result f64. */
  masks?: readonly number[];
  range?: NonNullable<Op["range"]>;
  simplify?: (args: readonly Tensor[]) => Tensor | null;
  strong?: Op["strong"];
}

type Rule = (g: Tensor, args: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];

function elementwise(
  name: string,
  arity: number,
  spec: Elementwise<(...x: number[]) => number>,
  rule: Rule,
  aligned = (args: readonly Tensor[]) => align(name, args),
  condition = false,
): Op {
  const exact = (args: readonly Tensor[]): Tensor | null => {
    // IEEE arithmetic is the same on every engine, so it may be done while tracing; functions may not.
    if (spec.ulp.f64 !== 0) return null;
    const values = args.map(constantValue);
    if (values.some((v) => v === null) || args.some((a) => a.axis || a.shape.length)) return null;
    return constant(spec.scalar(...(values as number[])));
  };
  const event = (a: SampleArg): SampleArg => ({ ...a, event: true });
  const samples: Sample[] = [];
  for (const ranges of spec.domain) {
    const args = ranges.map((range) => ({ shape: [3], range }));
    const order = spec.order ?? 2;
    samples.push({ args, ulp: spec.ulp, order }, { args: args.map(event), ulp: spec.ulp, order });
  }
  if (spec.special) {
    const rows = spec.special;
    const args = Array.from({ length: arity }, (_, j) => ({
      shape: [rows.length],
      values: rows.map((r) => r[j] as number),
    }));
    samples.push({ args, ulp: spec.ulp, order: 0 }, { args: args.map(event), ulp: spec.ulp, order: 0 });
  }
  const op: Op = defineOp({
    name,
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype, axis: x!.axis }),
    vjp: rule,
    batch: (_, args) => emit(op, aligned(args)),
    lowering: {
      lower: (node, at): readonly Instruction[] => [
        [`${node.dtype}_${spec.kernel ?? name}`, node.size * at.lanes, at.out, ...at.args],
      ],
      inPlace: true,
    },
    reference: (_, args) => mapValues(args, spec.scalar),
    test: samples,
    condition,
    simplify: (args) => exact(args) ?? spec.simplify?.(args) ?? null,
    ...(spec.range ? { range: spec.range } : {}),
    ...(spec.strong ? { strong: spec.strong } : {}),
  });
  return op;
}

function mapValues(args: readonly Value[], f: (...x: number[]) => number): Float64Array {
  const out = new Float64Array(args[0]!.data.length);
  for (let i = 0; i < out.length; i++) out[i] = f(...args.map((a) => a.data[i] as number));
  return out;
}

/** Defines an elementwise function of one tensor. */
export function unary(
  name: string,
  spec: Elementwise<(x: number) => number> & { vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor | null },
): (x: Operand) => Tensor {
  const op = elementwise(name, 1, spec as never, (g, [x], y) => [spec.vjp(g, x!, y)]);
  return (x) => emit(op, align(name, [x]));
}

/** Defines an elementwise function of two tensors, broadcast as NumPy does. */
export function binary(
  name: string,
  spec: Elementwise<(x: number, y: number) => number> & {
    vjp: (g: Tensor, x: Tensor, y: Tensor, out: Tensor) => readonly [Tensor | null, Tensor | null];
  },
): (x: Operand, y: Operand) => Tensor {
  const op = elementwise(name, 2, spec as never, (g, [x, y], out) => spec.vjp(g, x!, y!, out));
  return (x, y) => emit(op, align(name, [x, y], spec.masks));
}

/**
 * Defines a comparison: 1 or 0 in a float type. Integers are compared as integers, with each other and with whole
 * constants, and in f64 with all else; so no comparison rounds.
 */
export function comparison(
  name: string,
  spec: Elementwise<(x: number, y: number) => number>,
): (x: Operand, y: Operand) => Tensor {
  const none = { ...spec, vjp: () => [null, null] as const };
  const op = elementwise(
    name,
    2,
    none as never,
    () => [null, null],
    (args) => compared(name, args),
    true,
  );
  return (x, y) => {
    const sides = [lift(x), lift(y)];
    const mask = emit(op, compared(name, sides));
    // A mask holds 0 and 1: it is of the type that its sides would have without integers.
    const floats = sides.filter((t) => t.dtype !== "i32");
    return mask.axis ? mask.cast(floatType(mask.axis, floats)) : mask;
  };
}

/** The sides of a comparison with one shape, axis and type, in which none of their numbers is rounded. */
function compared(name: string, tensors: readonly Tensor[]): Tensor[] {
  const axis = commonAxis(name, tensors);
  if (!axis || tensors.every((t) => t.dtype !== "i32")) return align(name, tensors);
  const whole = tensors.every((t) => t.dtype === "i32" || isInteger(constantValue(t)));
  const type = { shape: broadcastShapes(name, tensors), axis, dtype: whole ? "i32" : "f64" } as const;
  return tensors.map((t) => conform(t, type));
}

/** Whether an i32 holds the number. */
const isInteger = (value: number | null): boolean => value !== null && value === (value | 0);

/** Defines an elementwise function of three tensors. */
export function ternary(
  name: string,
  spec: Elementwise<(x: number, y: number, z: number) => number> & {
    vjp: (g: Tensor, args: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];
  },
): (x: Operand, y: Operand, z: Operand) => Tensor {
  const op = elementwise(name, 3, spec as never, (g, args, out) => spec.vjp(g, args, out));
  return (x, y, z) => emit(op, align(name, [x, y, z], spec.masks));
}
