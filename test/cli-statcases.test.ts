// Workspaces from public reports, rebuilt: what each command answers, or why it cannot.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { histosys, normsys, shapefactor, shapesys, staterror } from "../src/index.js";
import { run } from "./clirun.js";
import { documentOf, one } from "./statcases.js";

const folder = mkdtempSync(join(tmpdir(), "gradcut-statcases-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Parameters = readonly unknown[];
interface Case {
  readonly document: unknown;
  /** CLs of 1, the observed limit and the best values; null where there is none. */
  readonly cls?: number | null;
  readonly limit?: number | null;
  readonly best?: readonly number[] | null;
  /** What standard error says where a command ends with 1 or 2. */
  readonly says?: RegExp;
}

const sr = (
  signal: readonly number[],
  background: readonly number[],
  modifiers: Parameters,
  seen: readonly number[],
  parameters: Parameters = [],
  ofSignal: Parameters = [],
) => documentOf([one("SR", signal, background, modifiers, ofSignal)], [seen], parameters);
const n = (lo: number, hi: number) => [normsys("n", hi, lo)];
const mu = (more: object) => [{ name: "mu", ...more }];
const lumi = { name: "lumi", type: "lumi", data: null };
const lumiOf = (sigma: number, bounds: readonly number[]) => [
  { name: "lumi", auxdata: [1], sigmas: [sigma], inits: [1], bounds: [bounds] },
];
/** Zero observed, five expected from the signal: changed by hand below. */
const zero = () => sr([5], [0.8], n(0.8, 1.2), [0]);
const changed = (change: (d: ReturnType<typeof zero>) => void) => {
  const document = structuredClone(zero());
  change(document);
  return document;
};
const third = (name: string, data: readonly number[], modifiers: Parameters) => ({ name, data, modifiers });
const withThird = (document: ReturnType<typeof sr>, extra: ReturnType<typeof third>) => ({
  ...document,
  channels: document.channels.map((c) => ({
    ...c,
    samples: [...(c as ReturnType<typeof one>).samples, extra],
  })),
});
const zeroAnswers = { cls: 0.00234367375, limit: 0.457948, best: [0, -0.16514734] };
const impossible = (bin: number, seen: number) =>
  new RegExp(
    `bin ${bin} of channel "SR" holds ${seen}, but nothing is expected there \\(samples "bkg", "sig"\\)`,
  );

const cases: Readonly<Record<string, Case>> = {
  "01 yields that turn negative": {
    document: sr([35], [4], [shapesys("pb", [1])], [28], mu({ bounds: [[-10, 10]], inits: [1] }), [
      shapesys("ps", [3]),
    ]),
    cls: 0.0471821,
    limit: 0.994059,
    best: [24 / 35, 1, 1],
  },
  "03 a held fit that starts at negative yields": {
    document: sr([10, 4], [20, 15], n(0.5, 2), [22, 18], mu({ bounds: [[-8, 10]], inits: [1] })),
    limit: 2.06192,
    best: [-0.134867, 0.246864],
  },
  "05 staterror with an empty bin": {
    document: sr([0, 2], [0, 3], [staterror("st", [0.1, 0.3])], [0, 3]),
    cls: 0.3372648,
    limit: 2.40345,
  },
  "06 empty bins": {
    document: sr(
      [1, 0, 2],
      [10, 0, 5],
      [histosys("h", [11, 0, 5.5], [9, 0, 4.5]), staterror("st", [1, 0, 0.7])],
      [11, 0, 6],
    ),
    cls: 0.543324,
    limit: 3.28108,
  },
  "06b an event where nothing is expected": {
    document: sr([1, 0, 2], [10, 0, 5], [histosys("h", [11, 0, 5.5], [9, 0, 4.5])], [11, 1, 6]),
    ...{ cls: null, limit: null, best: null, says: impossible(1, 1) },
  },
  "07 shapesys of nothing": {
    document: withThird(sr([1, 2], [0, 5], [shapesys("p", [1, 1])], [2, 6]), third("b2", [1.5, 1], [])),
    cls: 0.389019,
    limit: 2.45326,
  },
  "07b shapesys without uncertainty": {
    document: sr([1, 2], [2, 5], [shapesys("p", [0, 1])], [2, 6]),
    cls: 0.409375,
    limit: 2.5342,
  },
  "09 a limit of 0.004": { document: sr([5000], [50], n(0.9, 1.1), [52]), cls: 0, limit: 0.00388982 },
  "10 a limit of 58,000": { document: sr([2e-4], [20], n(0.9, 1.1), [21]), limit: 57964.5 },
  "10b a limit of 5.8 million": { document: sr([2e-6], [20], n(0.9, 1.1), [21]), limit: 5.79645e6 },
  "11 low counts and luminosity": {
    document: sr([0.5], [0.9], [lumi], [0], lumiOf(0.02, [0.9, 1.1]), [lumi]),
    limit: 4.635041,
    best: [0.99964, 0],
  },
  "13 a tiny signal": {
    document: sr([0.004], [30], [shapesys("u", [6])], [30]),
    cls: 0.999607,
    limit: 3985.6,
  },
  "13b no signal": {
    document: sr([0], [30], [shapesys("u", [6])], [30]),
    cls: 1,
    limit: null,
    says: /no observed limit/,
  },
  "14 nothing observed": { document: zero(), ...zeroAnswers },
  "15 few events": {
    document: sr([8, 6], [4, 6], [shapesys("u", [1, 2])], [3, 6]),
    limit: 0.490798,
    best: [0, 0.95, 1],
  },
  "18 one staterror in several channels": {
    document: documentOf(
      [
        one("A", [5, 10], [7, 3], [], [staterror("k", [0.5, 0.6])]),
        { name: "B", samples: [third("bkg", [7, 3], [staterror("k", [0.4, 0.3])])] },
      ],
      [
        [6, 11],
        [7, 4],
      ],
    ),
    says: /\$\.channels\[0\]\.samples\[0\]\.modifiers\[1\].*staterror/,
  },
  "18b one shapefactor in two channels": {
    document: documentOf(
      [
        one("A", [5, 10], [20, 30], [shapefactor("sf")]),
        { name: "B", samples: [third("bkg", [40, 35], [shapefactor("sf")])] },
      ],
      [
        [26, 33],
        [44, 33],
      ],
    ),
    limit: 1.71373,
  },
  "18c one shapefactor over bins of another number": {
    document: documentOf(
      [
        one("A", [5, 10], [20, 30], [shapefactor("sf")]),
        { name: "B", samples: [third("bkg", [40, 35, 20], [shapefactor("sf")])] },
      ],
      [
        [26, 33],
        [44, 33, 22],
      ],
    ),
    says: /\$\.channels\[1\]\.samples\[0\]\.modifiers\[0\].*at most 2 bins/,
  },
  "19 normsys of nothing": {
    document: sr([6], [20], n(0, 2), [24]),
    says: /\$\.channels\[0\]\.samples\[1\]\.modifiers\[0\]\.data\.lo: expected a factor above 0, got 0;/,
  },
  "19b normsys below nothing": {
    document: sr([6], [20], n(1.5, -0.2), [24]),
    says: /\$\.channels\[0\]\.samples\[1\]\.modifiers\[0\]\.data\.hi: expected a factor above 0, got -0\.2;/,
  },
  "19c normsys to one side": { document: sr([6], [20], n(1.1, 1.1), [24]), cls: 0.445146, best: [2 / 3, 0] },
  "19d histosys to one side": {
    document: sr([6, 2], [20, 10], [histosys("h", [23, 9], [20, 10])], [24, 10]),
    cls: 0.35756,
  },
  "21 shapesys of 200 %": {
    document: withThird(
      sr([10, 5], [20, 8], [shapesys("u", [1, 2])], [33, 14]),
      third("b2", [1, 1], [shapesys("v", [2, 1.5])]),
    ),
    limit: 2.01882,
    best: [1.13698, 1.000836, 0.983578],
  },
  "22 luminosity of 100 %": {
    document: sr([10], [50], [lumi], [60], lumiOf(1, [0, 10]), [lumi]),
    limit: null,
    says: /no observed limit: CLs goes from 1 at 0 to 0\.2748/,
    best: [1, 1],
  },
  "22b luminosity in tight bounds": {
    document: sr([10], [50], [lumi], [20], lumiOf(0.017, [0.915, 1.085]), [lumi]),
    limit: 0.470857,
  },
  "23 nothing expected": {
    document: sr([3, 0], [4, 0], n(0.9, 1.1), [5, 2]),
    ...{ cls: null, limit: null, best: null, says: impossible(1, 2) },
  },
  "24 a negative sample": {
    document: withThird(
      sr([3, 2], [10, 8], n(0.9, 1.1), [11, 9]),
      third("x", [-1.5, -0.4], [normsys("k", 1.2, 0.8)]),
    ),
    cls: 0.518451,
  },
  "24b a negative total": {
    document: sr([3, 2], [10, -0.5], n(0.9, 1.1), [11, 1]),
    ...{ cls: null, limit: null, best: [0.6927284, -0.0894249] },
    says: /bin 1 of channel "SR" holds 1, but -0\.5 is expected there where mu is 0 \(sample "bkg"\)/,
  },
  "24c staterror of a negative sum": {
    document: sr([3, 2], [-4, 8], [staterror("st", [1, 1])], [2, 9]),
    ...{ cls: null, limit: null, says: /bin 0 of channel "SR" holds 2, but -[14] is expected there/ },
  },
  "26b luminosity of interest": {
    document: documentOf(
      [{ name: "SR", samples: [third("s", [10], [lumi]), third("b", [50], n(0.9, 1.1))] }],
      [[62]],
      lumiOf(0.3, [0, 10]),
      "lumi",
    ),
    cls: 0.500112,
  },
  "27 a fixed parameter": {
    document: sr(
      [6],
      [20],
      [normsys("n", 1.2, 0.8), normsys("k", 1.1, 0.9)],
      [24],
      [{ name: "n", fixed: true, inits: [0.7] }],
    ),
    limit: 2.08885,
  },
  "29 nothing observed in three bins": {
    document: sr([1, 2, 1], [0.2, 0.1, 0.3], [shapesys("u", [0.1, 0.05, 0.2])], [0, 0, 0]),
    limit: 0.549856,
  },
  "30 the smallest expectation there is": {
    document: sr([1e-300, 2], [5e-324, 4], n(0.9, 1.1), [0, 5]),
    ...{ cls: 0.505575, limit: 3.180232, best: [0.5, 0] },
  },
  "32 degenerate": {
    document: sr([5, 7], [10, 14], [{ name: "k", type: "normfactor", data: null }], [16, 22]),
    cls: 1,
  },
  "33 a deficit": { document: sr([10], [50], [shapesys("u", [5])], [20]), limit: 0.540336 },
  "34 an excess": {
    document: sr([1], [5], [shapesys("u", [1])], [60]),
    limit: 68.74862,
    best: [10, 1.773235],
  },
  "40 NaN": {
    document: sr([5], [0.8], n(0.8, 1.2), [0]),
    ...{ says: /\$\.channels\[0\]\.samples\[1\]\.data\[0\]: expected a finite number, got NaN/ },
  },
  "41 no modifiers": {
    document: changed((d) => {
      Reflect.deleteProperty((d.channels[0] as ReturnType<typeof one>).samples[0]!, "modifiers");
    }),
    says: /\$\.channels\[0\]\.samples\[0\]: expected the key "modifiers"/,
  },
  "41b an observation of another channel": {
    document: changed((d) => {
      d.observations[0]!.name = "CR";
    }),
    says: /\$\.observations: .*none for "SR"/,
  },
  "41c an observation too many": {
    document: changed((d) => {
      d.observations.push({ name: "CR", data: [1] });
    }),
    ...zeroAnswers,
  },
  "41d an observation twice": {
    document: changed((d) => {
      d.observations.push({ name: "SR", data: [1] });
    }),
    says: /\$\.observations\[1\]\.name/,
  },
  "41e a negative observation": {
    document: sr([5], [0.8], n(0.8, 1.2), [-1]),
    says: /bin 0 of the data is -1 \(bin 0 of channel "SR"\)/,
  },
  "41f an unknown parameter": {
    document: sr([5], [0.8], n(0.8, 1.2), [0], [{ name: "nope" }]),
    ...zeroAnswers,
  },
  "41g bounds in the wrong order": {
    document: sr([5], [0.8], n(0.8, 1.2), [0], mu({ bounds: [[5, 2]] })),
    says: /\$\.measurements\[0\]\.config\.parameters\[0\]\.bounds\[0\]/,
  },
  "41h a start outside": {
    document: sr([5], [0.8], n(0.8, 1.2), [0], mu({ bounds: [[0, 2]], inits: [3] })),
    says: /'mu' starts at 3, outside its bounds 0 to 2/,
  },
};

const file = (name: string, document: unknown): string => {
  const path = join(folder, `${name.split(" ")[0]}.json`);
  const text = JSON.stringify(document);
  writeFileSync(path, name.startsWith("40 ") ? text.replace('"data":[0.8]', '"data":[NaN]') : text);
  return path;
};
const near = (got: number, want: number, what: string) =>
  expect(Math.abs(got - want), `${what}: ${got} against ${want}`).toBeLessThan(2e-5 * Math.abs(want) + 1e-6);

describe("what public reports asked", () => {
  test.each(Object.entries(cases))("%s", async (name, { document, cls, limit, best, says }) => {
    const path = file(name, document);
    const asked = { cls, limit, best };
    if (cls === undefined && limit === undefined && best === undefined) {
      // A document that cannot be used is refused by all.
      const { status, out, err } = await run(["cls", path]);
      expect([status, out]).toEqual([2, ""]);
      expect(err).toMatch(says!);
      return;
    }
    const commands = [
      ["cls", (out: string) => [JSON.parse(out).CLs_obs]],
      ["limit", (out: string) => [JSON.parse(out).observed]],
      ["best", (out: string) => Object.values(JSON.parse(out).mle_parameters).flat()],
    ] as const;
    for (const [which, read] of commands) {
      const want = asked[which];
      if (want === undefined) continue;
      const args = { cls: ["cls"], limit: ["upperlimit", "--json", "--points", "2"], best: ["fit"] }[which];
      const { status, out, err } = await run([...args, path]);
      if (want === null) {
        expect(status, which).toBe(1);
        expect(err, which).toMatch(says!);
        if (which === "limit") expect(JSON.parse(out).observed).toBeNull();
        else expect(out).toBe("");
        continue;
      }
      expect(status, `${which}: ${err}`).toBe(0);
      const got = (read(out) as number[]).slice().sort((a, b) => a - b);
      const wanted = [want].flat().sort((a, b) => a - b);
      if (which !== "best") near(got[0]!, wanted[0]!, which);
      else
        for (const value of wanted)
          near(
            got.reduce((a, b) => (Math.abs(b - value) < Math.abs(a - value) ? b : a)),
            value,
            which,
          );
    }
  });
});

describe("other commands on data that are impossible", () => {
  const path = () => file("23", cases["23 nothing expected"]!.document);
  test.each(["ranking", "pulls", "yields", "scan", "gof", "significance"])(
    "%s ends with 1",
    async (command) => {
      const { status, out, err } = await run([command, path(), "--json"]);
      expect([status, out]).toEqual([1, ""]);
      expect(err).toMatch(impossible(1, 2));
    },
  );
  test("yields before the fit need none", async () => {
    const { status, out } = await run(["yields", path(), "--prefit", "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(out).channels[0].total).toEqual([7, 0]);
  });
});

describe("a minimum on a bound", () => {
  const path = () => file("35", sr([2], [0.5], n(0.7, 1.3), [0], [], [normsys("acc", 1.2, 0.8)]));
  test("has an interval to one side", async () => {
    const pulls = JSON.parse((await run(["pulls", path(), "--json"])).out).parameters;
    expect(pulls.find(({ name }: { name: string }) => name === "mu")).toMatchObject({
      best: 0,
      uncertainty: null,
    });
    near(pulls[0].interval[1], 0.252629, "interval");
    const ranking = JSON.parse((await run(["ranking", path(), "--json"])).out);
    expect(ranking).toMatchObject({ best: 0, uncertainty: null });
    expect(ranking.impacts.map(({ name }: { name: string }) => name).sort()).toEqual(["acc", "n"]);
    const scan = await run([
      "scan",
      path(),
      "--parameter",
      "mu",
      "--range",
      "0..3",
      "--points",
      "3",
      "--json",
    ]);
    expect(scan.status).toBe(0);
    near(JSON.parse(scan.out).rise[2], 10.5959, "rise");
    expect((await run(["yields", path()])).status).toBe(0);
    expect((await run(["pulls", path()])).out).toMatch(/mu +0 \+0\.253 -0/);
  });

  test("of impacts is told, and marked in the table", async () => {
    const ranked = await run(["ranking", file("21", cases["21 shapesys of 200 %"]!.document)]);
    expect(ranked.status).toBe(0);
    expect(ranked.out).toMatch(/v\[0\] +\+0\.0772 \| /);
    expect(ranked.err).toMatch(/marked \|/);
  });
});
