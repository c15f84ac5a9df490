// Walks the records of interpolation codes: joins, kinks, derivatives and kernels.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { modifierRecords, modifierTypes } from "../../src/histfactory/modifiers/index.js";
import { compile, histfactory, histosys, init, normfactor, normsys, type Tensor } from "../../src/index.js";
import {
  type AdditiveCode,
  type AdditiveRecord,
  additiveCodes,
  additiveReference,
  factorCoefficients,
  interpFactor,
  interpWeights,
  type MultiplicativeCode,
  multiplicativeCodes,
  multiplicativeReference,
} from "../../src/ops/interp.js";
import { flat } from "../kit/flat.js";
import { Draw } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

const docs = readFileSync("docs/models.md", "utf8");
const names = <K extends string>(codes: Readonly<Record<K, unknown>>) => Object.keys(codes) as K[];

/** Places where pieces may meet, and others between them. */
const places = Array.from({ length: 17 }, (_, i) => -2 + i / 4);
const points = [...places, ...Array.from({ length: runs(40) }, (_, i) => new Draw(i).between(-3, 3))];

/** The jump of a function at x, from one-sided values that are straight extrapolations. */
const jump = (f: (x: number) => number, x: number) => {
  const h = 1e-6;
  return 2 * f(x + h) - f(x + 2 * h) - (2 * f(x - h) - f(x - 2 * h));
};

/** Where one of the functions jumps. */
const jumps = (...functions: ((x: number) => number)[]) =>
  places.filter((x) => functions.some((f) => Math.abs(jump(f, x)) > 1e-4));

/** What `minimize` is told of the parameter of a modifier: 1 at 0, 2 at ±1. */
function kinksOf(interpcodes: object): number {
  const modifiers = [normfactor("mu"), histosys("h", [12], [9]), normsys("n", 1.2, 0.9)];
  const options = { interpcodes: { histosys: "code4p", normsys: "code4", ...interpcodes } as never };
  const spec = { channels: [{ name: "c", samples: [{ name: "s", data: [10], modifiers }] }] };
  const model = histfactory(spec, options);
  const kinds = compile(() => model.kinks() ?? model.init().mul(0))() as unknown as Float64Array;
  const own = "histosys" in interpcodes ? "h" : "n";
  kinds.forEach((kind, i) => {
    if (model.config.parNames[i] !== own) expect(kind).toBe(0);
  });
  return kinds[model.config.parNames.indexOf(own)]!;
}
const bits = (kinks: readonly number[]) => (kinks.includes(0) ? 1 : 0) + (kinks.includes(1) ? 2 : 0);

function saidInDocs(code: string, type: string, words: string): void {
  expect(docs.split("\n")).toContain(`| \`${code}\` | \`${type}\` | ${words} |`);
}

