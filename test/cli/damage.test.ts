// Files that are read back: a turned bit, or a field of another kind, is told; or nothing depends on it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../src/index.js";
import { readCheckpoint } from "../../src/optim/train/checkpoint.js";
import { muons, run, writeRows } from "../kit/clirun.js";
import { runs } from "../kit/runs.js";
import { scratch } from "../kit/scratch.js";

const { at } = scratch();
const [signal, background] = [at("signal.csv"), at("background.csv")];
const train = [
  ...["train", "--signal", signal, "--background", background, "--threads", "1", "--seed", "3"],
  ...["--cut", "pt > {ptMin = 30} && 80 < mass && mass < 100", "--net", "pt,eta:2", "--steps", "3"],
];

beforeAll(async () => {
  await init();
  writeRows(signal, muons("signal", 60, 1));
  writeRows(background, muons("background", 90, 2));
  const { status, err } = await run([...train, "--out", at("out")]);
  expect([status, err]).toEqual([0, expect.any(String)]);
  mkdirSync(at("other"));
}, 120_000);

const read = (name: string) => new Uint8Array(readFileSync(at("out", name)));
/** The figures of files, as they are or replaced. */
async function drawn(files: Record<string, string | Uint8Array>) {
  for (const name of ["result.json", "plot.json"])
    writeFileSync(at("other", name), files[name] ?? read(name));
  const answer = await run(["plot", at("other", "result.json"), "--out", at("figures")]);
  return { ...answer, svg: answer.status === 0 ? readFileSync(at("figures", "plane.svg"), "utf8") : "" };
}
async function applied(model: string | Uint8Array) {
  writeFileSync(at("other", "model.json"), model);
  const out = at("scored.csv");
  const answer = await run([
    "apply",
    "--model",
    at("other", "model.json"),
    signal,
    "--score",
    "nn",
    "--out",
    out,
  ]);
  return { ...answer, rows: answer.status === 0 ? readFileSync(out, "utf8") : "" };
}

const flip = (bytes: Uint8Array, place: number, bit: number) => {
  const other = bytes.slice();
  other[place % bytes.length]! ^= 1 << bit;
  return other;
};
const places = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 }));
const refused = (answer: { status: number; err: string }) => {
  expect(answer.status).toBe(2);
  expect(answer.err).toMatch(/^gradcut: /m);
  expect(answer.err).not.toMatch(/fault of gradcut|undefined|TypeError/);
};

describe("one turned bit", () => {
  it("of model.json", async () => {
    const bytes = read("model.json");
    const whole = await applied(bytes);
    expect(whole.rows).toContain("nn");
    await fc.assert(
      fc.asyncProperty(places, async ([place, bit]) => {
        const answer = await applied(flip(bytes, place, bit));
        if (answer.status === 0) expect(answer.rows).toBe(whole.rows);
        else refused(answer);
      }),
      { numRuns: runs(60) },
    );
  }, 600_000);

  it("of result.json and plot.json", async () => {
    const whole = await drawn({});
    expect(whole.svg).toContain("<svg");
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("result.json", "plot.json"), places, async (name, [place, bit]) => {
        const answer = await drawn({ [name]: flip(read(name), place, bit) });
        if (answer.status === 0) expect(answer.svg).toBe(whole.svg);
        else refused(answer);
      }),
      { numRuns: runs(60) },
    );
  }, 600_000);

  it("of a checkpoint", async () => {
    const bytes = read("checkpoint");
    expect(readCheckpoint(bytes).step).toBe(3);
    const answer = await run([...train, "--out", at("out"), "--resume"]);
    expect(answer.status).toBe(0);
    for (let place = 0; place < bytes.length; place++)
      expect(() => readCheckpoint(flip(bytes, place, (place * 5) % 8)), `byte ${place}`).toThrow(
        /no checkpoint of a training, or a damaged one/,
      );
    writeFileSync(at("out", "checkpoint"), flip(bytes, 777, 4));
    const damaged = await run([...train, "--out", at("out"), "--resume"]);
    refused(damaged);
    expect(damaged.err).toMatch(/--resume: .*checkpoint.*the checksum is wrong/);
    writeFileSync(at("out", "checkpoint"), bytes);
  }, 120_000);
});

describe("changed on purpose", () => {
  const parsed = (name: string) => JSON.parse(new TextDecoder().decode(read(name))) as Record<string, never>;

  it("is refused with the checksum, and taken without it", async () => {
    const { checksum, ...model } = parsed("model.json");
    expect(checksum).toMatch(/^[0-9a-f]{16}$/);
    const changed = { ...model, filters: ["pt > 45"] };
    const answer = await applied(JSON.stringify({ ...changed, checksum }));
    refused(answer);
    expect(answer.err).toMatch(/damaged or was changed: write it anew, or take out its field checksum/);
    expect((await applied(JSON.stringify(changed))).status).toBe(0);
    // Other spaces between the parts are no change.
    expect((await applied(JSON.stringify({ ...model, checksum }, null, 7))).status).toBe(0);
  });

  it.each([
    [
      "history of two lengths",
      "result.json",
      (r: never) => ({ ...(r as object), history: { steps: [0, 1], loss: [1], cuts: {} } }),
      /history\.loss must be a list of 2/,
    ],
    [
      "a text for a number",
      "result.json",
      (r: never) => ({ ...(r as object), objective: { name: "asimov", start: "1", end: 2 } }),
      /objective\.start must be a number/,
    ],
    [
      "a missing field",
      "result.json",
      (r: never) => ({ ...(r as object), cuts: { a: { start: 1 } } }),
      /cuts\.a\.end is missing/,
    ],
    [
      "a range upside down",
      "plot.json",
      (p: never) => ({ ...(p as object), score: { range: [1, 0], perSample: {}, title: "x" } }),
      /score\.range must be two ascending numbers/,
    ],
    [
      "another version",
      "result.json",
      (r: never) => ({ ...(r as object), version: 2 }),
      /version "2" of the format/,
    ],
    [
      "no version",
      "result.json",
      (r: never) => ({ ...(r as object), version: undefined }),
      /there is no version of the format/,
    ],
  ] as const)("%s", async (_, name, change, wanted) => {
    const { checksum: _seal, ...content } = parsed(name);
    const answer = await drawn({ [name]: JSON.stringify(change(content as never)) });
    refused(answer);
    expect(answer.err).toMatch(wanted);
  });

  it("any field of any kind, in any of the files", async () => {
    /** The value with the leaf or branch at a place, counted through the tree, replaced. */
    const replaced = (value: unknown, place: number, by: unknown): unknown => {
      let left = place;
      const visit = (node: unknown): unknown => {
        if (left-- === 0) return by;
        if (typeof node !== "object" || node === null) return node;
        if (Array.isArray(node)) return node.slice(0, 40).map(visit);
        return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
      };
      return visit(value);
    };
    const anything = fc.oneof(
      fc.constantFrom<unknown>(
        null,
        true,
        "",
        "\u001b[2J</svg>",
        0,
        -1,
        1e308,
        1e17,
        [],
        [[]],
        {},
        [1, 0],
        0.5,
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("result.json", "plot.json", "model.json"),
        fc.integer({ min: 0, max: 900 }),
        anything,
        async (name, place, by) => {
          const { checksum: _seal, ...content } = parsed(name);
          const text = JSON.stringify(replaced(content, place, by));
          const answer = name === "model.json" ? await applied(text) : await drawn({ [name]: text });
          if (answer.status !== 0) refused(answer);
        },
      ),
      { numRuns: runs(12) },
    );
  }, 600_000);
});
