import { beforeAll, describe, expect, test, vi } from "vitest";
import { Arena } from "../../bindings/arena.js";
import { execute } from "../../bindings/executable.js";
import { opcodes } from "../../bindings/generated/opcodes.js";
import { wasmHex } from "../../bindings/generated/wasm.js";
import { decodeHex, load } from "../../bindings/load.js";
import { solve } from "../../src/core/elementary/linalg.js";
import { MemoryError, RuntimeUnavailableError } from "../../src/core/errors.js";
import type { Numbers } from "../../src/core/events.js";
import { guardBuffers } from "../../src/core/plan/encode.js";
import type { TableData } from "../../src/core/plan/layout.js";
import { plan } from "../../src/core/plan/plan.js";
import { boundTables } from "../../src/core/run/boundtables.js";
import { argumentLeaves, trace, vector } from "../../src/core/run/trace.js";
import {
  compile,
  constantArray,
  grad,
  init,
  minimize,
  root,
  type Tensor,
  table,
  valueAndGrad,
} from "../../src/index.js";
import { affine } from "../../src/ops/affine.js";
import { args as argsOf, call, cases, data } from "../kit/sample.js";

const bytes = decodeHex(wasmHex);
/** Whether this is `npm run test:checked`. */
const checked = process.env.GRADCUT_KERNELS === "checked";
let high: Arena | null = null;
let low: Arena;

/** Behind this address there are a few MiB up to the end of what 32 bits reach: what nothing touches costs no memory. */
const BASE = 2 ** 32 - 48 * 2 ** 20;

beforeAll(async () => {
  await init();
  low = new Arena((await load({ bytes })).kernels);
  const arena = new Arena((await load({ bytes })).kernels);
  try {
    arena.ensure(BASE);
    high = arena;
  } catch (error) {
    console.warn(`no test of high addresses: ${(error as Error).message}`);
  }
});

type Run = (...args: never[]) => unknown;

/** The results of a function whose values lie from `base` on. */
function at(arena: Arena, base: number, f: Run, args: readonly unknown[]) {
  const traced = trace(f, args);
  const captured = { first: traced.smalls.length, values: traced.captured };
  const { leaves } = argumentLeaves(args);
  const { tables, children } = boundTables(traced, leaves);
  const inputs = traced.smalls.map(({ leaf }) => vector(leaves[leaf]!));
  return execute(arena, plan(traced.outputs, base, opcodes, captured, children), inputs, tables);
}

/** Whether results are equal to the last bit; matchers take minutes for long arrays. */
const same = (a: Results, b: Results): boolean =>
  a.length === b.length && a.every((x, i) => Buffer.compare(bits(x), bits(b[i]!)) === 0);
type Results = ReturnType<typeof execute>;
const bits = (x: Results[number]): Buffer => {
  const { buffer, byteOffset, byteLength } = typeof x === "number" ? Float64Array.of(x) : x;
  return Buffer.from(buffer, byteOffset, byteLength);
};

function bothAgree(f: Run, args: readonly unknown[], what = ""): void {
  const want = at(low, low.kernels.heapBase(), f, args);
  if (!high) return;
  expect(same(at(high, BASE, f, args), want), what).toBe(true);
  expect(high.kernels.memory.buffer.byteLength).toBeLessThan(2 ** 32 - 2 ** 20);
}