describe.each(names(additiveCodes))("%s, which shifts", (code: AdditiveCode) => {
  const record: AdditiveRecord = additiveCodes[code];
  const weights = compile((a: Tensor) => [0, 1, 2, 3].map((order) => interpWeights(a, code, order)));
  const kernel = (a: readonly number[]) => weights(Float64Array.from(a)).map(flat);
  const n = points.length;

  it("is in the docs, with a number of its own", () => {
    saidInDocs(code, "histosys", record.words);
    const numbers = Object.values(additiveCodes).map(({ kernel }) => kernel);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it("gives nothing at 0, and the variations at ±1", () => {
    for (const [x, up, down] of [
      [0, 0, 0],
      [1, 1, 0],
      [-1, 0, -1],
    ] as const) {
      expect(additiveReference(code, 0, x).map((v) => v + 0)).toEqual([up, down]);
      expect(Array.from(kernel([x])[0]!, (v) => v + 0)).toEqual([up, down]);
    }
  });

  it("is the kernel's, with derivatives to the third", () => {
    kernel(points).forEach((got, order) => {
      points.forEach((x, i) => {
        const wanted = additiveReference(code, order, x);
        for (const side of [0, 1] as const) {
          const v = got[side * n + i]!;
          expect(Math.abs(v - wanted[side]), `${order} at ${x}`).toBeLessThan(
            1e-13 * (1 + x ** 6 + Math.abs(v)),
          );
        }
      });
    });
  });

  it("has derivatives of differences", () => {
    for (const x of points.filter((p) => !places.includes(p))) {
      const h = 1e-5;
      const [, slopes] = kernel([x]);
      const [more, less] = [kernel([x + h])[0]!, kernel([x - h])[0]!];
      for (const side of [0, 1]) {
        expect(slopes![side]).toBeCloseTo((more[side]! - less[side]!) / (2 * h), 7);
      }
    }
  });

  it("jumps, in value or slope, exactly where it says, and `minimize` hears of it", () => {
    const reference = (order: number, side: 0 | 1) => (x: number) => additiveReference(code, order, x)[side];
    const compiled = (order: number, side: 0 | 1) => (x: number) => kernel([x])[order]![side]!;
    for (const f of [reference, compiled]) {
      expect(jumps(f(0, 0), f(0, 1), f(1, 0), f(1, 1))).toEqual(kinked(record.kinks));
    }
    expect(kinksOf({ histosys: code })).toBe(bits(record.kinks));
  });
});

/** Declared kinks in order; both of ±1 or none, as a parameter has one kind. */
function kinked(kinks: readonly number[]): number[] {
  expect(kinks.includes(1)).toBe(kinks.includes(-1));
  return [...kinks].sort((a, b) => a - b);
}

describe.each(names(multiplicativeCodes))("%s, which scales", (code: MultiplicativeCode) => {
  const record = multiplicativeCodes[code];
  const compiled = compile((a: Tensor, hi: Tensor, lo: Tensor) =>
    [0, 1, 2].map((order) => interpFactor(a, factorCoefficients(hi, lo), code, order)),
  );
  const ask = (a: readonly number[], hi: number, lo: number) => {
    const fill = (v: number) => Float64Array.from(a, () => v);
    return compiled(Float64Array.from(a), fill(hi), fill(lo)).map((x) => Float64Array.from(flat(x)));
  };
  const pairs = Array.from({ length: runs(8) }, (_, i) => {
    const draw = new Draw(i + 1);
    return [draw.between(1.05, 1.6), draw.between(0.5, 0.95)] as const;
  });

  it("is in the docs", () => saidInDocs(code, "normsys", record.words));

  it("gives 1 at 0, and the factors at ±1", () => {
    for (const [hi, lo] of pairs) {
      const got = [
        ...ask([0, 1, -1], hi, lo)[0]!,
        ...[0, 1, -1].map((x) => multiplicativeReference[code](hi, lo, x)),
      ];
      [1, hi, lo, 1, hi, lo].forEach((v, i) => {
        expect(Math.abs(got[i]! - v)).toBeLessThan(1e-14);
      });
    }
  });

  it("is the kernel's, which has the derivatives of differences", () => {
    for (const [hi, lo] of pairs) {
      const h = 1e-5;
      const [values, slopes, bends] = ask(points, hi, lo) as [Float64Array, Float64Array, Float64Array];
      const [more, less] = [1, -1].map((side) =>
        ask(
          points.map((x) => x + side * h),
          hi,
          lo,
        ),
      );
      points.forEach((x, i) => {
        expect(Math.abs(values[i]! / multiplicativeReference[code](hi, lo, x) - 1), `at ${x}`).toBeLessThan(
          1e-13,
        );
        if (places.includes(x)) return;
        expect(slopes[i]).toBeCloseTo((more![0]![i]! - less![0]![i]!) / (2 * h), 7);
        expect(bends[i]).toBeCloseTo((more![1]![i]! - less![1]![i]!) / (2 * h), 7);
      });
    }
  });

  it("jumps, in value or slope, exactly where it says, and `minimize` hears of it", () => {
    const [hi, lo] = [1.3, 0.6];
    const at = (order: number) => (x: number) => ask([x], hi, lo)[order]![0]!;
    const slope = (x: number) => {
      const [h, side] = [1e-7, Math.sign(x - Math.round(4 * x) / 4)];
      return (
        (multiplicativeReference[code](hi, lo, x + side * h) - multiplicativeReference[code](hi, lo, x)) /
        (side * h)
      );
    };
    expect(jumps(at(0), at(1))).toEqual(kinked(record.kinks));
    expect(jumps((x) => multiplicativeReference[code](hi, lo, x), slope)).toEqual(kinked(record.kinks));
    expect(kinksOf({ normsys: code })).toBe(bits(record.kinks));
  });
});

describe.each(modifierTypes.filter((type) => modifierRecords[type].interpolation))(
  "codes of a %s",
  (type) => {
    const { codes, standard } = modifierRecords[type].interpolation!;
    const modifiers = [normfactor("mu"), histosys("h", [12], [9]), normsys("n", 1.2, 0.9)];
    const spec = { channels: [{ name: "c", samples: [{ name: "s", data: [10], modifiers }] }] };
    const both = (code: string) => [
      { interpcodes: { [type]: code } },
      { modifier_settings: { [type]: { interpcode: code } } },
    ];

    it("are taken by either option, and others refused with those that exist", () => {
      for (const code of Object.keys(codes)) {
        for (const options of both(code)) {
          const { interpcodes } = histfactory(spec, options as never).settings;
          expect(new Map(Object.entries(interpcodes)).get(type)).toBe(code);
        }
      }
      for (const options of both("code9")) {
        expect(() => histfactory(spec, options as never)).toThrow(
          `expected ${Object.keys(codes).join(", ")}`,
        );
      }
    });

    it("have a standard, which the docs name first", () => {
      const { interpcodes } = histfactory(spec).settings;
      expect(new Map(Object.entries(interpcodes)).get(type)).toBe(standard);
      const first = docs
        .split("\n")
        .find((line) => line.startsWith("| `code") && line.includes(`| \`${type}\` |`));
      expect(first).toContain(`\`${standard}\``);
    });
  },
);

it("a number that no kernel knows gives no number, rather than another code's", () => {
  const code = additiveCodes.code2;
  const kernel = code.kernel;
  try {
    (code as { kernel: number }).kernel = 99;
    const unknown = compile((a: Tensor) => interpWeights(a, "code2"));
    expect(flat(unknown([0.5]))).toEqual([Number.NaN, Number.NaN]);
  } finally {
    (code as { kernel: number }).kernel = kernel;
  }
});
