import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { apply, applyArgs, applyOptions } from "../../src/cli/commands/apply.js";
import { demo, demoArgs, demoOptions } from "../../src/cli/commands/demo.js";
import { plot, plotArgs, plotOptions } from "../../src/cli/commands/plot.js";
import { train as trainCommand } from "../../src/cli/commands/train.js";
import { parse } from "../../src/cli/line/parseline.js";
import { UsageError } from "../../src/cli/line/usageerror.js";
import { commandOf } from "../../src/cli/registry.js";
import { trainArgs } from "../../src/cli/training/trainargs.js";
import { trainOptions } from "../../src/cli/training/trainoptions.js";
import { GivenError, GradcutError } from "../../src/text/gradcuterror.js";
import { run } from "../kit/clirun.js";
import { thrown } from "../kit/thrown.js";

const base = ["--signal", "s.csv", "--background", "b.csv"];
/** What `make` makes of a command line that was read. */
const made = <G extends object, T>(given: G | "help", make: (given: G) => T): T | "help" =>
  given === "help" ? "help" : make(given);
const parseTrainArgs = (args: string[]) => made(parse(args, trainOptions, trainCommand.arguments), trainArgs);
const parseApplyArgs = (args: string[]) => made(parse(args, applyOptions, apply.arguments), applyArgs);
const parsePlotArgs = (args: string[]) => made(parse(args, plotOptions, plot.arguments), plotArgs);
const parseDemoArgs = (args: string[]) => made(parse(args, demoOptions, demo.arguments), demoArgs);
const train = (...args: string[]) => {
  const parsed = parseTrainArgs([...base, ...args]);
  if (parsed === "help") throw new Error("help");
  return parsed;
};

const errorOf = (run: () => unknown) => thrown(UsageError, run);

