import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ComparisonOperator, Condition, Value } from "../../src/select/grammar/ast.js";
import { CutError } from "../../src/select/grammar/cuterror.js";
import { nameText } from "../../src/select/grammar/lex.js";
import { columns, elements, requireColumns, starts, thresholds } from "../../src/select/grammar/names.js";
import { parseCut, parseDefinition, parseExpr } from "../../src/select/grammar/parse.js";
import { printExpr } from "../../src/select/grammar/printexpr.js";
import { nearestName } from "../../src/text/nearest.js";
import { evaluated as evaluate } from "../kit/evaluated.js";
import { random as generator } from "../kit/random.js";
import { runs } from "../kit/runs.js";
import { thrown } from "../kit/thrown.js";

/** The text of a cut in its canonical form, thresholds at their starts. */
const canonical = (text: string) => printExpr(parseCut(text));

const errorOf = (run: () => unknown) => thrown(CutError, run);

describe("grammar", () => {
  test.each([
    ["pt>30&&eta<2", "pt > 30 && eta < 2"],
    ["80 < mass < 100", "80 < mass && mass < 100"],
    ["0 < a < b <= 5", "0 < a && a < b && b <= 5"],
    ["(a > 1 && b > 2) && c > 3", "a > 1 && b > 2 && c > 3"],
    ["a > 1 || b > 2 && c > 3", "a > 1 || b > 2 && c > 3"],
    ["(a > 1 || b > 2) && c > 3", "(a > 1 || b > 2) && c > 3"],
    ["!(a > 1)", "!(a > 1)"],
    ["!!(a > 1)", "!!(a > 1)"],
    ["isGood && !isBad", "isGood != 0 && !(isBad != 0)"],
    [
      "Muon_pt[0] > 20 && Muon_charge[0] != Muon_charge[1]",
      "Muon_pt[0] > 20 && Muon_charge[0] != Muon_charge[1]",
    ],
    ["a - (b - c) > 0", "a - (b - c) > 0"],
    ["(a - b) - c > 0", "a - b - c > 0"],
    ["a * (b + c) / d > -1", "a * (b + c) / d > -1"],
    ["-a ** 2 < 0", "-a ** 2 < 0"],
    ["(-a) ** 2 < 4", "(-a) ** 2 < 4"],
    ["a ** b ** c > 1", "a ** b ** c > 1"],
    ["(a ** b) ** c > 1", "(a ** b) ** c > 1"],
    ["pow(a, -2) > 1", "a ** -2 > 1"],
    ["max(a, b, c) > +1", "max(a, b, c) > 1"],
    ["x > .5e1", "x > 5"],
    ["x > fixed(4)", "x > 4"],
    ["x > -fixed(4)", "x > -4"],
    ["x > -0", "x > -0"],
    ["\tx\n> 1", "x > 1"],
  ])("%s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
    expect(canonical(expected)).toBe(expected);
  });

  test("precedence is that of the field", () => {
    const at = (text: string) => evaluate(parseExpr(text), () => 3);
    expect(at("1 + 2 * x ** 2")).toBe(19);
    expect(at("-x ** 2")).toBe(-9);
    expect(at("2 ** -1 * x")).toBe(1.5);
    expect(at("8 / 2 / 2 - 1 - 1")).toBe(0);
    expect(at("2 ** 3 ** 2")).toBe(512);
  });

  test("nodes know where they stand, their parentheses included", () => {
    const cut = parseCut("pt > 30 && (abs(eta) < 2.4)");
    if (cut.kind !== "and") throw new Error(cut.kind);
    expect(cut.span).toEqual({ start: 0, end: 27 });
    expect(cut.terms.map((term) => term.span)).toEqual([
      { start: 0, end: 7 },
      { start: 11, end: 27 },
    ]);
  });

  test("definitions and expressions", () => {
    const { name, expr } = parseDefinition("dimuon = sqrt(2 * Muon_pt[0] * Muon_pt[1])");
    expect(name).toBe("dimuon");
    expect(columns(expr)).toEqual(["Muon_pt"]);
    expect(elements(expr)).toEqual([
      { name: "Muon_pt", index: 0 },
      { name: "Muon_pt", index: 1 },
    ]);
    expect(parseExpr("pt > 30").kind).toBe("compare");
    expect(printExpr(parseExpr("pt > 30"))).toBe("pt > 30");
  });
});

