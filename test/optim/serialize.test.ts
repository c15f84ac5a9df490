import { describe, expect, test } from "vitest";
import { deserialize, deserializeBytes, serialize, serializeBytes } from "../../src/optim/train/serialize.js";

/** A NaN with a payload of its own, and numbers at the ends of the range. */
const odd = new Float64Array(new BigUint64Array([0x7ff4_0000_dead_beefn, 1n, 0xfff0_0000_0000_0000n]).buffer);
const tree = {
  numbers: [0, -0, 1 / 3, 5e-324, -1.7976931348623157e308, Number.NaN, Number.POSITIVE_INFINITY, -Infinity],
  w: Float64Array.of(-0, Number.NaN, 0.1, ...odd),
  single: Float32Array.of(0.1, -0),
  small: [Int32Array.of(-1, 2 ** 31 - 1), Uint8Array.of(1, 2, 3), new Float64Array(0), Int16Array.of(-5)],
  window: new Float64Array([1, 2, 3, 4]).subarray(1, 3),
  other: { none: null, yes: true, text: 'ü "quoted"', empty: {}, nested: [[], [{}]] },
  $: "marked",
  deep: { $: { $: "Float64Array", length: 1 }, 'a "key"': 1 },
};
Object.defineProperty(tree.other, "__proto__", { value: 1, enumerable: true });

const ways = {
  text: (x: unknown) => deserialize(serialize(x)),
  bytes: (x: unknown) => deserializeBytes(serializeBytes(x)),
};

describe.each(Object.entries(ways))("as %s", (_, way) => {
  test("every bit comes back", () => {
    const back = way(tree) as typeof tree;
    expect(back).toEqual(tree);
    back.numbers.forEach((x, i) => {
      expect(Object.is(x, tree.numbers[i])).toBe(true);
    });
    expect(new BigUint64Array(back.w.buffer)).toEqual(new BigUint64Array(tree.w.buffer));
    expect(back.window.buffer.byteLength).toBe(16);
    expect(Object.keys(back)).toEqual(Object.keys(tree));
    expect(Object.hasOwn(back.other, "__proto__")).toBe(true);
  });

  test("leaves alone", () => {
    for (const leaf of [1, -0, Number.NaN, "text", null, Float64Array.of(2)]) expect(way(leaf)).toEqual(leaf);
  });

  test("a million numbers", () => {
    const w = Float64Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
    const back = way({ w }) as { w: Float64Array };
    expect(back.w.length).toBe(w.length);
    expect(back.w.every((x, i) => x === w[i])).toBe(true);
  });
});

/** Every byte with one of its bits turned, the bit drawn from the place. */
function* flipped(bytes: Uint8Array): Generator<[place: number, bytes: Uint8Array]> {
  for (let i = 0; i < bytes.length; i++) {
    const other = bytes.slice();
    other[i]! ^= 1 << (Math.imul(i, 2654435761) >>> 29);
    yield [i, other];
  }
}

describe("refused", () => {
  test("one turned bit anywhere", () => {
    for (const [i, bytes] of flipped(serializeBytes(tree)))
      expect(() => deserializeBytes(bytes), `byte ${i}`).toThrow("no saved tree");
    for (const [i, bytes] of flipped(new TextEncoder().encode(serialize(tree))))
      expect(() => deserialize(new TextDecoder().decode(bytes)), `character ${i}`).toThrow("no saved tree");
  });

  test("two numbers that changed their places", () => {
    const text = serialize({ a: 1, b: 2 });
    expect(() => deserialize(text.replace('"a":1,"b":2', '"a":2,"b":1'))).toThrow("its checksum is wrong");
    expect(deserialize(text.replaceAll(",", ",\n  "))).toEqual({ a: 1, b: 2 });
  });

  test("what is no tree, with the place", () => {
    class Model {}
    expect(() => serialize({ a: [1, new Model()] })).toThrow("tree.a[1] is a Model, which cannot be saved");
    expect(() => serialize({ f: () => 1 })).toThrow("tree.f is a function");
    expect(() => serializeBytes({ a: undefined })).toThrow("tree.a is undefined");
    expect(() => serialize({ n: 1n })).toThrow("tree.n is a bigint");
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    expect(() => serialize(loop)).toThrow("does it contain itself?");
  });

  test.each([
    ["no JSON", "{"],
    ["an unknown mark", '{"$":"Date"}'],
    ["a length that lies", '{"$":"Float64Array","length":2,"base64":"AAAAAAAA8D8="}'],
    ["a negative length", '{"$":"Float64Array","length":-1,"base64":""}'],
    ["a huge length", '{"$":"Float64Array","length":1e15,"base64":""}'],
    ["no base64", '{"$":"Float64Array","length":0,"base64":"*"}'],
    ["no array", '{"$":"Float64Array","length":0}'],
  ])("text with %s", (_, text) => {
    expect(() => deserialize(text)).toThrow("no saved tree");
  });

  test("bytes cut anywhere", () => {
    const bytes = serializeBytes({ a: 1, w: Float64Array.of(1, 2) });
    for (let n = 0; n < bytes.length; n++) {
      expect(() => deserializeBytes(bytes.subarray(0, n))).toThrow("no saved tree");
    }
    expect(() => deserializeBytes(Uint8Array.of(...bytes, 0))).toThrow("no saved tree");
    const offset = new Uint8Array(bytes.length + 3);
    offset.set(bytes, 3);
    expect(deserializeBytes(offset.subarray(3))).toEqual({ a: 1, w: Float64Array.of(1, 2) });
  });
});
