import { describe, expect, expectTypeOf, test } from "vitest";
import { sameStructure } from "../../src/core/sametree.js";
import {
  flatten,
  type MapLeaves,
  map,
  mapPaths,
  maxDepth,
  TreeError,
  unflatten,
} from "../../src/core/tree.js";

const isNumber = (x: unknown): x is number => typeof x === "number";
const structure = (tree: unknown) => flatten(tree, isNumber).structure;

function errorOf(fn: () => unknown): TreeError {
  try {
    fn();
  } catch (error) {
    expect(error).toBeInstanceOf(TreeError);
    return error as TreeError;
  }
  throw new Error("nothing was thrown");
}

describe("flatten and unflatten", () => {
  test("leaves come in the order of sorted keys, with paths; the tree comes back as it was", () => {
    const tree = { net: [{ w: 3, b: 2 }, 4], cuts: { "pt min": 1 }, empty: {}, none: [] };
    const { leaves, paths, structure } = flatten(tree, isNumber, "params");
    expect(leaves).toEqual([1, 2, 3, 4]);
    expect(paths).toEqual(['params.cuts["pt min"]', "params.net[0].b", "params.net[0].w", "params.net[1]"]);
    expect(structure.key).toBe('{"cuts":{"pt min":*},"empty":{},"net":[{"b":*,"w":*},*],"none":[]}');
    expect(structure.size).toBe(4);
    const back = unflatten<typeof tree>(structure, leaves);
    expect(back).toEqual(tree);
    expect(Object.keys(back)).toEqual(["net", "cuts", "empty", "none"]);
    expect(Object.keys(back.net[0] as object)).toEqual(["w", "b"]);
  });

  test("trees that differ in the order of keys have one structure", () => {
    const [a, b] = [flatten({ x: 1, y: 2 }, isNumber), flatten({ y: 2, x: 1 }, isNumber)];
    expect(a.structure.key).toBe(b.structure.key);
    expect(a.leaves).toEqual(b.leaves);
  });

  test("keys cannot forge a structure", () => {
    expect(structure({ 'a":*,"b': 1 }).key).not.toBe(structure({ a: 1, b: 1 }).key);
  });

  test("a leaf alone is a tree, and what counts as a leaf is asked first", () => {
    expect(flatten(5, isNumber).structure.key).toBe("*");
    const isPair = (x: unknown): x is number[] => Array.isArray(x) && x.length === 2;
    expect(flatten({ a: [1, 2] }, isPair).leaves).toEqual([[1, 2]]);
  });

  test("__proto__ is a key like any other", () => {
    const tree: unknown = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
    const back = map(tree, isNumber, (x: number) => 2 * x) as object;
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
    expect(JSON.stringify(back)).toBe('{"__proto__":{"x":2},"constructor":4}');
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test("objects without a prototype are plain", () => {
    expect(structure(Object.assign(Object.create(null), { a: 1 })).key).toBe('{"a":*}');
  });

  test("unflatten wants one leaf per path", () => {
    expect(errorOf(() => unflatten(structure([1, 2]), [1])).message).toBe(
      "A tree of 2 leaves cannot be built from 1: pass one for each path.",
    );
  });
});

describe("what is no tree", () => {
  const cases: [unknown, string][] = [
    [new Date(0), "a Date"],
    [new Int8Array(2), "an Int8Array"],
    [new Map(), "a Map"],
    [null, "null"],
    [undefined, "undefined"],
    [() => 1, "a function"],
    ["30", "a string"],
    [1n, "a bigint"],
    [true, "a boolean"],
  ];
  test.each(cases)("%s is named with its path", (value, words) => {
    const error = errorOf(() => flatten({ net: [{ w: value }] }, isNumber, "params"));
    expect(error).toMatchObject({ code: "bad-leaf", path: "params.net[0].w", got: words, name: "TreeError" });
    expect(error.message).toContain(`params.net[0].w is ${words}:`);
  });

  test("holes", () => {
    expect(errorOf(() => flatten(new Array(2), isNumber)).path).toBe("tree[0]");
  });

  test("too deep, or containing itself", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(errorOf(() => flatten(deep, isNumber)).code).toBe("too-deep");
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(errorOf(() => flatten(loop, isNumber, "params")).message).toMatch(/does it contain itself/);
    let fits: unknown = 1;
    for (let i = 0; i < maxDepth; i++) fits = { x: fits };
    expect(map(fits, isNumber, (x: number) => x)).toEqual(fits);
  });
});

describe("map", () => {
  test("with paths, keeping the type of the tree", () => {
    const tree = { cut: 1, pair: [2, 3] as [number, number], list: [4] };
    const out = mapPaths(tree, isNumber, (x, path) => `${path}=${x}`, "p");
    expectTypeOf(out).toEqualTypeOf<{ cut: string; pair: [string, string]; list: string[] }>();
    expect(out).toEqual({ cut: "p.cut=1", pair: ["p.pair[0]=2", "p.pair[1]=3"], list: ["p.list[0]=4"] });
  });

  test("MapLeaves keeps interfaces, unions, optional and readonly parts", () => {
    interface Params {
      w: number | Float64Array;
      readonly nested?: { b: readonly number[] };
    }
    expectTypeOf<MapLeaves<Params, number | Float64Array, Date>>().toEqualTypeOf<{
      w: Date;
      readonly nested?: { b: readonly Date[] };
    }>();
  });
});

describe("sameStructure", () => {
  const mismatch = (got: unknown, expected: unknown) =>
    errorOf(() => sameStructure(structure(got), structure(expected), { got: "params", expected: "model" }));

  test("nothing to say when they match", () => {
    sameStructure(structure({ a: 1, b: [2] }), structure({ b: [0], a: 0 }));
  });

  test("a missing key, with what stands there instead", () => {
    expect(mismatch({ cuts: { eta: 1 } }, { cuts: { ptMin: 1, eta: 1 } })).toMatchObject({
      code: "missing-key",
      path: "params.cuts",
      message: "params.cuts lacks 'ptMin' that model.cuts has: give it the same keys.",
    });
    expect(mismatch({ ptmin: 1 }, { ptMin: 1 }).message).toBe(
      "params lacks 'ptMin' that model has (it has 'ptmin' instead): give it the same keys.",
    );
  });

  test("a key too many, another length, another kind", () => {
    expect(mismatch({ a: 1, b: 1 }, { a: 1 })).toMatchObject({
      code: "extra-key",
      message: "params has 'b' that model lacks: give it the same keys.",
    });
    expect(mismatch({ net: [1] }, { net: [1, 2, 3] })).toMatchObject({
      code: "length",
      message: "params.net has 1 element where model.net has 3: make them equally long.",
    });
    expect(mismatch([{ w: [1] }], [{ w: 1 }])).toMatchObject({
      code: "kind",
      path: "params[0].w",
      expected: "a leaf",
      got: "an array",
    });
  });
});