describe("thresholds", () => {
  const names = (text: string) => thresholds(parseCut(text)).map(({ name, start }) => [name, start]);

  test.each([
    [
      "mass > 80 && mass < 100",
      [
        ["massMin", 80],
        ["massMax", 100],
      ],
    ],
    [
      "80 < mass < 100",
      [
        ["massMin", 80],
        ["massMax", 100],
      ],
    ],
    ["abs(eta) < 2.4", [["etaMax", 2.4]]],
    ["-2.4 <= eta", [["etaMin", -2.4]]],
    ["hypot(px, py) > 5", [["pxMin", 5]]],
    [
      "pt > 30 || pt > 20 || pt > 10",
      [
        ["ptMin", 30],
        ["ptMin2", 20],
        ["ptMin3", 10],
      ],
    ],
    [
      "pt > 30 && x > {ptMin = 1}",
      [
        ["ptMin2", 30],
        ["ptMin", 1],
      ],
    ],
    [
      "Muon_pt[0] > 20 && Muon_pt[1] > 10",
      [
        ["Muon_pt0Min", 20],
        ["Muon_pt1Min", 10],
      ],
    ],
    ["pt > {a = 30} && pt2 > {a}", [["a", 30]]],
    ["pt > {a} && pt2 > {a = 30}", [["a", 30]]],
    ["pt > ({a = 30})", [["a", 30]]],
    ["pt - {a = 30} > 0", [["a", 30]]],
    ["nMuon == 2", []],
    ["nMuon != 2 && isGood", []],
    ["pt1 > pt2", []],
    ["pt > 2 * 15", []],
    ["x < 5 < y", [["xMax", 5]]],
  ])("%s", (text, expected) => {
    expect(names(text)).toEqual(expected);
  });

  test("say what they cut on", () => {
    const [mass, eta, pt, inner] = thresholds(
      parseCut("80 < mass && abs(eta) <= fixed(2.4) && pt > {ptMin = 30} && x + {dx = 1} < y"),
    );
    expect(mass).toMatchObject({ name: "massMin", side: "lower", operator: ">", fixed: false });
    expect(eta).toMatchObject({ name: "etaMax", side: "upper", operator: "<=", fixed: true, start: 2.4 });
    expect(printExpr(eta!.expression)).toBe("abs(eta)");
    expect(pt).toMatchObject({ name: "ptMin", side: "lower", span: { start: 44, end: 56 } });
    expect(inner).toMatchObject({ name: "dx", side: "inner", start: 1 });
  });

  test("those that train make the params", () => {
    expect(starts(parseCut("pt > {ptMin = 30} && abs(eta) < fixed(2.4) && mass > 80"))).toEqual({
      ptMin: 30,
      massMin: 80,
    });
  });

  test("values replace them in the text", () => {
    const cut = parseCut("80 < mass < 100 && -{t = 1} < x && y < fixed(3)");
    expect(printExpr(cut, { massMin: 0.1 + 0.2, massMax: 1e300, t: -5 })).toBe(
      "0.30000000000000004 < mass && mass < 1e+300 && 5 < x && y < 3",
    );
    expect(errorOf(() => printExpr(cut, { massMin: 1 })).code).toBe("expr.value");
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(errorOf(() => printExpr(cut, { massMin: bad, massMax: 1, t: 1 })).message).toMatch(/massMin/);
    }
  });
});

