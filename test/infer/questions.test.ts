/** Every question of src/infer that is asked of numbers and of Tensors: one walk over all of them. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, type Model, type Scalar, type Tensor } from "../../src/index.js";
import * as G from "../kit/library.js";

beforeAll(() => G.init());

const { normfactor, normsys, staterror } = G;
const made = () =>
  G.histfactory({
    channels: [
      {
        name: "c",
        samples: [
          { name: "s", data: [2, 5, 9], modifiers: [normfactor("mu")] },
          {
            name: "b",
            data: [40, 30, 20],
            modifiers: [normsys("k", 1.1, 0.9), staterror("stat", [4, 3, 2])],
          },
        ],
      },
    ],
  });
const main = [44, 33, 27];

type Options = { readonly maxSteps?: number } | { readonly maxStep: number };
type Any = (...args: readonly unknown[]) => unknown;

/** As they stand in the sources, with whether a value comes first. */
const room = join(import.meta.dirname, "../../src/infer");
const found = readdirSync(room, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const text = readFileSync(join(room, file), "utf8");
    return [...text.matchAll(/^export const (\w+) = (question|questionAt)\(/gm)];
  });
const questions = found.map(([, name, kind]) => ({ name: name!, at: kind === "questionAt" }));

function asked({ name, at }: (typeof questions)[number]) {
  const f = (G as unknown as Record<string, Any>)[name]!;
  return (data: unknown, model: Model, options?: Options) => f(...(at ? [0.7] : []), data, model, options);
}

const data = (model: Model) => Float64Array.from([...main, ...model.suggestedAuxdata()]);

/** All numbers of a tree by their paths; a name of a status is its number. */
function numbers(tree: unknown, path = ""): [string, number][] {
  if (typeof tree === "number") return [[path, tree]];
  if (/\.status(es\.\d)?$/.test(path)) return [[path, G.statuses[tree as G.Status].number]];
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([key, x]) => numbers(x, `${path}.${key}`));
}

/** What is answered inside a traced function, in numbers; members that are made when they are read, too. */
function traced(ask: ReturnType<typeof asked>, model: Model, options?: Options): Map<string, number> {
  const f = compile((x: Tensor) => ({ ...(ask(x, model, options) as object) }));
  return new Map(numbers(f(data(model))));
}

it("there are as many as there were", () => {
  expect(questions.map(({ name }) => name).sort()).toEqual([
    ...["discovery", "fit", "fixedPoiFit", "goodnessOfFit", "hypotest"],
    ...["q0", "qmu", "qmuTilde", "tmu", "tmuTilde", "uncertainties", "upperLimit"],
  ]);
});

describe.each(questions)("$name", (question) => {
  const ask = asked(question);

  it("answers a traced function as it answers numbers", () => {
    const model = made();
    const outside = new Map(numbers(ask(data(model), model)));
    const inside = traced(ask, model);
    expect(inside.size).toBeGreaterThan(3);
    for (const [path, value] of inside) {
      // Searches end elsewhere in the last digits, and count their steps.
      if (/steps|edm/.test(path)) continue;
      const expected = outside.get(path);
      expect(expected, path).toBeDefined();
      expect(Math.abs(value - expected!), path).toBeLessThan(2e-6 * (1 + Math.abs(expected!)));
    }
  });

  it("says of an answer that there is one", () => {
    const model = made();
    const answer = ask(data(model), model);
    expect(answer).toMatchObject({ status: "converged", converged: true, impossible: [], failure: null });
    expect((answer as G.Fit).warnings).toBeInstanceOf(Array);
  });

  it("says why there is none, inside and outside a traced function", () => {
    const model = made();
    const few = { maxSteps: 1 };
    const answer = ask(data(model), model, few) as G.Fit;
    expect(answer.converged).toBe(false);
    expect(answer.failure).toMatch(/did not converge: the step limit was reached/);
    expect(answer.warnings).toContain(answer.failure);
    const inside = traced(ask, model, few);
    expect(inside.get(".status")).toBeGreaterThan(0);
    expect([...inside.values()].some(Number.isNaN)).toBe(true);
  });

  it("refuses options that it does not have by its name, and data of another length", () => {
    const model = made();
    expect(() => ask(data(model), model, { maxStep: 1 })).toThrow(
      `'${question.name}' has no option 'maxStep'. Did you mean maxSteps?`,
    );
    expect(() => ask(main, model)).toThrow("append the model's auxiliary data");
    expect(() => traced((x, m) => ask(x, m, { maxStep: 1 }), model)).toThrow("has no option 'maxStep'");
  });
});

it("numbers give numbers and Tensors Tensors, by their types", () => {
  const types = (model: Model, t: Tensor, v: Float64Array) => {
    const cls: number = G.hypotest(1, v, model, { testStat: "q" }).cls;
    const tracedCls: Scalar = G.hypotest(t, t, model, { upper: t }).cls;
    const x: Float64Array = G.fit(v, model).x;
    const tracedX: Tensor = G.fit(t, model).x;
    const limit: number = G.upperLimit(v, model, { level: 0.9 }).observed;
    const tracedLimit: Scalar = G.upperLimit(t, model, { level: 0.9 }).observed;
    // @ts-expect-error numbers have no Tensors among their options
    G.fit(v, model, { upper: t });
    // @ts-expect-error a fit has no level
    G.fit(v, model, { level: 0.9 });
    // @ts-expect-error a misspelt option
    G.upperLimit(v, model, { levl: 0.1 });
    // @ts-expect-error a fit has no value before its data
    G.fit(1, v, model);
    return [cls, tracedCls, x, tracedX, limit, tracedLimit];
  };
  expect(types).toBeTypeOf("function");
});
