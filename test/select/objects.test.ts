// Cuts on objects: hard as awkward and vector do it, soft as its limit.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { autoWidth, diagnose, scanThresholds } from "../../src/entry/select.js";
import {
  type Cut,
  CutError,
  compile,
  cut,
  cutYields,
  init,
  nested,
  type Tensor,
  table,
  valueAndGrad,
} from "../../src/index.js";
import { comparedOfEach, comparedValues } from "../../src/select/comparedvalues.js";
import { conditionRules, numberRules } from "../../src/select/reducers.js";
import { evaluate, loopEvents } from "../kit/objectloops.js";
import { objectEvents } from "../kit/objects.js";
import { thrown } from "../kit/thrown.js";

beforeAll(() => init());

const file = new URL("../fixtures/objects.json", import.meta.url);
const formulas: readonly { name: string; text: string }[] = JSON.parse(readFileSync(file, "utf8")).formulas;

const made = objectEvents(2000);
const list = loopEvents(made);
const { met, weight } = made;
const rows = ({ offsets, columns }: typeof made.jets | typeof made.electrons | typeof made.muons) =>
  nested(offsets, columns as Record<string, Float32Array>);
const columns = {
  met,
  weight,
  jets: rows(made.jets),
  electrons: rows(made.electrons),
  muons: rows(made.muons),
};

type Trees = Record<string, Tensor>;

describe("hard", () => {
  it.each(formulas)("$text", ({ name, text }) => {
    const c: Cut = cut(text);
    const { mask } = evaluate(name, list);
    const got = c.hard(c.init(), columns);
    const wrong = [...mask.keys()].filter((i) => mask[i] !== got[i]);
    expect(wrong.length, `events ${wrong.slice(0, 5)}`).toBe(0);
  });

  it.each(formulas)("printed and parsed back: $text", ({ text }) => {
    const c: Cut = cut(text);
    const printed = c.print(c.init());
    expect(cut(printed).print(cut(printed).init())).toBe(printed);
    expect(cut(printed).hard(cut(printed).init(), columns)).toEqual(c.hard(c.init(), columns));
  });
});

describe("soft", () => {
  it.each(formulas)("$text: hard in the limit", ({ name, text }) => {
    const c: Cut = cut(text);
    const { mask } = evaluate(name, list);
    const soft = compile((p: Trees, e: Trees) => c.soft(p, e, 1e-10));
    const got = soft(c.init(), table(columns, { dtype: "f64" })) as Float64Array;
    let wrong = 0;
    mask.forEach((m, i) => {
      if (!(Math.abs(got[i]! - m) < 1e-6)) wrong++;
    });
    expect(wrong).toBe(0);
  });
});

/** Masks that are soft before anything is made of the rows: each rule for rows that are likely. */
const soft = [
  ...Object.keys(numberRules).map((name) =>
    name === "count"
      ? "count(jets.pt[jets.btag > {b = 0.53}] > {t = 41}) >= 2"
      : `${name}(jets.pt[jets.btag > {b = 0.53}]) > {t = 41}`,
  ),
  ...Object.keys(conditionRules).map((name) => `${name}(jets.pt[jets.btag > {b = 0.53}] > {t = 41})`),
  "!(max(jets.pt[jets.btag > {b = 0.53}]) > {t = 41})",
  "jets.pt[jets.btag > {b = 0.53}][0] > {t = 41}",
  "jets.pt[jets.btag > {b = 0.53}][2] > {t = 41}",
  "jets.pt[jets.btag > {b = 0.53}][-2] > {t = 41}",
  "jets[jets.btag > {b = 0.53}][1].eta < {e = 0.9}",
  "leading(jets[jets.btag > {b = 0.53}], jets.pt).eta < {e = 0.9}",
  "jets.eta[argmin(jets.pt[jets.btag > {b = 0.53}])] < {e = 0.9}",
  "sort(jets.pt[jets.btag > {b = 0.53}], jets.eta)[1] > {t = 41}",
  "sum(topK(jets.pt[jets.btag > {b = 0.53}], 2)) > {t = 101}",
  "mass(leading(jets[jets.btag > {b = 0.53}], jets.pt) + muons[0]) > {m = 60}",
  "abs(leading(jets[jets.btag > {b = 0.53}], jets.pt).phi) > {f = 1.1}",
  "any(pairs(jets[jets.btag > {b = 0.53}])[deltaR(a, b) > 1 && max(btag) > {c = 0.7}].mass > {m = 60})",
  "count(pairs(jets)[any(btag > {c = 0.7}) && count(pt > {t = 35}) == 1 && a.eta > b.eta]) >= 2",
  "min(deltaR(jets[jets.btag > {b = 0.53}], muons)) > {r = 0.4}",
  "max(deltaR(jets[jets.btag > {b = 0.53}], muons[muons.pt > {p = 18}])) > {r = 2.1}",
  "count(deltaR(jets, muons) < {r = 0.7}) >= 1",
  "count(jets.btag > {b = 0.53}) + count(muons.pt > {p = 18}) != 3",
  "count(jets.btag > {b = 0.53}) < 3 && 1 < count(jets)",
  "count(jets.pt > {t = 41} && met > {n = 20}) >= 1",
  "any(jets.pt > {k = 0.7} * met) || count(electrons) > 2.5",
  "sum(jets.pt * {k = 1.1}) > 150",
  "jets.pt[0] > {t = 41} && jets[-1].pt < 60",
] as const;