describe("errors", () => {
  test("show the place and the remedy", () => {
    expect(errorOf(() => parseCut("pt > 30 && sqr(x) > 2")).message).toBe(
      ["There is no function sqr.", "  pt > 30 && sqr(x) > 2", "             ^^^", "Did you mean sqrt?"].join(
        "\n",
      ),
    );
    const unknown = errorOf(() => {
      const text = "Muon_pT[0] > 30";
      requireColumns(parseCut(text), ["nMuon", "Muon_pt"], text);
    });
    expect(unknown).toMatchObject({ code: "expr.unknownColumn", start: 0, end: 7 });
    expect(unknown.message).toContain("  ^^^^^^^\nDid you mean Muon_pt?");
  });

  test("show the line of a long text only, cut to a readable width", () => {
    const text = `${"a > 1 && ".repeat(1000)}\n${"b > 1 && ".repeat(1000)}µ > 1`;
    const lines = errorOf(() => parseCut(text)).message.split("\n");
    expect(lines[1]!.length).toBeLessThan(100);
    expect(lines[1]!.at(lines[2]!.indexOf("^"))).toBe("µ");
  });

  test.each([
    ["", "expr.syntax", 0],
    ["pt >", "expr.syntax", 4],
    ["pt > 30)", "expr.syntax", 7],
    ["(pt > 30", "expr.syntax", 8],
    ["pt = 30", "expr.syntax", 3],
    ["pt > 30 & eta < 2", "expr.syntax", 8],
    ["pt > 30 and eta < 2", "expr.syntax", 8],
    ["pt > 30GeV", "expr.syntax", 5],
    ["Muon. > 3", "expr.syntax", 4],
    ["Muon.3 > 3", "expr.syntax", 4],
    ["`pt > 3", "expr.syntax", 0],
    ["`` > 3", "expr.syntax", 0],
    ["pt > {`a b` = 3}", "expr.name", 6],
    ["pt > {a.b = 3}", "expr.name", 6],
    ["`sqrt`(pt) > 3", "expr.syntax", 6],
    ["Muon_pt[i] > 3", "expr.syntax", 8],
    ["Muon_pt[-1.5] > 3", "expr.syntax", 8],
    ["pt > {30}", "expr.syntax", 6],
    ["pt > {a = b}", "expr.syntax", 10],
    ["pt > fixed(x)", "expr.syntax", 11],
    ["1e999 < pt", "expr.number", 0],
    ["event == 9007199254740993", "expr.number", 9],
    ["pt", "", 0],
    ["pt + 3", "expr.type", 0],
    ["pt > 3 && abs(eta)", "expr.type", 10],
    ["(80 < mass) < 100", "expr.type", 0],
    ["!pt > 30", "expr.type", 0],
    ["1 + (pt > 3) > 1", "expr.type", 4],
    ["constructor(pt) > 3", "expr.unknownFunction", 0],
    ["atan2(y) > 3", "expr.arguments", 0],
    ["min(y) > 3", "expr.arguments", 0],
    ["3 < 4", "expr.noColumn", 0],
    ["{a = 3} > 4", "expr.noColumn", 0],
    ["pt > {a}", "expr.noStart", 5],
    ["pt > {a = 1} && pt < {a = 2}", "expr.twoStarts", 21],
    ["pt == {a = 1}", "expr.threshold", 0],
    ["pt > {__proto__ = 1}", "expr.name", 5],
  ])("%s", (text, code, start) => {
    if (code === "") expect(() => parseCut(text)).not.toThrow();
    else expect(errorOf(() => parseCut(text))).toMatchObject({ code, start });
  });

  test("definitions have no thresholds", () => {
    expect(errorOf(() => parseExpr("pt > {a = 3}")).code).toBe("expr.threshold");
    expect(errorOf(() => parseDefinition("pt > 3")).message).toMatch(/Expected =/);
    expect(errorOf(() => parseDefinition("x = 3 = 4")).code).toBe("expr.syntax");
  });

  test("nearest names", () => {
    const known = ["mass", "Muon_pt", "Muon_eta", "nMuon"];
    expect(nearestName("mas", known)).toBe("mass");
    expect(nearestName("msas", known)).toBe("mass");
    expect(nearestName("muon_PT", known)).toBe("Muon_pt");
    expect(nearestName("jet", known)).toBeUndefined();
    expect(nearestName("x".repeat(1e5), known)).toBeUndefined();
  });
});

