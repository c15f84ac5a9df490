// Expressions and patches, with shrinking: the smallest text or document that is wrong is shown.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../src/histfactory/document/json.js";
import { applyPatch } from "../../src/histfactory/document/jsonpatch.js";
import type { PatchOperation } from "../../src/histfactory/document/specs.js";
import { cut, init } from "../../src/index.js";
import { parseCut, parseExpr } from "../../src/select/grammar/parse.js";
import { printExpr } from "../../src/select/grammar/printexpr.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const { value, condition } = fc.letrec<{ value: string; condition: string }>((tie) => {
  const number = fc.oneof(
    fc.constantFrom("0", "1", "2.5", "1e-3", "7"),
    fc.double({ min: 0, max: 99, noNaN: true }).map(String),
  );
  const two = (a: fc.Arbitrary<string>, join: string[], b: fc.Arbitrary<string>) =>
    fc.tuple(a, fc.constantFrom(...join), b).map(([x, op, y]) => `${x} ${op} ${y}`);
  return {
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom("x", "y", "Jet_pt[0]"),
      number,
      two(tie("value"), ["+", "-", "*", "/", "**"], tie("value")),
      tie("value").map((v) => `(${v})`),
      tie("value").map((v) => `-${v}`),
      fc.tuple(fc.constantFrom("abs", "sqrt", "tanh"), tie("value")).map(([f, v]) => `${f}(${v})`),
      fc.tuple(tie("value"), tie("value")).map(([a, b]) => `max(${a}, ${b})`),
    ),
    condition: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      // A column on one side, so that a comparison is not the same for every event.
      two(
        tie("value").map((v) => `x + ${v}`),
        ["<", "<=", ">", ">=", "==", "!="],
        tie("value"),
      ),
      two(tie("condition"), ["&&", "||"], tie("condition")),
      tie("condition").map((c) => `(${c})`),
      tie("condition").map((c) => `!(${c})`),
      fc.constantFrom("x", "0 < y < 3", "x > {a = 2}", "y < fixed(4)", "x * {b = 1 in [0, 3]} > 1"),
    ),
  };
});
const columns = {
  x: Float64Array.of(0, 1, 2, -3, 50, Number.NaN),
  y: Float64Array.of(1, 2.5, 7, 0, -1, 3),
  "Jet_pt[0]": Float64Array.of(3, 0, 1, 2, Number.NaN, 5),
};

describe("expressions", () => {
  it("print and parse back", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          value,
          condition.filter((text) => !/[{]|fixed/.test(text)),
        ),
        (text) => {
          const printed = printExpr(parseExpr(text));
          expect(printExpr(parseExpr(printed))).toBe(printed);
        },
      ),
      { numRuns: runs(200) },
    );
  });

  it("as cuts select what their printed text selects", () => {
    fc.assert(
      fc.property(condition, (text) => {
        const [a, b] = [cut(text), cut(printExpr(parseCut(text)))].map(
          (c) => c as unknown as ReturnType<typeof cut<string>>,
        ) as [ReturnType<typeof cut<string>>, ReturnType<typeof cut<string>>];
        expect(b.hard(b.init(), columns)).toEqual(a.hard(a.init(), columns));
      }),
      { numRuns: runs(60) },
    );
  });
});

const document = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<Json>(null, true, 0, 1, "a", "b"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "~", "/", "", "0", "__proto__"), tie("json"), { maxKeys: 3 }),
  ),
})).json;
const pointer = fc
  .array(fc.constantFrom("a", "b", "~0", "~1", "", "0", "1", "-", "__proto__"), { maxLength: 3 })
  .map((keys) => keys.map((key) => `/${key}`).join(""));
const operation: fc.Arbitrary<PatchOperation<Json>> = fc.oneof(
  fc.record({
    op: fc.constantFrom("add" as const, "replace" as const, "test" as const),
    path: pointer,
    value: document,
  }),
  fc.record({ op: fc.constant("remove" as const), path: pointer }),
  fc.record({ op: fc.constantFrom("copy" as const, "move" as const), from: pointer, path: pointer }),
);

type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain };

/** RFC 6902 word by word on a copy; null where it refuses. */
function plainly(given: Json, patch: readonly PatchOperation<Json>[]): { root: Plain } | null {
  const own = (value: unknown) => JSON.parse(JSON.stringify(value)) as Plain;
  const box = { root: own(given) };
  const keys = (path: string) =>
    path
      .split("/")
      .slice(1)
      .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const index = (list: Plain[], key: string, most: number) => {
    if (!/^(0|[1-9]\d*)$/.test(key) || Number(key) > most) throw new RangeError(`${key} of ${list.length}`);
    return Number(key);
  };
  const child = (node: Plain, key: string): Plain => {
    if (Array.isArray(node)) return node[index(node, key, node.length - 1)]!;
    if (typeof node === "object" && node !== null && Object.hasOwn(node, key))
      return Object.getOwnPropertyDescriptor(node, key)!.value as Plain;
    throw new RangeError(key);
  };
  const get = (path: string) => keys(path).reduce(child, box.root);
  const parent = (path: string) =>
    [keys(path).slice(0, -1).reduce(child, box.root), keys(path).at(-1)!] as const;
  const put = (node: object, key: string, value: Plain) =>
    Object.defineProperty(node, key, { value, writable: true, enumerable: true, configurable: true });
  const add = (path: string, value: Plain) => {
    if (path === "") {
      box.root = value;
      return;
    }
    const [node, key] = parent(path);
    if (Array.isArray(node)) node.splice(key === "-" ? node.length : index(node, key, node.length), 0, value);
    else if (typeof node === "object" && node !== null) put(node, key, value);
    else throw new RangeError(path);
  };
  const remove = (path: string) => {
    get(path);
    if (path === "") throw new RangeError("all");
    const [node, key] = parent(path);
    if (Array.isArray(node)) node.splice(Number(key), 1);
    else delete (node as Record<string, Plain>)[key];
  };
  const sorted = (value: Plain): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === "object" && value !== null
        ? Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, x]) => [key, sorted(x)])
        : value;
  try {
    for (const step of patch) {
      if (step.op === "add") add(step.path, own(step.value));
      else if (step.op === "remove") remove(step.path);
      else if (step.op === "copy") add(step.path, own(get(step.from)));
      else if (step.op === "test") {
        if (JSON.stringify(sorted(get(step.path))) !== JSON.stringify(sorted(own(step.value)))) return null;
      } else if (step.op === "replace") {
        get(step.path);
        if (step.path === "") box.root = own(step.value);
        else {
          const [node, key] = parent(step.path);
          put(node as object, key, own(step.value));
        }
      } else if (step.op === "move") {
        const moved = get(step.from);
        if (step.from === step.path) continue;
        if (step.path.startsWith(`${step.from}/`)) return null;
        remove(step.from);
        add(step.path, moved);
      }
    }
    return box;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

describe("patches", () => {
  it("do what the standard says, or refuse, and leave the document alone", () => {
    fc.assert(
      fc.property(document, fc.array(operation, { maxLength: 5 }), (given, patch) => {
        const before = JSON.stringify(given);
        const wanted = plainly(given, patch);
        let got: { root: Json } | null = null;
        let code = "";
        try {
          got = { root: applyPatch(given, patch) };
        } catch (error) {
          code = (error as { code: string }).code;
        }
        expect(got && JSON.parse(JSON.stringify(got))).toEqual(wanted);
        if (!got) expect(code).toMatch(/^patch\./);
        expect(JSON.stringify(given)).toBe(before);
      }),
      { numRuns: runs(300) },
    );
  });
});
