// Inputs that are wrong on purpose, and what refuses them.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { GradcutError } from "../../src/text/gradcuterror.js";
import * as g from "./library.js";

export type Json = Record<string, unknown>;
export type Row = [what: string, run: () => unknown, code: string];

export const mu = { name: "mu", type: "normfactor", data: null };
export const channel = (samples: unknown[], name = "c") => ({ name, samples });
export const sample = (name: string, data: number[], modifiers: unknown[] = []) => ({
  name,
  data,
  modifiers,
});
export const normsys = { name: "n", type: "normsys", data: { lo: 0.9, hi: 1.1 } };
/** Inputs are wrong on purpose, so they have no type. */
export const untyped = <T>(value: unknown): T => value as T;
export const build = (channels: unknown[], options: Json = {}, more: Json = {}) =>
  g.histfactory(untyped({ channels, ...more }), { poi: null, ...options });
export const withModifier = (modifier: unknown) => () => build([channel([sample("a", [10], [modifier])])]);
export const configured = (parameters: unknown) => () =>
  build([channel([sample("a", [10]), sample("b", [5], [mu])])], { poi: "mu" }, { parameters });

export const document = (
  channels: { name: string; samples: { data: number[] }[] }[],
  poi = "mu",
  more: Json = {},
) => ({
  channels,
  measurements: [{ name: "m", config: { poi, parameters: [] as unknown[] } }],
  observations: channels.map(({ name, samples }) => ({ name, data: samples[0]!.data })),
  version: "1.0.0",
  ...more,
});
export const simple = (more: Json = {}) =>
  document([channel([sample("s", [5, 10], [mu]), sample("b", [50, 60], [normsys])]) as never], "mu", more);
export const read = (value: unknown) => g.readWorkspace(value);
export const example = readFileSync(new URL("../../examples/data/workspace.json", import.meta.url), "utf8");
export const workspace = () => g.readWorkspace(example);

export const without = (value: Json, ...path: (string | number)[]): Json => {
  const copy = structuredClone(value);
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Json;
  delete at[path.at(-1)!];
  return copy;
};

/** Tests that each row is refused by its code, in one sentence, and never by an error of JavaScript's own. */
export function refuses(what: string, rows: () => Row[]): void {
  describe(`pyhf refuses ${what}`, () => {
    test("and so do we", () => {
      const all = rows();
      expect(all.map(([name, run]) => [name, codeOf(run)])).toEqual(
        all.map(([name, , code]) => [name, code]),
      );
    });
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof GradcutError)) return `not of ours: ${String(error)}`;
    expect(error.message).toMatch(/^[^\n]{20,}$/);
    return error.code;
  }
  return "accepted";
}
