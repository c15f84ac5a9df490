// Random numbers of the rows of child tables: a function of the event and of the places in it.
import { beforeAll, describe, expect, it } from "vitest";
import { constantArray, cross, pairs } from "../../src/entry/ops.js";
import { compile, type EventTensor, init, nested, table } from "../../src/index.js";
import { uniformLike } from "../../src/ops/uniform.js";
import { type Key, threefry2x32 } from "../../src/random/threefry.js";

beforeAll(() => init());

const key: Key = [0xdead_beef, 12345];
const [step, stream] = [7, 3];
const like = (x: EventTensor) => uniformLike(x, constantArray(Float64Array.from(key)), step, stream);

const block = ([a, b]: Key, high: number, low: number): Key => {
  const [x, y] = threefry2x32([a, b], Uint32Array.of(high, low));
  return [x!, y!];
};
/** The number of a row of f32, by its event and its places in its parents. */
const plain = (event: number, ...places: readonly number[]): number => {
  let [own, at] = [block(key, stream, step), event];
  for (const place of places) [own, at] = [block(own, place, at), 0];
  return ((block(own, 0, at)[0] >>> 9) + 0.5) / 2 ** 23;
};

interface Jets {
  jets: { pt: EventTensor };
}
const events = (counts: readonly number[], dtype: "f32" | "f64" = "f32") => {
  const offsets = new Int32Array(counts.length + 1);
  counts.forEach((n, i) => {
    offsets[i + 1] = offsets[i]! + n;
  });
  return table({ jets: nested(offsets, { pt: new Float32Array(offsets.at(-1)!) }) }, { dtype });
};

describe("random numbers of children", () => {
  const counts = Array.from({ length: 20_000 }, (_, i) => ((i * 7) % 11) % 5);
  const numbers = compile((e: Jets) => like(e.jets.pt));

  it("are of the event and the place in it, in every chunk and block, in any order", () => {
    const want = counts.flatMap((n, event) => Array.from({ length: n }, (_, place) => plain(event, place)));
    expect([...numbers(events(counts))]).toEqual(want);
    const back = compile((e: Jets) => like(e.jets.pt), {
      blockOrder: (n) => Array.from({ length: n }, (_, i) => n - 1 - i),
    });
    expect(back(events(counts))).toEqual(numbers(events(counts)));
    const double = Array.from(numbers(events(counts, "f64")));
    expect(double.filter((x, i) => Math.abs(x - want[i]!) > 2 ** -24)).toEqual([]);
    expect(new Set(double).size).toBe(double.length);
    const mean = double.reduce((s, x) => s + x, 0) / double.length;
    const variance = double.reduce((s, x) => s + (x - mean) ** 2, 0) / double.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 / Math.sqrt(12 * double.length));
    expect(Math.abs(12 * variance - 1)).toBeLessThan(0.02);
  });

  it("no other event changes them, nor its own further children", () => {
    const got = numbers(events([3, 0, 4, 2]));
    const other = numbers(events([1, 5, 6, 0]));
    expect(got.subarray(3, 7)).toEqual(other.subarray(6, 10));
    expect(got[0]).toBe(other[0]);
  });

  it("of children of children, pairs and crossings, by the places on the way", () => {
    const tracks = nested([0, 2, 2, 5, 6], { z: new Float32Array(6) });
    const all = table({ jets: nested([0, 2, 2, 4], { q: new Float32Array(4), tracks }) });
    type All = { jets: { q: EventTensor; tracks: { z: EventTensor } } };
    const got = compile((e: All) => ({
      tracks: like(e.jets.tracks.z),
      pairs: like(pairs(e.jets.q)[0]),
      crossed: like(cross(e.jets.q, e.jets.q)[0]),
    }))(all);
    const deep = [
      [0, 0, 0],
      [0, 0, 1],
      [2, 0, 0],
      [2, 0, 1],
      [2, 0, 2],
      [2, 1, 0],
    ] satisfies [number, number, number][];
    expect([...got.tracks]).toEqual(deep.map(([event, jet, track]) => plain(event!, jet!, track!)));
    expect([...got.pairs]).toEqual([plain(0, 0), plain(2, 0)]);
    const each = [0, 2].flatMap((event) => [0, 1].flatMap((a) => [0, 1].map((b) => plain(event, a, b))));
    expect([...got.crossed]).toEqual(each);
  });

  it("of events are what they were", () => {
    const flat = compile((e: { x: EventTensor }) => like(e.x))(table({ x: new Float32Array(300) }));
    expect([...flat]).toEqual(Array.from({ length: 300 }, (_, row) => plain(row)));
  });
});