describe("names of columns", () => {
  test.each<[string, string[], string[], string]>([
    ["Jet.PT[0] > 30", ["Jet.PT"], ["Jet_PT0Min"], "Jet.PT[0] > 30"],
    [
      "AnalysisJetsAuxDyn.pt[1] > 2e4",
      ["AnalysisJetsAuxDyn.pt"],
      ["AnalysisJetsAuxDyn_pt1Min"],
      "AnalysisJetsAuxDyn.pt[1] > 20000",
    ],
    ["a.b.c<2", ["a.b.c"], ["a_b_cMax"], "a.b.c < 2"],
    [
      "`jet pt` > 30 && `Jet.PT`[0] < 9",
      ["jet pt", "Jet.PT"],
      ["jet_ptMin", "Jet_PT0Max"],
      "`jet pt` > 30 && Jet.PT[0] < 9",
    ],
    [
      "`abs(eta)` < 2 && abs(eta) < 3",
      ["abs(eta)", "eta"],
      ["abs_eta_Max", "etaMax"],
      "`abs(eta)` < 2 && abs(eta) < 3",
    ],
    ["`and` > 1 && `a``b` > {t = 2}", ["and", "a`b"], ["andMin", "t"], "`and` > 1 && `a``b` > 2"],
    ["`3x`[2] >= 1", ["3x"], ["_3x2Min"], "`3x`[2] >= 1"],
    ["pt>.5", ["pt"], ["ptMin"], "pt > 0.5"],
    ["`__proto__` > 1", ["__proto__"], ["__proto__Min"], "__proto__ > 1"],
  ])("%s", (text, names, made, printed) => {
    const tree = parseCut(text);
    expect(columns(tree)).toEqual(names);
    expect(thresholds(tree).map(({ name }) => name)).toEqual(made);
    expect(printExpr(tree)).toBe(printed);
    expect(printExpr(parseCut(printed))).toBe(printed);
  });

  test("of definitions, and the nearest of unknown ones", () => {
    expect(parseDefinition("`lead pt` = Jet.PT[0]")).toMatchObject({ name: "lead pt" });
    expect(parseDefinition("a.b = 2 * pt")).toMatchObject({ name: "a.b" });
    for (const [text, at] of [
      ["`jet Pt`[0] > 30", 8],
      ["jet.Pt[0] > 30", 6],
    ] as const) {
      const unknown = errorOf(() => requireColumns(parseCut(text), ["jet pt"], text));
      expect(unknown).toMatchObject({ code: "expr.unknownColumn", start: 0, end: at });
      expect(unknown.message).toContain("Did you mean jet pt?");
    }
  });

  test("any name prints and parses back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 12 }), (name) => {
        const text = `${nameText(name)} > 3 || ${nameText(name)}[2] < {a = 1}`;
        const tree = parseCut(text);
        expect(columns(tree)).toEqual([name]);
        expect(printExpr(parseCut(printExpr(tree)))).toBe(printExpr(tree));
        expect(columns(parseCut(printExpr(tree)))).toEqual([name]);
        expect(thresholds(tree).every((each) => /^[A-Za-z_]\w*$/.test(each.name))).toBe(true);
      }),
      { numRuns: runs(200) },
    );
  });
});

describe("size", () => {
  test("long chains work", () => {
    const n = 1e5;
    const cut = parseCut(Array.from({ length: n }, (_, i) => `x${i % 7} > ${i}`).join(" && "));
    expect(thresholds(cut).length).toBe(n);
    const text = printExpr(cut);
    expect(printExpr(parseCut(text))).toBe(text);
    expect(parseCut(`${"a || ".repeat(n)}a`).kind).toBe("or");
    expect(columns(parseCut(`${"a < ".repeat(n)}a`))).toEqual(["a"]);
    expect(parseCut(`max(${"a, ".repeat(n)}a) > 1`).kind).toBe("compare");
  });

  test("sums of a thousand terms work, longer ones say what to do", () => {
    expect(printExpr(parseCut(`${"a + ".repeat(990)}a > 1`))).toContain("a + a > 1");
    const text = `${"a - b * b / ".repeat(5000)}a > 1`;
    expect(printExpr(parseCut(text))).toBe(text);
    expect(errorOf(() => parseCut(`${"a + ".repeat(1e5)}a > 1`)).code).toBe("expr.tooDeep");
  });

  test.each(["(", "!", "-", "abs(", "a ** ", "(a > 1 && (a > 2 || ", "((a + 1) * "])("deep %s", (piece) => {
    for (const depth of [1e3, 1e5]) {
      expect(errorOf(() => parseCut(piece.repeat(depth))).code).toBe("expr.tooDeep");
    }
  });

  test("nesting below the limit works", () => {
    expect(canonical(`${"(".repeat(199)}a > 1${")".repeat(199)}`)).toBe("a > 1");
    expect(canonical(`${"-".repeat(199)}a > 1`)).toBe(`${"-".repeat(199)}a > 1`);
  });
});