describe("train options", () => {
  it("reads the command line of the documentation", () => {
    const cut = "pt > {ptMin = 30} && abs(eta) < {etaMax = 2.4} && 80 < mass && mass < 100";
    expect(
      train(
        "--weight",
        "w",
        "--cut",
        cut,
        "--net",
        "pt,eta,mass:16,16",
        "--objective",
        "asimov",
        "--steps",
        "2000",
        "--out",
        "out/",
      ),
    ).toEqual({
      signal: ["s.csv"],
      background: ["b.csv"],
      weight: "w",
      cut,
      net: { inputs: ["pt", "eta", "mass"], hidden: [16, 16] },
      objective: "asimov",
      define: [],
      filter: [],
      signalFilter: [],
      backgroundFilter: [],
      bad: "keep",
      soft: "sigmoid",
      width: { all: "auto", byName: new Map() },
      anneal: null,
      outside: false,
      scan: false,
      ...{ backgroundError: null, negativeWeights: "clip" },
      optimizer: "adam",
      ...{ lr: null, momentum: null, nesterov: false, weightDecay: null },
      steps: 2000,
      seed: 1,
      dtype: "f32",
      threads: null,
      ...{ batch: null, validation: null, patience: null },
      ...{ checkpoint: "out/checkpoint", checkpointEvery: 10, resume: false, binned: null },
      out: "out/",
      json: false,
    });
  });

  it("reads every other option", () => {
    const args = train(
      ...[
        "--signal",
        "more.root:Events",
        "--cut=-1 < x",
        "--define",
        "m = Muon_pt[0] == 3",
        "--define",
        "n=m*2",
      ],
      ...[
        "--filter",
        "n > 1",
        "--signal-filter",
        "q == 0",
        "--background-filter",
        "q != 0",
        "--background-filter",
        "z",
      ],
      ...[
        "--soft",
        "erf",
        "--anneal",
        "30..1",
        "--width",
        "ptMin=2.5",
        "--width",
        "b=auto",
        "--scan",
        "--json",
      ],
      ...[
        "--optimizer",
        "lbfgs",
        "--lr",
        "1e-3",
        "--seed",
        "0",
        "--dtype",
        "f64",
        "--threads",
        "3",
        "--net",
        "hypot(px, py),eta:8",
      ],
    );
    expect(args).toMatchObject({
      signal: ["s.csv", "more.root:Events"],
      cut: "-1 < x",
      define: [
        { name: "m", expr: "Muon_pt[0] == 3" },
        { name: "n", expr: "m*2" },
      ],
      filter: ["n > 1"],
      signalFilter: ["q == 0"],
      backgroundFilter: ["q != 0", "z"],
      soft: "erf",
      anneal: { all: { from: 30, to: 1, course: "geometric" }, byName: new Map() },
      scan: true,
      optimizer: "lbfgs",
      lr: 1e-3,
      seed: 0,
      dtype: "f64",
      threads: 3,
      json: true,
      out: null,
      net: { inputs: ["hypot(px, py)", "eta"], hidden: [8] },
    });
    expect([...args.width.byName]).toEqual([
      ["ptMin", 2.5],
      ["b", "auto"],
    ]);
    expect(train("--cut", "x > 1", "--width", "0.5").width.all).toBe(0.5);
    const many = train("--cut", "x > 1", "--width", "pt=5, Muon_pt[0]=0.1,2", "--anneal", "x=auto..1:cosine");
    expect(many.width).toEqual({
      all: 2,
      byName: new Map([
        ["pt", 5],
        ["Muon_pt[0]", 0.1],
      ]),
    });
    expect(many.anneal).toEqual({
      all: null,
      byName: new Map([["x", { from: "auto", to: 1, course: "cosine" }]]),
    });
    expect(train("--net", "x:4", "--background-uncertainty", "10%, 25ev").backgroundError).toEqual({
      ...{ relative: 0.1, absolute: 25 },
    });
  });

  it.each<[string[], string, string, RegExp]>([
    [["--objctive", "bce"], "unknown-option", "objctive", /did you mean --objective\?/],
    [["-x"], "unknown-option", "x", /see --help/],
    [["--constructor", "1"], "unknown-option", "constructor", /see --help/],
    [
      ["--objective", "asimo"],
      "bad-value",
      "objective",
      /one of asimov, sOverSqrtB, sOverSqrtSB, discovery, cls, poiUncert, bce, squared, softmax; did you mean asimov\?/,
    ],
    [["--dtype", "f16"], "bad-value", "dtype", /one of f32, f64/],
    [["--bad", "x"], "bad-value", "bad", /one of refuse, drop, keep/],
    [["--batch", "0"], "bad-value", "batch", /a whole number from 1/],
    [["--batch", "9", "--optimizer", "lbfgs"], "conflict", "batch", /lbfgs cannot/],
    [["--validation", "20"], "bad-value", "validation", /between 0 and 1, like 0\.2/],
    [["--patience", "0"], "bad-value", "patience", /a whole number from 1/],
    [["--patience", "3", "--anneal", "3..1"], "conflict", "patience", /different widths/],
    [["--resume"], "conflict", "resume", /give --out DIR or --checkpoint FILE/],
    [["--checkpoint-every", "9"], "conflict", "checkpoint-every", /give --out DIR/],
    [["--out", "o", "--checkpoint-every", "0"], "bad-value", "checkpoint-every", /above 0/],
    [["--optimizer", "lions"], "bad-value", "optimizer", /one of adam, .*lbfgs; did you mean lion\?/],
    [["--momentum", "0.9"], "conflict", "momentum", /of --optimizer rmsprop and sgd, not adam/],
    [["--optimizer", "sgd", "--momentum", "1"], "bad-value", "momentum", /from 0 to below 1/],
    [["--optimizer", "sgd", "--nesterov"], "conflict", "nesterov", /give --momentum/],
    [["--weight-decay", "0.1"], "conflict", "weight-decay", /of --optimizer adamw and lion, not adam/],
    [["--weight-decay", "0.1", "--optimizer", "lion"], "conflict", "weight-decay", /give --net/],
    [
      ["--background-uncertainty", "0.1"],
      "bad-value",
      "background-uncertainty",
      /like 10%, events like 25ev/,
    ],
    [["--background-uncertainty", "5%,6%"], "bad-value", "background-uncertainty", /like 10%/],
    [
      ["--background-uncertainty", "5%", "--objective", "bce"],
      "conflict",
      "background-uncertainty",
      /of --objective asimov, not bce/,
    ],
    [["--negative-weights", "drop"], "bad-value", "negative-weights", /one of clip, keep, refuse/],
    [["--soft", "tanh"], "bad-value", "soft", /one of sigmoid, erf, steep/],
    [["--anneal", "3..1", "--anneal", "x=2..1", "--width", "x=3"], "conflict", "anneal", /width of x/],
    [["--anneal", "x=3..1,x=2..1"], "repeated", "anneal", /given twice for x/],
    [["--anneal", "3..1:slow"], "bad-value", "anneal", /:linear or :cosine/],
    [["--steps", "1.5"], "bad-value", "steps", /a whole number from 1 to/],
    [["--threads", "0"], "bad-value", "threads", /a whole number from 1 to/],
    [["--steps", "0"], "bad-value", "steps", /a whole number from 1 to/],
    [["--seed", "-1"], "bad-value", "seed", /a whole number from 0 to 4294967295/],
    [["--lr", "0x10"], "bad-value", "lr", /a number above 0/],
    [["--lr", "NaN"], "bad-value", "lr", /a number above 0/],
    [["--lr", "1e999"], "bad-value", "lr", /a number above 0/],
    [["--width", "-1"], "bad-value", "width", /a number above 0, "auto"/],
    [["--width", "=3"], "bad-value", "width", /name=X/],
    [["--width", "1", "--width", "2"], "repeated", "width", /given twice/],
    [["--width", "2", "--anneal", "30..1"], "conflict", "anneal", /give one of them/],
    [["--anneal", "30-1"], "bad-value", "anneal", /like 30\.\.1/],
    [["--anneal", "30..0"], "bad-value", "anneal", /above 0/],
    [["--anneal", "3..2..1"], "bad-value", "anneal", /A\.\.B/],
    [["--net", "pt,eta"], "bad-value", "net", /INPUTS:LAYERS/],
    [["--net", "pt:16,"], "bad-value", "net", /whole numbers/],
    [["--net", "pt,,eta:16"], "bad-value", "net", /empty/],
    [["--net", "pt,pt:16"], "bad-value", "net", /twice/],
    [["--define", "a == 3"], "bad-value", "define", /name = expr/],
    [["--define", "a ="], "bad-value", "define", /name = expr/],
    [["--define", "1a = 3"], "bad-value", "define", /name = expr/],
    [["--define", "a = b", "--define", "a=c"], "repeated", "define", /gives a twice/],
    [["--weight", "w", "--weight", "v"], "repeated", "weight", /given twice: "w" and "v"/],
    [["--weight", " "], "missing-value", "weight", /needs a value/],
    [["--weight", "--json"], "missing-value", "weight", /needs a value/],
    [["--out"], "missing-value", "out", /needs a value/],
    [["--json=yes"], "unexpected-value", "json", /takes no value/],
    [["eta"], "unexpected-argument", "", /"eta" \(an expression with spaces needs quotes\)/],
  ])("refuses %j", (args, code, option, message) => {
    const error = errorOf(() => train("--cut", "x > 1", ...args));
    expect([error.code, error.option]).toEqual([code, option]);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
  });

  it("wants both samples and something to train", () => {
    expect(errorOf(() => parseTrainArgs([])).message).toMatch(/^--signal FILE is missing/);
    expect(errorOf(() => parseTrainArgs(["--signal", "a"])).option).toBe("background");
    expect(errorOf(() => parseTrainArgs(base)).message).toMatch(/--cut EXPR, --net SPEC or both/);
    expect(train("--net", "x:4").cut).toBeNull();
    expect(errorOf(() => train("--net", "x:4", "--scan")).message).toMatch(/--scan says how a cut trains/);
  });

  it("keeps a message on one line whatever the value", () => {
    const error = errorOf(() => train("--cut", "x", "--dtype", `a\n${"b".repeat(500)}`));
    expect(error.message).not.toContain("\n");
    expect(error.message.length).toBeLessThan(160);
    expect(error.value?.length).toBe(502);
  });
});