describe("rows that are likely", () => {
  it.each(soft)("%s: hard in the limit", (text) => {
    const c: Cut = cut(text as string);
    const hard = c.hard(c.init(), columns);
    const f = compile((p: Trees, e: Trees) => ({ soft: c.soft(p, e, 1e-10), pass: c.pass(p, e) }));
    const got = f(c.init(), table(columns, { dtype: "f64" })) as Record<string, Float64Array>;
    const wrong = [...hard.keys()].filter((i) => !(Math.abs(got.soft![i]! - hard[i]!) < 1e-6));
    expect(wrong.slice(0, 5)).toEqual([]);
    expect([...got.pass!]).toEqual([...hard]);
    const passing = hard.reduce((n, m) => n + m, 0);
    expect(passing).toBeGreaterThan(20);
    expect(passing).toBeLessThan(1980);
  });

  it.each([...soft, ...formulas.map(({ text }) => text)])("%s: slopes", (text) => {
    const c: Cut = cut(text as string);
    const few = { ...columns };
    const data = table(few, { dtype: "f64" });
    const params = { ...c.init(), scale: 1.01 };
    const f = compile(
      valueAndGrad((p: Trees, e: Record<string, Trees>) => {
        const jets = { ...e.jets, pt: e.jets!.pt!.mul(p.scale!) };
        const w = c.logSoft(p, { ...e, jets } as never, widths(c));
        return w
          .exp()
          .mul(e.weight as never)
          .sum();
      }),
    );
    const at = (name: string, d: number) =>
      f({ ...params, [name]: params[name as "scale"] + d } as never, data as never);
    const { grads } = at("scale", 0);
    for (const [name, slope] of Object.entries(grads as Record<string, number>)) {
      const h = 1e-5;
      const value = (d: number) => at(name, d).value as number;
      const difference = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h);
      expect(Math.abs(slope - difference), name).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(difference)));
    }
  });
});

/** A tenth of where a threshold starts. */
const widths = (c: Cut) =>
  Object.fromEntries(c.thresholds.map((t) => [t.name, 0.1 * Math.abs(t.start) + 0.01]));

