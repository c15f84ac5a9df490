// Workspaces from public reports, rebuilt, with what each command answers, or why it cannot.

import { histosys, normsys, shapefactor, shapesys, staterror } from "../../src/index.js";
import { documentOf, one } from "./statcases.js";

type Parameters = readonly unknown[];
export interface Case {
  readonly document: unknown;
  /** CLs of 1, the observed limit and the best values; null where there is none. */
  readonly cls?: number | null;
  readonly limit?: number | null;
  readonly best?: readonly number[] | null;
  /** What standard error says where a command ends with 1 or 2. */
  readonly says?: RegExp;
  /** What is written in place of the text of the document. */
  readonly text?: (text: string) => string | Uint8Array;
}

export const sr = (
  signal: readonly number[],
  background: readonly number[],
  modifiers: Parameters,
  seen: readonly number[],
  parameters: Parameters = [],
  ofSignal: Parameters = [],
) => documentOf([one("SR", signal, background, modifiers, ofSignal)], [seen], parameters);
export const n = (lo: number, hi: number) => [normsys("n", hi, lo)];
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
const free = { name: "k", type: "normfactor", data: null };
/** One bin of channel, signal and background with these names and a parameter of interest with that one. */
const named = ([channel, signal, background, poi]: readonly string[], modifiers: Parameters) =>
  documentOf(
    [
      {
        name: channel!,
        samples: [
          third(signal!, [3], [{ name: poi, type: "normfactor", data: null }]),
          third(background!, [9], modifiers),
        ],
      },
    ],
    [[11]],
    [],
    poi,
  );
const withThird = (document: ReturnType<typeof sr>, extra: ReturnType<typeof third>) => ({
  ...document,
  channels: document.channels.map((c) => ({
    ...c,
    samples: [...(c as ReturnType<typeof one>).samples, extra],
  })),
});
const zeroAnswers = { cls: 0.00234367375, limit: 0.457948, best: [0, -0.16514734] };
export const impossible = (bin: number, seen: number) =>
  new RegExp(
    `bin ${bin} of channel "SR" holds ${seen}, but nothing is expected there \\(samples "bkg", "sig"\\)`,
  );

