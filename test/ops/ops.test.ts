import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { grad, vmap } from "../../src/core/derive/transform.js";
import type { Op } from "../../src/core/graph/record.js";
import type { Tensor } from "../../src/core/graph/tensor.js";
import { reachable } from "../../src/core/graph/walk.js";
import { interpret } from "../../src/core/oracle/interpret.js";
import { trace } from "../../src/core/run/trace.js";
import { compile, init } from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { opFiles, oracleOf, oracles, registry } from "../kit/registry.js";
import {
  args,
  type Case,
  call,
  cases,
  data,
  hasRows,
  isEvent,
  isFloat,
  rowsOf,
  rowsOfAxis,
  scalarize,
  type Tree,
  tablesOf,
  trees,
  weighted,
} from "../kit/sample.js";

beforeAll(() => init());

type Numbers = ArrayLike<number>;
const asArray = (x: unknown): Numbers => Float64Array.from(flat(x));

/** Distance in units of the last place of `want`, or of `scale` where sums make that the fair unit. */
function ulps(got: number, want: number, dtype: "f32" | "f64", scale = Math.abs(want)): number {
  if (Object.is(got, want) || got === want || (Number.isNaN(got) && Number.isNaN(want))) return 0;
  if (!Number.isFinite(got) || !Number.isFinite(want)) return Number.POSITIVE_INFINITY;
  const [bits, smallest] = dtype === "f32" ? [23, 2 ** -149] : [52, 2 ** -1074];
  const unit = Math.max(2 ** (Math.floor(Math.log2(Math.max(scale, Number.MIN_VALUE))) - bits), smallest);
  return Math.abs(got - want) / unit;
}

const all = [...cases()];

/** A case as a compiled function of its params and events, one for each dtype. */
const compiled = new Map<string, (p: never, e: never) => unknown>();
function run(c: Case, dtype: "f32" | "f64", { params, events }: ReturnType<typeof data>): Numbers {
  const name = `${dtype} ${c.label}`;
  const f = compiled.get(name) ?? compile((p: Tree, e: Tree) => call(c, dtype, args(c, p, e)));
  compiled.set(name, f);
  return asArray(f(params as never, events as never));
}