describe("random expressions", () => {
  const random = generator(1);
  const below = (n: number) => Math.floor(random() * n);
  const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const span = { start: 0, end: 0 };
  const number = () => {
    const value = oneOf([0, 1, -2, 0.1, 1e-300, 123456789, -1e21, random() * 10 - 5, below(7) - 3]);
    return { kind: "number", value, span } as const;
  };

  function value(depth: number): Value {
    if (depth === 0 || random() < 0.2) {
      if (random() < 0.4) return number();
      if (random() < 0.3) return { kind: "element", name: "j", index: below(3), span };
      return { kind: "column", name: oneOf(["x", "y", "z"]), span };
    }
    const choice = below(7);
    if (choice === 0) return { kind: "negate", of: value(depth - 1), span };
    if (choice === 1) {
      const name = oneOf(["abs", "sqrt", "exp", "sin", "tanh", "floor"] as const);
      return { kind: "call", name, args: [value(depth - 1)], span };
    }
    if (choice === 2) {
      const args = [value(depth - 1), value(depth - 1)];
      return { kind: "call", name: oneOf(["min", "hypot"] as const), args, span };
    }
    const op = oneOf(["+", "-", "*", "/", "**"] as const);
    return { kind: "arithmetic", op, left: value(depth - 1), right: value(depth - 1), span };
  }

  function condition(depth: number): Condition {
    const choice = depth === 0 ? 0 : below(5);
    if (choice <= 1) {
      const op = oneOf<ComparisonOperator>(["<", "<=", ">", ">=", "==", "!="]);
      const left = {
        kind: "arithmetic",
        op: "+",
        left: { kind: "column", name: "x", span },
        right: value(3),
        span,
      } as const;
      return random() < 0.5
        ? { kind: "compare", op, left, right: value(2), span }
        : { kind: "compare", op, left: number(), right: left, span };
    }
    if (choice === 2) return { kind: "not", of: condition(depth - 1), span };
    const terms = Array.from({ length: 2 + below(2) }, () => condition(depth - 1));
    return { kind: choice === 3 ? "and" : "or", terms, span };
  }

  test("print and parse back to the same selection and the same text", () => {
    for (let i = 0; i < 3000; i++) {
      const cut = condition(3);
      const text = printExpr(cut);
      const again = parseCut(text);
      expect(printExpr(again)).toBe(text);
      for (let event = 0; event < 5; event++) {
        const columnsOf = new Map<string, number>();
        const look = (name: string) => {
          if (!columnsOf.has(name)) columnsOf.set(name, oneOf([0, 1, -2, 0.5, Number.NaN, random() * 6 - 3]));
          return columnsOf.get(name)!;
        };
        expect(evaluate(again, look), text).toBe(evaluate(cut, look));
      }
    }
  });

  test("thresholds at any value print and parse back to the same selection", () => {
    for (let i = 0; i < 500; i++) {
      const cut = parseCut(printExpr(condition(3)));
      const values = Object.fromEntries(Object.keys(starts(cut)).map((name) => [name, random() * 4 - 2]));
      const text = printExpr(cut, values);
      const again = parseCut(text);
      expect(printExpr(again)).toBe(text);
      const event = new Map(["x", "y", "z", "j[0]", "j[1]", "j[2]"].map((name) => [name, random() * 4 - 2]));
      const look = (name: string) => event.get(name)!;
      expect(evaluate(again, look), text).toBe(evaluate(cut, look, values));
    }
  });

  test("no text makes anything but an answer or a CutError", { timeout: 60_000 }, () => {
    const pieces = [
      "pt",
      " ",
      "30",
      "1e5",
      "&&",
      "||",
      "!",
      "(",
      ")",
      "<",
      "<=",
      "==",
      "+",
      "-",
      "**",
      "[",
      "]",
      "0",
      "{",
      "}",
      "=",
      ",",
      "abs",
      "min(",
      "fixed(",
      " in ",
      "{a = 30 in [1e5, ",
      "jets.pt",
      "count(",
      "max(",
      "any(",
      "pairs(jets)[",
      "leading(jets, ",
      "[argmax(",
      "& 4",
      "µ",
      ".",
      "\n",
      "é̂",
      "\u{1f600}",
    ];
    const cases = process.env.GRADCUT_LONG === "1" ? 200_000 : 20_000;
    for (let i = 0; i < cases; i++) {
      const text = Array.from({ length: 1 + below(12) }, () => oneOf(pieces)).join("");
      try {
        const cut = parseCut(text);
        expect(printExpr(parseCut(printExpr(cut)))).toBe(printExpr(cut));
      } catch (error) {
        if (!(error instanceof CutError)) throw new Error(`${JSON.stringify(text)}: ${error}`);
        expect(error.start).toBeLessThanOrEqual(error.end);
        expect(error.end).toBeLessThanOrEqual(text.length);
      }
    }
  });
});
