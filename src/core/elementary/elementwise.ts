import {
  broadcastShapes,
  commonAxis,
  constant,
  constantValue,
  emit,
  floatType,
  lift,
  type Operand,
  ranked,
} from "../graph/op.js";
import type { Joined, Rank } from "../graph/rank.js";
import type { Instruction, Op } from "../graph/record.js";
import type { Tensor } from "../graph/tensor.js";
import { align, conform } from "./align.js";

/** What one elementwise op is: its reverse rule, and what else is known of it. */
export interface Elementwise<F> {
  /**
   * The function itself, where it is one of IEEE arithmetic: that is the same on every engine, so constants are folded while
   * tracing. Others may differ in the last digit.
   */
  exact?: F;
  /** Kernel name without the dtype prefix, where it is not the op's own. */
  kernel?: string;
  /** Arguments of which only sign and zero count: integers there do not make the result f64. */
  masks?: readonly number[];
  range?: NonNullable<Op["range"]>;
  moves?: NonNullable<Op["moves"]>;
  rounds?: NonNullable<Op["rounds"]>;
  simplify?: (args: readonly Tensor[]) => Tensor | null;
  strong?: Op["strong"];
}

type Rule = (g: Tensor, args: readonly Tensor[], out: Tensor) => readonly (Tensor | null)[];
type Numeric = (...x: number[]) => number;

/** An elementwise function of tensors, with its record. */
export type ElementwiseFunction<F> = F & { readonly op: Op; readonly exact?: Numeric | undefined };

function elementwise(
  name: string,
  spec: Elementwise<Numeric>,
  rule: Rule,
  aligned = (args: readonly Tensor[]) => align(name, args),
  condition = false,
): Op {
  const { exact } = spec;
  const folded = (args: readonly Tensor[]): Tensor | null => {
    const values =
      exact && args.every((a) => !a.axis && a.shape.length === 0) ? args.map(constantValue) : [null];
    return values.includes(null) ? null : constant(exact!(...(values as number[])));
  };
  const op: Op = {
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
    condition,
    simplify: (args) => folded(args) ?? spec.simplify?.(args) ?? null,
    ...(spec.range ? { range: spec.range } : {}),
    ...(spec.moves ? { moves: spec.moves } : {}),
    ...(spec.rounds ? { rounds: spec.rounds } : {}),
    ...(spec.strong ? { strong: spec.strong } : {}),
  };
  return op;
}

const withRecord = <F>(f: F, op: Op, { exact }: Elementwise<never>): ElementwiseFunction<F> =>
  Object.assign(f as object, { op, exact }) as ElementwiseFunction<F>;

/** Elementwise functions as their types say them: of one tensor, and of several that are broadcast together. */
export type Unary = <A extends Rank = "scalar">(x: Operand<A>) => Tensor<A>;
export type Binary = <A extends Rank = "scalar", B extends Rank = "scalar">(
  x: Operand<A>,
  y: Operand<B>,
) => Tensor<Joined<A, B>>;
export type Ternary = <A extends Rank = "scalar", B extends Rank = "scalar", C extends Rank = "scalar">(
  x: Operand<A>,
  y: Operand<B>,
  z: Operand<C>,
) => Tensor<Joined<A, Joined<B, C>>>;

/** Defines an elementwise function of one tensor. */
export function unary(
  name: string,
  spec: Elementwise<(x: number) => number> & { vjp: (g: Tensor, x: Tensor, y: Tensor) => Tensor | null },
): ElementwiseFunction<Unary> {
  const op = elementwise(name, spec as never, (g, [x], y) => [spec.vjp(g, x!, y)]);
  const f: Unary = (x) => emit(op, align(name, [x]));
  return withRecord(f, op, spec as never);
}

/** Defines an elementwise function of two tensors, broadcast as NumPy does. */
export function binary(
  name: string,
  spec: Elementwise<(x: number, y: number) => number> & {
    vjp: (g: Tensor, x: Tensor, y: Tensor, out: Tensor) => readonly [Tensor | null, Tensor | null];
  },
): ElementwiseFunction<Binary> {
  const op = elementwise(name, spec as never, (g, [x, y], out) => spec.vjp(g, x!, y!, out));
  const f: Binary = (x, y) => emit(op, align(name, [x, y], spec.masks));
  return withRecord(f, op, spec as never);
}

/**
 * Defines a comparison: 1 or 0 in a float type. Integers are compared as integers, with each other and with whole
 * constants, and in f64 with all else; so no comparison rounds.
 */
export function comparison(
  name: string,
  spec: Elementwise<(x: number, y: number) => number>,
): ElementwiseFunction<Binary> {
  const op = elementwise(
    name,
    spec as never,
    () => [null, null],
    (args) => compared(name, args),
    true,
  );
  const compare: Binary = (x, y) => {
    const sides = [lift(x), lift(y)];
    const mask = emit(op, compared(name, sides));
    // A mask holds 0 and 1: it is of the type that its sides would have without integers.
    const floats = sides.filter((t) => t.dtype !== "i32");
    return ranked(mask.axis ? mask.cast(floatType(mask.axis, floats)) : mask);
  };
  return withRecord(compare, op, spec as never);
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
): ElementwiseFunction<Ternary> {
  const op = elementwise(name, spec as never, (g, args, out) => spec.vjp(g, args, out));
  const f: Ternary = (x, y, z) => emit(op, align(name, [x, y, z], spec.masks));
  return withRecord(f, op, spec as never);
}