describe("what rows and events are", () => {
  it.each([
    ["jets.pt > 30", "expr.level", "jets.pt > 30"],
    ["met > 20 && jets.pt > 30", "expr.level", "jets.pt > 30"],
    ["!(jets.pt[jets.eta < 2] > {a = 30})", "expr.level", "(jets.pt[jets.eta < 2] > {a = 30})"],
    ["any(jets.pt > muons.pt)", "expr.level", "jets.pt > muons.pt"],
    ["any(jets.pt > 30 && muons.pt > 20)", "expr.level", "jets.pt > 30 && muons.pt > 20"],
    ["sum(jets.pt + muons.pt) > 30", "expr.level", "jets.pt + muons.pt"],
    ["any(jets.pt[muons.pt > 3] > 30)", "expr.level", "muons.pt > 3"],
    ["met[met > 3] > 30", "expr.level", "met"],
    ["any(deltaR(jets, muons) < 0.4, electrons)", "expr.level", "any(deltaR(jets, muons) < 0.4, electrons)"],
    ["jets > 30", "expr.type", "jets"],
    ["mass(met) > 30", "expr.unknownColumn", "mass(met)"],
    ["mass(jets[0] - jets[1]) > 30", "expr.type", "jets[0] - jets[1]"],
    ["any(jets)", "expr.type", "any(jets)"],
    ["count(jets.pt & 4) > 2", "expr.type", "jets.pt & 4"],
    ["sum(jets.mas) > 30", "expr.unknownColumn", "jets.mas"],
    ["any(pairs(jets).btag > 1)", "expr.unknownColumn", "pairs(jets).btag"],
    ["any(cross(jets, muons).charge == 0)", "expr.unknownColumn", "cross(jets, muons).charge"],
  ])("%s: %s", (text, code, place) => {
    const c: Cut = cut(text);
    for (const run of [() => c.hard(c.init(), columns), () => softOf(c)(c.init(), table(columns))]) {
      const { code: got, start, end, message } = thrown(CutError, run);
      expect([got, text.slice(start, end)]).toEqual([code, place]);
      expect(message.split("\n").length).toBe(4);
    }
  });

  it.each([
    ["any(jets.pt > 30", "expr.syntax"],
    ["count(jets.pt[jets.loose]) > 1", "expr.syntax"],
    ["sum(met) > 3", "expr.arguments"],
    ["sum(jets.pt > 30) > 3", "expr.type"],
    ["count(jets.jetId & 0.5) > 1", "expr.syntax"],
    ["deltaR(jets) > 1", "expr.arguments"],
    ["any(jets.pt > 3, jets.pt > 4)", "expr.arguments"],
    ["cuont(jets) > 1", "expr.unknownFunction"],
  ])("%s: %s", (text, code) => {
    expect(thrown(CutError, () => cut(text)).code).toBe(code);
  });

  const softOf = (c: Cut) => compile((p: Trees, e: Trees) => c.soft(p, e));

  it("a column of the whole name comes first, and flat code has no rows", () => {
    const c = cut("jets.pt > {a = 3}");
    expect([...c.hard({ a: 3 }, { "jets.pt": Float64Array.of(2, 4), jets: columns.jets })]).toEqual([0, 1]);
    const own = cut("pt > {a = 30}");
    const jets = made.jets.columns.pt.map((x) => (x > 30 ? 1 : 0));
    expect([...own.hard({ a: 30 }, { pt: made.jets.columns.pt })]).toEqual([...jets]);
    // A cut of rows by themselves, in a function that has them.
    const f = compile((e: { jets: Trees }) => own.pass({ a: 30 } as never, e.jets));
    expect([...(f(table(columns) as never) as Float32Array)]).toEqual([...jets]);
  });

  it("rows of rows", () => {
    const events = {
      jets: nested([0, 2, 2, 4], {
        q: Float64Array.of(1, 2, 3, 4),
        tracks: nested([0, 2, 2, 5, 6], { z: Float64Array.of(1, 2, 3, 4, 5, 6) }),
      }),
    };
    const masks = (text: string) => {
      const c: Cut = cut(text);
      const soft = compile((p: Trees, e: Trees) => c.soft(p, e, 1e-9))(
        c.init(),
        table(events, { dtype: "f64" }),
      );
      expect([...(soft as Float64Array)].map(Math.round)).toEqual([...c.hard(c.init(), events)]);
      return [...c.hard(c.init(), events)];
    };
    expect(masks("sum(jets.tracks.z) > 2.5")).toEqual([1, 0, 1]);
    expect(masks("count(jets.tracks) >= 3")).toEqual([0, 0, 1]);
    expect(masks("count(sum(jets.tracks.z, jets.tracks) > 3.5) == 2")).toEqual([0, 0, 1]);
    expect(masks("any(jets.tracks.z > {z = 5.5} && jets.q > 3)")).toEqual([0, 0, 1]);
    expect(masks("max(jets.tracks.z[jets.tracks.z < {z = 2.5}]) > 0.5")).toEqual([1, 0, 0]);
  });

  it("reads what it needs and no more", () => {
    const names = (text: string) => [...(cut(text) as Cut).columns].sort();
    expect(names("count(jets.pt > {a = 30} && met > 2) >= 4")).toEqual(["jets.pt", "met"]);
    expect(names("count(jets) >= 4 && jets.pt[-1] > 3")).toEqual(["jets", "jets.pt[-1]"]);
    expect(names("leading(jets[jets.pt > 3], jets.btag).eta < 2")).toEqual([
      "jets.btag",
      "jets.eta",
      "jets.pt",
    ]);
    expect(names("any(deltaR(jets, muons) < 0.4)")).toEqual([
      "jets.eta",
      "jets.phi",
      "muons.eta",
      "muons.phi",
    ]);
    expect(names("any(cross(jets, muons)[max(pt) > 3 && b.charge == 1].mass > 3)")).toEqual([
      "jets.eta",
      "jets.mass",
      "jets.phi",
      "jets.pt",
      "muons.charge",
      "muons.eta",
      "muons.mass",
      "muons.phi",
      "muons.pt",
    ]);
    const c: Cut = cut("count(jets.pt > {a = 30}) >= 4");
    const few = { jets: nested(made.jets.offsets, { pt: made.jets.columns.pt }) };
    expect(c.hard(c.init(), few)).toEqual(c.hard(c.init(), columns));
  });
});