describe("every op record", () => {
  it.each([...registry.values()].map((op) => [op.name, op] as const))("%s is complete", (name, op: Op) => {
    const { reference, test, untested } = oracleOf(op);
    for (const [field, f] of Object.entries({ infer: op.infer, vjp: op.vjp, batch: op.batch, reference })) {
      expect(typeof f, `${name}.${field}`).toBe("function");
    }
    // What is not computed is the same as an argument, or given.
    const given = op.alias || op.source === "constant" || op.source === "hole";
    expect(op.lowering === undefined, `${name} has a lowering, or needs none`).toBe(Boolean(given));
    expect(Array.isArray(test)).toBe(true);
    expect(test.length === 0, `${name} has samples, or says why not`).toBe(untested !== undefined);
  });

  it("is in the registry, whatever file it stands in", () => {
    const record =
      /(?:: (?:Op|Selection)(?:<.*>)? = \{\n\s*name: |\b(?:unary|binary|ternary|comparison|reduction|elementFold|upward|taking|scattering|placing|sorting|selecting|cumulative|searching|scanning|multiplying)\(\s*|\bselection\(\{\s*name: )"(\w+)"/g;
    const names = opFiles.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(record)].map((m) => m[1]!),
    );
    expect([...names].sort()).toEqual([...registry.keys()].sort());
  });
});

describe("kernels agree with the references", () => {
  for (const c of all) {
    for (const dtype of isEvent(c) ? (["f32", "f64"] as const) : (["f64"] as const)) {
      it(`${dtype} ${c.label}`, () => {
        const { params, events } = data(c, dtype);
        const f = (p: Tree, e: Tree) => call(c, dtype, args(c, p, e));
        const got = run(c, dtype, { params, events });
        const traced = trace(f as never, [params, events]);
        const env = {
          smalls: [...traced.smalls.map((_, i) => Object.values(params)[i]!), ...traced.captured],
          columns: traced.columns.map(({ within, name }) => {
            const own = within.reduce((t, child) => t[child] as never, events as Record<string, unknown>);
            return own[name] as Numbers;
          }),
          ...tablesOf(reachable(traced.outputs), c.rows),
          oracles,
        };
        const out = traced.outputs[0]!;
        const [want] = interpret([out], env);
        const lanes = want!.lanes;
        expect(want!.data.length).toBe(out.size * rowsOfAxis(out.axis, c.rows));
        const largest = want!.data.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
        // Where a result is a sum its terms may cancel, and one ULP of the largest is what can be asked for.
        const sums =
          c.op.lowering?.fold ||
          c.sample.args.length > 1 ||
          c.op.name === "sumInner" ||
          c.op.name === "logCutProduct";
        const single = out.axis ? out.dtype : dtype;
        let worst = 0;
        for (let i = 0; i < want!.data.length; i++) {
          const [k, row] = [Math.floor(i / lanes), i % lanes];
          const g = got[out.axis ? row * out.size + k : i]!;
          const d = ulps(g, want!.data[i]!, single === "f32" ? "f32" : "f64", sums ? largest : undefined);
          if (d > worst) worst = d;
        }
        expect(worst).toBeLessThanOrEqual(Math.max(c.sample.ulp[dtype], 0));
      });
    }
  }
});

describe("derivatives agree with differences", () => {
  for (const c of all.filter((x) => (x.sample.order ?? 2) >= 1)) {
    const floats = c.sample.args.map(isFloat);
    it(c.label, () => {
      const f = (p: Tree, e: Tree) => scalarize(call(c, "f64", args(c, p, e)));
      check(c, floats, f, 1e-6);
    });
    if ((c.sample.order ?? 2) >= 2) {
      it(`second order ${c.label}`, () => {
        const f = (p: Tree, e: Tree) => {
          const g = gradient(c, (a) => scalarize(call(c, "f64", a)))(args(c, p, e));
          return g.map((t) => scalarize(t)).reduce((a, b) => a.add(b));
        };
        check(c, floats, f, 1e-5);
      });
    }
  }
});

/** Gradient with respect to the float arguments of a case. */
function gradient(c: Case, f: (a: Tensor[]) => Tensor): (a: Tensor[]) => Tensor[] {
  const floats = c.sample.args.map(isFloat);
  return (a) =>
    grad((own: Tensor[]) => {
      const it = own[Symbol.iterator]();
      return f(a.map((t, i) => (floats[i] ? (it.next().value as Tensor) : t)));
    })(a.filter((_, i) => floats[i]));
}

/** One random direction: ⟨∇f, v⟩ against a fourth-order central difference. */
function check(c: Case, floats: boolean[], f: (p: Tree, e: Tree) => Tensor, tolerance: number): void {
  const value = compile(f);
  const slopes = compile((p: Tree, e: Tree) => gradient(c, (a) => f(...trees(c, a)))(args(c, p, e)));
  const direction = c.values.map((v, i) => v.map((_, j) => (floats[i] ? Math.sin(1 + i + 3 * j) : 0)));
  const base = data(c, "f64");
  const g = slopes(base.params as never, base.events as never) as unknown as (number | Float64Array)[];
  let analytic = 0;
  let k = 0;
  floats.forEach((float, i) => {
    if (!float) return;
    const arg = c.sample.args[i]!;
    const gi = asArray(g[k++]);
    const d = direction[i]!;
    for (let j = 0; j < d.length; j++) analytic += d[j]! * gi[j]!;
    expect(gi.length).toBe(c.values[i]!.length);
    expect(arg.shape).toBeDefined();
  });
  const at = (eps: number) => {
    const moved = c.values.map((v, i) =>
      v.map((x, j) => x + eps * direction[i]![j]! * Math.max(Math.abs(x) * 0.1, 1e-30)),
    );
    return moved;
  };
  // Steps in proportion to each value keep tiny and huge arguments honest; the analytic side gets the same weights.
  let weighted = 0;
  k = 0;
  floats.forEach((float, i) => {
    if (!float) return;
    const gi = asArray(g[k++]);
    direction[i]!.forEach((d, j) => {
      weighted += d * gi[j]! * Math.max(Math.abs(c.values[i]![j]!) * 0.1, 1e-30);
    });
  });
  const run = (eps: number) => {
    const { params, events } = data(c, "f64", at(eps));
    return value(params as never, events as never) as unknown as number;
  };
  const eps = 2e-3;
  const difference = (8 * (run(eps) - run(-eps)) - (run(2 * eps) - run(-2 * eps))) / (12 * eps);
  const scale = Math.max(Math.abs(difference), Math.abs(weighted), 1e-6 * Math.abs(run(0)), 1e-300);
  expect(Number.isFinite(analytic) || !Number.isFinite(difference)).toBe(true);
  expect(Math.abs(weighted - difference) / scale).toBeLessThan(tolerance);
}

describe("derivatives of f32 tiles agree with those of f64 tiles", () => {
  for (const c of all.filter((x) => (x.sample.order ?? 2) >= 1 && x.sample.args.some(hasRows))) {
    it(c.label, () => {
      const values = c.values.map((v, i) =>
        hasRows(c.sample.args[i]!) ? Float64Array.from(v, Math.fround) : v,
      );
      const [single, double] = (["f32", "f64"] as const).map((dtype) => {
        const slopes = compile((p: Tree, e: Tree) =>
          gradient(c, (a) => weighted(call(c, dtype, a)).sum())(args(c, p, e)),
        );
        const { params, events } = data(c, dtype, values);
        return (slopes(params as never, events as never) as unknown as Numbers[]).map(asArray);
      });
      double!.forEach((want, i) => {
        const largest = Array.from(want).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
        const off = Array.from(want, (v, j) => Math.abs(v - single![i]![j]!));
        expect(Math.max(...off), `argument ${i}`).toBeLessThanOrEqual(5e-5 * largest);
      });
    });
  }
});

describe("vmap agrees with a loop", () => {
  for (const c of all.filter((x) => x.sample.args.some(isFloat))) {
    it(c.label, () => {
      const B = 2;
      c.sample.args.forEach((arg, i) => {
        if (!isFloat(arg)) return;
        // Argument i gets a leading axis: the sample's own values, and the same in reverse order.
        const size = arg.shape.reduce((n, d) => n * d, 1);
        const reversed = c.values[i]!.slice().reverse();
        const both = hasRows(arg)
          ? Float64Array.from({ length: B * size * rowsOf(arg, c.rows) }, (_, j) => {
              const [row, b, k] = [Math.floor(j / (B * size)), Math.floor(j / size) % B, j % size];
              return (b ? reversed : c.values[i]!)[row * size + k]!;
            })
          : Float64Array.of(...c.values[i]!, ...reversed);
        const one = { ...c, values: c.values };
        const batchedShape = [B, ...arg.shape];
        const wide: Case = {
          ...c,
          sample: {
            ...c.sample,
            args: c.sample.args.map((a, j) => (j === i ? { ...a, shape: batchedShape } : a)),
          },
          values: c.values.map((v, j) => (j === i ? both : v)),
        };
        const { params, events } = data(wide, "f64");
        let rows = 1;
        const got = asArray(
          compile((p: Tree, e: Tree) => {
            const a = args(wide, p, e);
            return vmap((x: Tensor) => {
              const one = call(
                c,
                "f64",
                a.map((t, j) => (j === i ? x : t)),
              );
              rows = rowsOfAxis(one.axis, c.rows);
              return one;
            })(a[i]!);
          })(params as never, events as never),
        );
        [c.values[i]!, reversed].forEach((values, b) => {
          const single = { ...one, values: c.values.map((v, j) => (j === i ? values : v)) };
          const want = run(c, "f64", data(single, "f64"));
          const events = want.length !== got.length / B ? 0 : want.length;
          expect(events).toBeGreaterThan(0);
          const outSize = want.length / rows;
          const different = Array.from(want).flatMap((w, j) => {
            const at = Math.floor(j / outSize) * B * outSize + b * outSize + (j % outSize);
            const scale = Math.max(Math.abs(w), 1e-12);
            const same = Number.isFinite(w) ? Math.abs(got[at]! - w) / scale < 1e-9 : Object.is(got[at], w);
            return same ? [] : [{ at, got: got[at], want: w }];
          });
          expect(different).toEqual([]);
        });
      });
    });
  }
});