export const cases: Readonly<Record<string, Case>> = {
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
  "25 names beyond ASCII, and of objects": {
    document: named(
      ["SR/µ⁺µ⁻ ~1 0", "sig “ü”", "b#%[0]", "µ_SIG/α~"],
      [normsys("θ[1]", 1.1, 0.9), normsys("__proto__", 1.1, 0.9), normsys("constructor", 1.05, 0.95)],
    ),
    ...{ cls: 0.549956, limit: 3.165961, best: [2 / 3, 0, 0, 0] },
  },
  "25b empty names": {
    document: named(["", "", "b", "mu"], [normsys("", 1.1, 0.9)]),
    ...{ cls: 0.537576, limit: 3.095933 },
  },
  "26 a constrained parameter of interest": {
    document: documentOf(
      [
        { name: "SR", samples: [third("b", [50], [normsys("theta", 1.1, 0.9)]), third("c", [20], [free])] },
        { name: "CR", samples: [third("c", [80], [free])] },
      ],
      [[78], [84]],
      [],
      "theta",
    ),
    ...{ cls: 0.343624, limit: 1.937467, best: [1.068221, 0.334452] },
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
  "28 an auxiliary datum of one's own": {
    document: sr(
      [6],
      [20],
      [normsys("n", 1.2, 0.8), normsys("k", 1.1, 0.9)],
      [24],
      [{ name: "n", auxdata: [0.5], inits: [0.5] }],
    ),
    ...{ cls: 0.447815, limit: 2.513843, best: [0, 0.341868, 0.5] },
  },
  "29 nothing observed in three bins": {
    document: sr([1, 2, 1], [0.2, 0.1, 0.3], [shapesys("u", [0.1, 0.05, 0.2])], [0, 0, 0]),
    limit: 0.549856,
  },
  "30 the smallest expectation there is": {
    document: sr([1e-300, 2], [5e-324, 4], n(0.9, 1.1), [0, 5]),
    ...{ cls: 0.505575, limit: 3.180232, best: [0.5, 0] },
  },
  "30b data that are no whole numbers": {
    document: sr([1.5, 2], [3.3, 4], n(0.9, 1.1), [3.7, 5.2]),
    ...{ cls: 0.402698, limit: 2.376736 },
  },
  "30c an event where almost nothing is expected": {
    document: sr([1e-12, 2], [1e-12, 4], n(0.9, 1.1), [1, 5]),
    ...{ cls: 0.62236, limit: 3.906563, best: [1.232463, -0.0451264] },
  },
  "36 a published bin that is all but empty": {
    document: sr(
      [0.3535],
      [0.46000000834465027],
      n(0.79, 1.21),
      [9.99999993922529e-9],
      [...lumiOf(0.017, [0.915, 1.085]), ...mu({ bounds: [[0, 10]], inits: [1], fixed: false })],
    ),
    ...{ cls: 0.551903, limit: 6.211107, best: [0, -0.0989307] },
  },
  "32 degenerate": {
    document: sr([5, 7], [10, 14], [free], [16, 22]),
    cls: 1,
  },
  "33 a deficit": { document: sr([10], [50], [shapesys("u", [5])], [20]), limit: 0.540336 },
  "34 an excess": {
    document: sr([1], [5], [shapesys("u", [1])], [60]),
    limit: 68.74862,
    best: [10, 1.773235],
  },
  "40 NaN": {
    document: zero(),
    text: (text) => text.replace('"data":[0.8]', '"data":[NaN]'),
    ...{ says: /\$\.channels\[0\]\.samples\[1\]\.data\[0\]: expected a finite number, got NaN/ },
  },
  "40b infinity": {
    document: sr([5], [0.8], n(0.8, 1.2), [0]),
    text: (text) => text.replace('"hi":1.2', '"hi":Infinity'),
    says: /\$\.channels\[0\]\.samples\[1\]\.modifiers\[0\]\.data\.hi: expected a finite number, got Infinity/,
  },
  "40c a number as text": {
    document: changed((d) => {
      Object.assign(d.observations[0]!, { data: ["0"] });
    }),
    says: /\$\.observations\[0\]\.data\[0\]: expected a number, got the text "0"/,
  },
  "40d a number that is too large": {
    document: zero(),
    text: (text) => text.replace('"data":[0.8]', '"data":[1e400]'),
    says: /\$\.channels\[0\]\.samples\[1\]\.data\[0\]: expected a finite number, got Infinity/,
  },
  "40e a key twice": {
    document: zero(),
    text: (text) => text.replace('"version":"1.0.0"', '"version":"1.0.0","version":"1.0.0"'),
    ...zeroAnswers,
  },
  "40f a mark of the order of bytes": { document: zero(), text: (text) => `\ufeff${text}`, ...zeroAnswers },
  "40g UTF-16": {
    document: zero(),
    text: (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
    says: /40g\.json": this is UTF-16; save it as UTF-8/,
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
    says: /\$\.observations\[0\]\.data\[0\]: expected no negative number, got -1;/,
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
    says: /\$\.measurements\[0\]\.config\.parameters\[0\]\.inits\[0\]: expected a start of parameter "mu" in its bounds 0 to 2, got 3; move/,
  },
  "41i bounds without the usual start": {
    document: sr([5], [0.8], n(0.8, 1.2), [0], mu({ bounds: [[2, 5]] })),
    says: /\$\.measurements\[0\]\.config\.parameters\[0\]\.bounds\[0\]: expected a start of parameter "mu" in its bounds 2 to 5, got 1, where it starts without inits; give inits/,
  },
};