describe("what a cut offers", () => {
  const c: Cut = cut(
    "count(jets.pt > {jetPt = 35 in [20, 50]} && abs(jets.eta) < fixed(2.4)) >= 4 && sum(jets.pt[jets.pt > {jetPt}]) > {ht = 250}",
  );

  it("thresholds, by what they are compared with and on which side events pass", () => {
    expect(c.thresholds.map(({ name, column, keeps }) => [name, column, keeps])).toEqual([
      ["jetPt", "jets.pt", "above"],
      ["jets_etaMax", "abs(jets.eta)", "below"],
      ["ht", "sum(jets.pt[jets.pt > 35])", "above"],
    ]);
    const side = (text: string) => (cut(text) as Cut).thresholds.find((t) => t.name === "a")!.keeps;
    expect(side("count(jets.pt > {a = 30}) < 3")).toBe("below");
    expect(side("!any(jets.pt > {a = 30})")).toBe("below");
    expect(side("4 > count(jets.pt < {a = 30})")).toBe("above");
    expect(side("min(jets.pt[jets.eta < {a = 2}]) > 30")).toBe("above");
    expect(side("count(jets.pt > {a = 30}) == 2")).toBeUndefined();
    expect(side("mean(jets.pt[jets.eta < {a = 2}]) > 30")).toBeUndefined();
  });

  it("names of bare numbers, and counts that stay", () => {
    const start = (text: string) => (cut(text) as Cut).init();
    expect(start("count(jets.pt > 30) >= 4 && sum(jets.pt[jets.pt > {a = 3}]) > 250")).toEqual({
      jets_ptMin: 30,
      a: 3,
      jets_ptMin2: 250,
    });
    expect(start("30 < mass(jets[0] + jets[1]) < 120 && min(deltaR(jets, muons)) > 0.4")).toEqual({
      massMin: 30,
      massMax: 120,
      deltaRMin: 0.4,
    });
    expect(start("count(muons) + count(electrons) == 1 && count(jets) > {n = 3.5}")).toEqual({ n: 3.5 });
  });

  it("yields, widths, scans and what is stuck", () => {
    const params = c.init();
    const hard = c.hard(params, columns);
    const yields = cutYields(c, params, columns, { weights: weight, width: 1e-9 });
    expect(yields.hard.entries).toBe(hard.reduce((n, m) => n + m, 0));
    expect(yields.soft.sum).toBeCloseTo(yields.hard.sum, 6);
    expect(yields.all.entries).toBe(2000);
    const auto = autoWidth(c, [columns]);
    expect(auto.jetPt).toBeGreaterThan(1);
    expect(auto.ht).toBeGreaterThan(5);
    const scan = scanThresholds(c, {
      signal: {
        columns,
        weights: weight.map((w, i) => w * list[i]!.jets.filter((jet) => jet.pt > 45).length),
      },
      background: { columns, weights: weight.map((w) => 50 * w) },
    });
    expect(scan.params.jetPt).toBeGreaterThanOrEqual(20);
    expect(scan.params.jetPt).toBeLessThanOrEqual(50);
    expect(scan.value).toBeLessThan(0);
    const lost = diagnose(c, [columns], {
      start: { jetPt: 900, ht: 250 },
      end: { jetPt: 900, ht: 250 },
      grads: { jetPt: 0, ht: 0 },
    });
    expect(lost.map(({ name, kind }) => [name, kind])).toEqual([
      ["jetPt", "flat"],
      ["ht", "flat"],
    ]);
    expect(lost[0]!.message).toContain("above the largest jets.pt");
  });

  const pt = made.jets.columns.pt;
  /** Numbers of each two (or three) jets of an event, or of each jet and each muon. */
  const combined = (f: (...rows: number[]) => readonly number[], many: 2 | 3, muons = false) =>
    Float64Array.from(
      [...list.keys()].flatMap((event) => {
        const { offsets } = made.jets;
        const jets = Array.from(
          { length: offsets[event + 1]! - offsets[event]! },
          (_, i) => offsets[event]! + i,
        );
        const other = made.muons.offsets;
        if (muons)
          return jets.flatMap((i) =>
            Array.from({ length: other[event + 1]! - other[event]! }, (_, j) =>
              f(i, other[event]! + j),
            ).flat(),
          );
        const two = jets.flatMap((i, at) => jets.slice(at + 1).map((j) => [i, j]));
        if (many === 2) return two.flatMap(([i, j]) => [...f(i!, j!)]);
        return two.flatMap(([i, j]) => jets.filter((k) => k > j!).flatMap((k) => [...f(i!, j!, k)]));
      }),
    ).sort();
  it.each([
    [
      "count(pairs(jets)[a.pt + b.pt > {t = 80}]) >= 1",
      "a.pt + b.pt of pairs(jets)",
      () => combined((i, j) => [pt[i]! + pt[j!]!], 2),
    ],
    [
      "any(triples(jets)[a.btag > 0.1][c.pt > {t = 40}].mass > 60)",
      "c.pt of triples(jets)[a.btag > 0.1]",
      () => combined((_i, _j, k) => [pt[k!]!], 3),
    ],
    [
      "count(pairs(jets)[any(pt > {t = 50})]) >= 2",
      "pt of each of pairs(jets)",
      () => combined((i, j) => [pt[i]!, pt[j!]!], 2),
    ],
    [
      "count(cross(jets, muons)[a.pt - b.pt > {t = 5}]) >= 1",
      "a.pt - b.pt of cross(jets, muons)",
      () => combined((i, j) => [pt[i]! - made.muons.columns.pt[j!]!], 2, true),
    ],
    [
      "leading(pairs(jets), sum(pt[btag > {t = 0.4}])).mass > 40",
      "btag of each of pairs(jets)",
      () => combined((i, j) => [made.jets.columns.btag[i]!, made.jets.columns.btag[j!]!], 2),
    ],
  ] as const)("bare names in brackets are those of the combinations: %s", (text, column, expected) => {
    const own: Cut = cut(text as string);
    const threshold = own.thresholds.find(({ name }) => name === "t")!;
    expect(threshold.column).toBe(column);
    const wanted = expected();
    const values = comparedValues(own, threshold, [columns]);
    expect(values.length).toBe(wanted.length);
    expect(Math.max(...values.map((x, i) => Math.abs(x - wanted[i]!)))).toBeLessThan(1e-12);
    const { values: each, events } = comparedOfEach(own, threshold)!(columns);
    expect(each.slice().sort()).toEqual(values);
    expect(Math.min(...events)).toBeGreaterThanOrEqual(0);
    expect(new Set(events).size).toBeGreaterThan(100);
    expect(autoWidth(own, [columns]).t).not.toBe(1);
  });

  it("thresholds in brackets of other combinations are apart, and a scan finds them", () => {
    const both: Cut = cut(
      "count(pairs(jets)[mass > {m = 3}]) >= 1 && count(triples(jets)[mass > {n = 3}]) >= 1",
    );
    const auto = autoWidth(both, [columns]);
    expect(auto.n).toBeGreaterThan(1.2 * auto.m!);
    const one: Cut = cut("count(pairs(jets)[mass > {m = 1e-3}]) >= 1");
    const heavy: Cut = cut("any(pairs(jets).mass > {m = 300})");
    const wanted = heavy.hard({ m: 300 }, columns);
    const background = { columns, weights: new Float64Array(2000).fill(10) };
    const signal = { columns, weights: Float64Array.from(wanted) };
    const scan = scanThresholds(one, { signal, background });
    expect(scan.params.m).toBeGreaterThan(150);
    const lost = diagnose(one, [columns], { start: { m: 1e6 }, end: { m: 1e6 }, grads: { m: 0 } });
    expect(lost[0]!.message).toContain("above the largest mass of pairs(jets)");
  });

  it("a scan that thins large samples keeps rows with their events", () => {
    const many = objectEvents(60_000, 5);
    const jets = rows(many.jets);
    const one: Cut = cut("max(jets.pt) > {a = 30} && count(jets.pt > {b = 30}) >= 2");
    const background = { columns: { jets }, weights: new Float64Array(60_000).fill(10) };
    const weights = Float64Array.from({ length: 60_000 }, (_, i) =>
      many.jets.columns.pt.subarray(many.jets.offsets[i], many.jets.offsets[i + 1]).some((pt) => pt > 90)
        ? 1
        : 0,
    );
    const found = scanThresholds(one, { signal: { columns: { jets }, weights }, background });
    expect(found.params.a).toBeGreaterThan(60);
    expect(found.params.a).toBeLessThan(130);
  });
});