describe("addresses up to 4 GiB", () => {
  test("every op gives the same bits there", () => {
    const seen = new Map<string, number>();
    for (const c of cases()) {
      // One sample of each op; the registry's own tests walk all of them.
      const n = seen.get(c.op.name) ?? 0;
      seen.set(c.op.name, n + 1);
      if (n > 0) continue;
      const { params, events } = data(c, "f32");
      const f = (p: Record<string, Tensor>, e: Record<string, Tensor>) => call(c, "f32", argsOf(c, p, e));
      bothAgree(f as Run, [params, events], c.label);
    }
  });

  test("so do fits, roots, maps over them, and sums of many blocks", () => {
    const x = Float64Array.from({ length: 40_000 }, (_, i) => Math.sin(i));
    type E = { x: Tensor; k: Tensor };
    const events = table({ x, k: Int32Array.from(x, (v) => Math.floor(9 * v)) }, { dtype: "f64" });
    const f = (p: Tensor, e: E) => {
      const argmin = (a: Tensor) => minimize((m) => m.sub(a).square().add(m.exp()), a).x;
      return [
        valueAndGrad((p: Tensor) => e.x.mul(p.at(0)).sigmoid().sum())(p),
        e.x.mul(30).logsumexp("events"),
        e.x.max("events"),
        e.k.mul(e.x),
        grad((p: Tensor) => argmin(p.at(0)).add(argmin(p.at(1))))(p),
        root((m) => m.sub(p.at(0)), 0, 3).x,
        solve(constantArray([1, 2, 3, 4], [2, 2]), p),
      ];
    };
    bothAgree(f as Run, [[0.5, 1.5], events]);
  });

  test("and beyond them a sentence says how much is needed", () => {
    const wide = compile((p: Tensor) => {
      const m = p.reshape([p.size, 1]).mul(p.reshape([1, p.size]));
      return m.exp().add(m.sin()).sum();
    });
    let error: unknown;
    try {
      wide(new Float64Array(20_000));
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(MemoryError);
    expect(error).toMatchObject({
      code: "runtime.memory",
      message: expect.stringMatching(/more than \d{5,} MiB/),
    });
    expect(wide(Float64Array.of(0, 1))).toBeGreaterThan(0);
    expect(() => low.ensure(2 ** 32)).toThrow(/need 4096 MiB.*32-bit addresses reach no more/);
  });
});

describe("rows of many values", () => {
  const wide = (w: number, rows: number) =>
    table({ f: Float32Array.from({ length: w * rows }, (_, i) => Math.sin(i)) }, { rows });
  const loss = (w: number) => (p: Tensor, e: { f: Tensor }) =>
    affine(e.f.reshape([w]), p.reshape([w, 1]), null)
      .square()
      .sum();

  test("are staged by their bytes: a column of 70,000 values", () => {
    const [w, rows] = [70_000, 3];
    const f = compile(loss(w));
    const p = Float64Array.from({ length: w }, (_, i) => Math.cos(i));
    const data = wide(w, rows);
    expect(f.plan(p, data).bytes).toBeLessThan(200 * 2 ** 20);
    let want = 0;
    for (let row = 0; row < rows; row++) {
      let score = 0;
      for (let i = 0; i < w; i++) score += Math.fround(Math.sin(row * w + i)) * p[i]!;
      want += score * score;
    }
    expect(Math.abs((f(p, data) as number) / want - 1)).toBeLessThan(1e-2);
  });

  test("part by part with the bits of one part, columns and results too", () => {
    const [w, rows] = [40, 10_000];
    type E = { f: Tensor; k: Tensor };
    const columns = {
      f: Float32Array.from({ length: w * rows }, (_, i) => Math.sin(i)),
      k: Int32Array.from({ length: rows }, (_, i) => i),
    };
    const f = (p: Tensor, e: E) => [
      valueAndGrad((p: Tensor) =>
        affine(e.f, p.reshape([w, 1]), null)
          .tanh()
          .sum(),
      )(p),
      e.f.mul(2),
      e.k.add(1),
      e.f.max("events"),
    ];
    const p = Float64Array.from({ length: w }, (_, i) => Math.cos(i));
    const args = [p, table(columns, { rows })];
    const traced = trace(f as Run, args);
    const whole = plan(traced.outputs, low.kernels.heapBase(), opcodes);
    const tables = new Map<string, TableData>([
      ["events", { rows, columns: new Map<number, Numbers>([columns.f, columns.k].entries()) }],
    ]);
    const [sweep] = whole.stages[0]!.sweeps;
    const want = execute(low, whole, [p], tables);
    for (const staged of [1, 3, 31]) {
      const stages = whole.stages.map((stage) => ({
        ...stage,
        sweeps: stage.sweeps.map((s) => ({ ...s, chunk: staged * 256 })),
      }));
      expect(sweep!.chunk).toBeGreaterThan(8 * 256);
      expect(same(execute(low, { ...whole, stages }, [p], tables), want), `${staged} tiles`).toBe(true);
    }
  });
});

describe("a run that is stopped", () => {
  const f = (p: Tensor) => p.mul(2).exp().sum();
  const traced = (base: number, codes: Readonly<Record<string, number>> = opcodes) =>
    plan(trace(f as Run, [[1, 2, 3]]).outputs, base, codes);
  const p = Float64Array.of(1, 2, 3);

  test("by a trap, in a call or while its plan is loaded, leaves nothing that a later call takes for its own", () => {
    const base = low.kernels.heapBase();
    const good = traced(base);
    const want = execute(low, good, [p], new Map());
    const trapped = { ...traced(base), code: Int32Array.from(good.code).fill(2 ** 30) };
    expect(() => execute(low, trapped, [p], new Map())).toThrow(WebAssembly.RuntimeError);
    expect(execute(low, good, [p], new Map())).toEqual(want);
    // A plan without room for its own tape.
    const broken = { ...good, codeBase: 2 ** 31 };
    expect(() => execute(low, broken, [p], new Map())).toThrow();
    expect(execute(low, good, [p], new Map())).toEqual(want);
  });

  test.runIf(checked)("by an assertion says which, in a checked build", () => {
    const [gather, words] = [opcodes.f64_select, 7];
    const at = low.kernels.heapBase() + 64 - (low.kernels.heapBase() % 64);
    const of = (...code: number[]) => {
      low.i32.set(code, at >>> 2);
      return () => low.kernels.run(at, at + 4 * code.length);
    };
    low.forget();
    expect(of(gather, words, 1, 1, at + 256, at + 512, at + 2)).toThrow(/not aligned .*check\.ts/);
    expect(of(gather, words, 1, 1, at + 256, 2 ** 31, at + 256)).toThrow(/behind the arena/);
    expect(of(gather, words + 1, 1, 1, at + 256, at + 512, at + 768)).toThrow(/ends behind its range/);
  });

  test("by a guard says that a kernel wrote behind its buffer", () => {
    try {
      guardBuffers();
      const guarded = traced(low.kernels.heapBase());
      expect(guarded.guards.length).toBeGreaterThan(2);
      const want = Math.exp(2) + Math.exp(4) + Math.exp(6);
      expect(execute(low, guarded, [p], new Map())[0]).toBeCloseTo(want, 10);
      low.f64[guarded.guards[1]! / 8] = 0;
      expect(() => execute(low, guarded, [p], new Map())).toThrow(/wrote behind the end of the buffer/);
      expect(execute(low, guarded, [p], new Map())[0]).toBeCloseTo(want, 10);
    } finally {
      guardBuffers(checked);
    }
    if (!checked) expect(traced(low.kernels.heapBase()).guards).toEqual([]);
  });
});

test("no memory for the kernels is said as that, and missing SIMD as that", async () => {
  // A second copy of the module, which has no kernels yet.
  const copy = "../../src/core/run/compile.js?copy";
  const fresh = (await import(/* @vite-ignore */ copy)) as typeof import("../../src/core/run/compile.js");
  const spy = vi.spyOn(WebAssembly, "instantiate");
  spy.mockRejectedValueOnce(
    new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory"),
  );
  await expect(fresh.initFrom({ bytes })).rejects.toMatchObject({
    code: "runtime.memory",
    message: expect.not.stringMatching(/SIMD/),
  });
  spy.mockRestore();
  await expect(fresh.initFrom({ bytes: Uint8Array.of(0, 1, 2, 3) })).rejects.toMatchObject({
    code: "runtime.wasm",
    message: expect.stringMatching(/SIMD/),
  });
  expect(RuntimeUnavailableError.name).toBe("RuntimeUnavailableError");
});

test.each([
  // As Chromium, Firefox and WebKit say it.
  `WebAssembly.compile(): Compiling or instantiating WebAssembly module violates the following Content Security policy directive because 'unsafe-eval' is not an allowed source of script`,
  "call to WebAssembly.compile() blocked by CSP",
  "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script in the following Content Security Policy directive",
])("a policy that forbids WebAssembly is named, with what to allow: %s", async (said) => {
  const copy = "../../src/core/run/compile.js?policy";
  const fresh = (await import(/* @vite-ignore */ copy)) as typeof import("../../src/core/run/compile.js");
  const spy = vi.spyOn(WebAssembly, "compile").mockRejectedValueOnce(new WebAssembly.CompileError(said));
  await expect(fresh.initFrom({ bytes })).rejects.toMatchObject({
    code: "runtime.policy",
    message: expect.stringMatching(/add 'wasm-unsafe-eval' to its script-src/),
  });
  spy.mockRestore();
});
