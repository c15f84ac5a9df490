import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { fitEnds, rootEnds } from "../../src/core/agreed.js";
import * as G from "../kit/library.js";
import { random } from "../kit/random.js";

beforeAll(() => G.init());

type Curve = (x: G.Scalar) => G.Tensor;

const compiled = (of: () => G.Tensor) => G.statusName(G.compile((_: G.Tensor) => of().add(0))(0) as number);
const minimum = (curve: (x: G.Tensor) => G.Tensor, start: number, options: G.MinimizeOptions = {}) =>
  compiled(() => G.minimize(curve, start, options).status);
const root = (curve: Curve, from: number, to: number) => compiled(() => G.root(curve, from, to).status);

/** A training of one number to its square's minimum. */
const bowl = async (more: object) => {
  const options = { params: { a: 2 }, data: {}, optimizer: G.sgd(0.1), steps: 50, ...more };
  const { status } = await G.train((p: { a: G.Tensor }) => p.a.square(), options);
  return status;
};

/** A way to each end. */
const ends: Readonly<Record<G.Status, () => G.Status | Promise<G.Status>>> = {
  converged: () => minimum((x) => x.square().sum(), 3),
  maxSteps: () => minimum((x) => x.square().square().sum(), 3, { maxSteps: 1 }),
  notFinite: () => minimum((x) => x.log().sum(), -1),
  noDescent: () => minimum((x) => x.neg().exp().sum(), 0),
  crossed: () => minimum((x) => x.square().sum(), 0, { lower: 1, upper: -1 }),
  jump: () => root((x) => x.sub(1).pow(-1), 0, 3),
  sameSign: () => root((x) => x.square().add(1), 0, 1),
  noValue: () => root((x) => x.log(), -1, 2),
  stalled: async () => {
    // The gradient is that of another function.
    const loss = ({ a }: { a: G.Tensor }) => G.stopGradient(a.square().mul(2)).sub(a.square());
    return (await G.train(loss, { params: { a: 2 }, data: {}, optimizer: G.lbfgs(), steps: 50 })).status;
  },
  earlyStop: () => bowl({ optimizer: G.sgd(2), patience: 2, evaluateEvery: 1 }),
  stopped: () => bowl({ onStep: () => "stop" }),
  aborted: () => bowl({ signal: AbortSignal.abort() }),
};

describe("statuses", () => {
  test.each(Object.entries(ends))("%s is an end of something", async (name, way) => {
    expect(await way()).toBe(name);
  });

  test("have a number, a name and a sentence each, and lead from one to the others", () => {
    const names = Object.keys(G.statuses) as G.Status[];
    expect(Object.keys(ends)).toEqual(names);
    expect(new Set(names.map((name) => G.statuses[name].sentence)).size).toBe(names.length);
    for (const [i, name] of names.entries()) {
      const { number, sentence } = G.statuses[name];
      expect(number).toBe(i);
      expect(G.statusName(number)).toBe(name);
      expect([G.statusMessage(number), G.statusMessage(name)]).toEqual([sentence, sentence]);
    }
    for (const odd of [-1, 0.5, names.length, Number.NaN])
      for (const tell of [G.statusName, G.statusMessage]) expect(() => tell(odd)).toThrow(G.InputError);
    expect(() => G.statusMessage("convergd" as G.Status)).toThrow("Did you mean converged?");
  });

  test("of minimisations and of roots are theirs, wherever they begin", () => {
    const next = random(11);
    const between = (a: number, b: number) => a + (b - a) * next();
    const curves: ((x: G.Tensor) => G.Tensor)[] = [
      (x) => x.square().sub(x).sum(),
      (x) => x.log().sub(1).sum(),
      (x) => x.tanh().sum(),
      (x) => G.div(1, x).sum(),
    ];
    for (const curve of curves) {
      const solve = G.compile((x: G.Scalar, width: G.Scalar) => [
        G.minimize(curve, x, { maxSteps: 20 }).status,
        G.root((y) => curve(y), x, x.add(width)).status,
      ]);
      for (let n = 0; n < 50; n++) {
        const [fit, search] = solve(between(-3, 3), between(-3, 3)) as [number, number];
        expect(Object.keys(fitEnds)).toContain(G.statusName(fit));
        expect(Object.keys(rootEnds)).toContain(G.statusName(search));
      }
    }
  });

  test("stand in the documentation as in the record", () => {
    const room = join(import.meta.dirname, "../../docs");
    const text = readFileSync(join(room, "core.md"), "utf8");
    const rows = [...text.matchAll(/^\| (\d+) \| `(\w+)` \| (.*) \|$/gm)].map(([, ...cells]) => cells);
    const wanted = Object.entries(G.statuses).map(([name, s]) => [String(s.number), name, s.sentence]);
    expect(rows).toEqual(wanted);
    let told = 0;
    for (const file of readdirSync(room, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".md")) continue;
      const page = readFileSync(join(room, file), "utf8");
      for (const [, name] of page.matchAll(/\bstatus`? (?:is )?`"?(\w+)"?`/g)) {
        expect(G.statuses, file).toHaveProperty(name!);
        told++;
      }
    }
    expect(told).toBeGreaterThan(1);
  });

  test("are compared by their names: no source knows their numbers by heart", () => {
    const room = join(import.meta.dirname, "../../src");
    for (const file of readdirSync(room, { recursive: true, encoding: "utf8" })) {
      if (!file.endsWith(".ts") || file.startsWith("cli")) continue;
      const text = readFileSync(join(room, file), "utf8");
      expect(text, file).not.toMatch(/\bstatus(?:es)?\b(?:\[\w+\]!?)?(?: [!=]== |\.eq\(|: )[1-9]/);
    }
    const kernel = readFileSync(join(import.meta.dirname, "../../assembly/kernels/root.ts"), "utf8");
    const ended = [...kernel.matchAll(/ finish\(s, (.*)\);/g)].map(([, words]) => words!);
    expect(ended.length).toBeGreaterThan(8);
    for (const words of ended) expect(words).toContain("rootEnds.");
  });
});