describe("commands and help", () => {
  it("knows its commands", async () => {
    const help = (await run([])).out;
    for (const word of ["--help", "help", "-h"])
      expect(await run([word])).toEqual({ status: 0, out: help, err: "" });
    for (const word of ["--version", "version"]) expect((await run([word])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(await commandOf(["train", "x"])).toEqual({ command: trainCommand, args: ["x"] });
    await expect(commandOf(["trian"])).rejects.toThrow(/did you mean train\?/);
    await expect(commandOf(["trian"])).rejects.toBeInstanceOf(UsageError);
  });

  it("demo has its own defaults", () => {
    expect(parseDemoArgs([])).toMatchObject({ name: "search", threads: null, out: "out", json: false });
    expect(parseDemoArgs(["watts"])).toMatchObject({ name: "watts", steps: 2000, seed: 7, out: "out" });
    expect(errorOf(() => parseDemoArgs(["wats"]))).toMatchObject({ code: "bad-value", value: "wats" });
    expect(parseDemoArgs(["--steps", "5", "--json", "--out", "x"])).toMatchObject({
      steps: 5,
      json: true,
      out: "x",
    });
    expect(errorOf(() => parseDemoArgs(["--cut", "x"])).code).toBe("unknown-option");
  });

  it("apply wants a model and tables, plot a result and a place", () => {
    expect(parseApplyArgs(["--model", "m.json", "a.csv", "b*.root:T", "--out", "s.csv.gz"])).toEqual({
      ...{ model: "m.json", files: ["a.csv", "b*.root:T"], filters: true, out: "s.csv.gz" },
      ...{ mask: null, score: null, cut: null, define: [], bound: true },
    });
    const apply = (...args: string[]) => errorOf(() => parseApplyArgs(["--model", "m", "a.csv", ...args]));
    expect(errorOf(() => parseApplyArgs(["a.csv"])).message).toMatch(/^--model FILE is missing/);
    expect(errorOf(() => parseApplyArgs(["--model", "m"])).message).toMatch(/no table/);
    expect(apply("--out", "s.root").message).toMatch(/must end with \.csv, \.csv\.gz or \.parquet/);
    expect(apply("--mask", "m").message).toMatch(/give --out FILE/);
    expect(apply("--out", "s.csv", "--mask", "m", "--score", "m").message).toMatch(/both called m/);
    expect(parsePlotArgs(["r.json", "--out", "figs", "--png"])).toEqual({
      ...{ result: "r.json", out: "figs", theme: "light", png: true, pdf: false },
    });
    expect(errorOf(() => parsePlotArgs(["--out", "f"])).message).toMatch(/no result\.json/);
    expect(errorOf(() => parsePlotArgs(["r.json"])).option).toBe("out");
    expect(errorOf(() => parsePlotArgs(["a", "b", "--out", "f"])).message).toMatch(/one result\.json/);
  });

  it("helps even when other options are wrong", () => {
    expect(parseTrainArgs(["--nonsense", "--help"])).toBe("help");
    for (const parse of [parseDemoArgs, parseApplyArgs, parsePlotArgs])
      expect(parse(["--help"])).toBe("help");
  });
});

describe("errors", () => {
  it("are one family, and those of what was given end a command with status 2", async () => {
    const entries = await Promise.all([
      import("../../src/index.js"),
      import("../../src/events/index.js"),
      import("../../src/cli/line/usageerror.js"),
    ]);
    const isError = (value: unknown): value is { prototype: Error } =>
      typeof value === "function" && value.prototype instanceof Error;
    const errors = entries.flatMap((entry) => Object.entries(entry).filter(([, value]) => isError(value)));
    const of = (family: abstract new (...args: never[]) => Error) => [
      ...new Set(errors.filter(([, { prototype }]) => prototype instanceof family).map(([name]) => name)),
    ];
    expect([...of(GradcutError), "GradcutError"].sort()).toEqual(
      [...new Set(errors.map(([name]) => name))].sort(),
    );
    expect(
      of(GradcutError)
        .filter((name) => ![...of(GivenError), "GivenError"].includes(name))
        .sort(),
    ).toEqual([
      "AxisError",
      "DerivativeError",
      "GpuError",
      "InternalError",
      "RuntimeUnavailableError",
      "ShapeError",
      "ThreadsError",
      "TraceError",
      "TreeError",
    ]);
    expect(of(GivenError)).toEqual(
      expect.arrayContaining([
        "CutError",
        "DataError",
        "InferenceError",
        "PatchError",
        "SpecError",
        "UsageError",
      ]),
    );
  });
});

describe("what is loaded", () => {
  const commands = [
    "training/runtraining",
    "demos/search",
    "saved/applied",
    "answers/fitanswer",
    "answers/scananswer",
    "documents/digesting",
  ];
  const fileOf = (name: string) => `src/cli/${name}.ts`;
  const records = readdirSync(resolve(import.meta.dirname, "../../src/cli/commands")).map((file) =>
    fileOf(`commands/${file.slice(0, -".ts".length)}`),
  );
  const built = build({
    entryPoints: [...["main", "registry", "line/help", ...commands].map(fileOf), ...records],
    absWorkingDir: resolve(import.meta.dirname, "../.."),
    outdir: "out",
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", packages: "external" },
    ...{ metafile: true, write: false, logLevel: "silent" },
  });

  /** The files and packages that a file needs before it runs. */
  async function needed(entry: string) {
    const { inputs } = (await built).metafile!;
    const files = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string) => {
      if (files.has(file)) return;
      files.add(file);
      for (const { kind, external, path } of inputs[file]!.imports) {
        if (kind !== "import-statement") continue;
        if (!external) visit(path);
        else if (!path.startsWith("node:")) packages.add(path);
      }
    };
    visit(entry);
    return { files: [...files], packages: [...packages] };
  }

  it("for a version, the help or a mistake is no kernel, no op and no package", async () => {
    expect((await needed(fileOf("main"))).files).toContain("src/cli/cli.ts");
    expect(records.length).toBeGreaterThan(15);
    for (const entry of [...["main", "registry", "line/help"].map(fileOf), ...records]) {
      const { files, packages } = await needed(entry);
      const heavy = files.filter((file) =>
        /^bindings|^src\/(index|entry|ops|nn|optim|plot|infer|hist\/)/.test(file),
      );
      expect(heavy, entry).toEqual([]);
      expect(packages, entry).toEqual([]);
    }
  });

  it.each(commands)("for %s is nothing that draws or reads files of one kind", async (command) => {
    const { files, packages } = await needed(fileOf(command));
    expect(files.length).toBeGreaterThan(20);
    expect(packages).toEqual([]);
  });
});
