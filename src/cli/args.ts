// The options of `gradcut train` and `gradcut demo`, as typed objects.

import {
  bad,
  choice,
  nearest,
  type OptionKinds,
  positive,
  type RawOptions,
  readOptions,
  shown,
  toNumber,
  UsageError,
  whole,
} from "./options.js";

export { UsageError } from "./options.js";

export const objectives = ["softmax", "bce", "sOverSqrtB", "asimov"] as const;
export const softFunctions = ["sigmoid", "erf"] as const;
export const optimizers = ["adam", "sgd", "lbfgs"] as const;
export const dtypes = ["f32", "f64"] as const;
export const commands = ["train", "demo"] as const;

export type Objective = (typeof objectives)[number];
export type Optimizer = (typeof optimizers)[number];
export type Width = number | "auto";

/** A network: the texts of its input columns or expressions, and the sizes of its hidden layers. */
export type NetSpec = { inputs: string[]; hidden: number[] };

/** `name = expr`, in the order given: later definitions may use earlier ones. */
export type Definition = { name: string; expr: string };

export type TrainArgs = {
  /** `file.csv` or `file.root:Tree`; at least one. */
  signal: string[];
  background: string[];
  weight: string | null;
  cut: string | null;
  net: NetSpec | null;
  objective: Objective;
  define: Definition[];
  filter: string[];
  signalFilter: string[];
  backgroundFilter: string[];
  soft: (typeof softFunctions)[number];
  /** Softness in the column's unit: `all` for thresholds that `byName` does not name. */
  width: { all: Width; byName: Map<string, Width> };
  /** Width of the thresholds that `width.byName` does not name, from the first step to the last. */
  anneal: { from: number; to: number } | null;
  scan: boolean;
  optimizer: Optimizer;
  /** null: the optimiser's default, of `defaultRates`. */
  lr: number | null;
  steps: number;
  seed: number;
  dtype: (typeof dtypes)[number];
  /** null: as many as there are processors. */
  threads: number | null;
  /** null: write no files. */
  out: string | null;
  json: boolean;
};

export type DemoArgs = { steps: number; seed: number; threads: number | null; out: string; json: boolean };

/** lbfgs has none: it searches along each step. */
export const defaultRates: Record<Exclude<Optimizer, "lbfgs">, number> = { adam: 0.01, sgd: 0.01 };

/** Every option of `gradcut train`. */
export const trainKinds: OptionKinds = {
  signal: "many",
  background: "many",
  weight: "one",
  define: "many",
  filter: "many",
  "signal-filter": "many",
  "background-filter": "many",
  cut: "one",
  net: "one",
  soft: "one",
  width: "many",
  anneal: "one",
  scan: "flag",
  objective: "one",
  optimizer: "one",
  lr: "one",
  steps: "one",
  seed: "one",
  dtype: "one",
  threads: "one",
  out: "one",
  json: "flag",
  help: "flag",
};
export const demoKinds: OptionKinds = {
  steps: "one",
  seed: "one",
  threads: "one",
  out: "one",
  json: "flag",
  help: "flag",
};

/** One of the seeds from which the narrow first layer of the demo's network closes its contour around the signal. */
const demoSeed = "7";
const mostSteps = 1e9;
const mostSeed = 2 ** 32 - 1;
const mostUnits = 65536;
const mostThreads = 256;

/** The command named by the first argument; "help" for none, `help` and `--help`, "version" for `--version`. */
export function readCommand(word: string | undefined): (typeof commands)[number] | "help" | "version" {
  if (word === undefined || word === "help" || word === "--help" || word === "-h") return "help";
  if (word === "version" || word === "--version") return "version";
  const found = commands.find((name) => name === word);
  if (found) return found;
  const near = nearest(word, commands);
  const hint = near ? `did you mean ${near}?` : `commands: ${commands.join(", ")}`;
  throw new UsageError("unexpected-argument", "", word, `unknown command ${shown(word)}, ${hint}`);
}

/** The options after `gradcut train`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parseTrainArgs(args: string[]): TrainArgs | "help" {
  if (args.includes("--help")) return "help";
  const raw = readOptions(args, trainKinds);
  const many = (name: string) => (raw.get(name) ?? []).map((text) => nonEmpty(name, text));
  const one = (name: string) => many(name)[0] ?? null;
  const read = <T>(name: string, parse: (option: string, value: string) => T, otherwise: T): T => {
    const value = one(name);
    return value === null ? otherwise : parse(name, value);
  };
  for (const name of ["signal", "background"])
    if (!raw.has(name))
      throw new UsageError(
        "missing-option",
        name,
        undefined,
        `--${name} FILE is missing: the table of ${name} events`,
      );
  if (!raw.has("cut") && !raw.has("net"))
    throw new UsageError(
      "missing-option",
      "cut",
      undefined,
      "nothing to train: give --cut EXPR, --net SPEC or both",
    );
  for (const name of ["soft", "width", "anneal", "scan"])
    if (raw.has(name) && !raw.has("cut"))
      throw new UsageError(
        "conflict",
        name,
        raw.get(name)![0],
        `--${name} says how a cut trains: give --cut`,
      );
  return {
    signal: many("signal"),
    background: many("background"),
    weight: one("weight"),
    cut: one("cut"),
    net: read<NetSpec | null>("net", parseNet, null),
    objective: read("objective", (o, v) => choice(o, v, objectives), "asimov"),
    define: parseDefinitions(many("define")),
    filter: many("filter"),
    signalFilter: many("signal-filter"),
    backgroundFilter: many("background-filter"),
    soft: read("soft", (o, v) => choice(o, v, softFunctions), "sigmoid"),
    width: parseWidths(many("width"), raw),
    anneal: read<TrainArgs["anneal"]>("anneal", parseAnneal, null),
    scan: raw.has("scan"),
    optimizer: read("optimizer", (o, v) => choice(o, v, optimizers), "adam"),
    lr: read<number | null>("lr", positive, null),
    steps: read("steps", (o, v) => whole(o, v, 1, mostSteps), 1000),
    seed: read("seed", (o, v) => whole(o, v, 0, mostSeed), 1),
    dtype: read("dtype", (o, v) => choice(o, v, dtypes), "f32"),
    threads: read<number | null>("threads", (o, v) => whole(o, v, 1, mostThreads), null),
    out: one("out"),
    json: raw.has("json"),
  };
}

/** The options after `gradcut demo`; "help" if --help is among them, whatever else is wrong. Throws UsageError. */
export function parseDemoArgs(args: string[]): DemoArgs | "help" {
  if (args.includes("--help")) return "help";
  const raw = readOptions(args, demoKinds);
  const value = (name: string) => raw.get(name)?.[0];
  const threads = value("threads");
  return {
    steps: whole("steps", value("steps") ?? "2000", 1, mostSteps),
    seed: whole("seed", value("seed") ?? demoSeed, 0, mostSeed),
    threads: threads === undefined ? null : whole("threads", threads, 1, mostThreads),
    out: nonEmpty("out", value("out") ?? "out"),
    json: raw.has("json"),
  };
}

function nonEmpty(option: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new UsageError("missing-value", option, text, `--${option} needs a value`);
  return trimmed;
}

function parseNet(option: string, value: string): NetSpec {
  const wanted = 'INPUTS:LAYERS like "pt,eta,mass:16,16"';
  const colon = value.lastIndexOf(":");
  if (colon < 0) throw bad(option, value, wanted);
  const inputs = splitOutsideBrackets(value.slice(0, colon)).map((text) => text.trim());
  if (inputs.includes("")) throw bad(option, value, `${wanted}; an input is empty`);
  const twice = inputs.find((input, i) => inputs.indexOf(input) !== i);
  if (twice !== undefined) throw bad(option, value, `${wanted}; input ${shown(twice)} is given twice`);
  const hidden = value
    .slice(colon + 1)
    .split(",")
    .map(toNumber);
  if (!hidden.every((n) => Number.isInteger(n) && n >= 1 && n <= mostUnits))
    throw bad(option, value, `${wanted}; layers are whole numbers from 1 to ${mostUnits}`);
  return { inputs, hidden };
}

/** `text` at its commas, those inside brackets excepted: `hypot(px, py), eta` is two. */
function splitOutsideBrackets(text: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const c of text) {
    if ("([{".includes(c)) depth += 1;
    if (")]}".includes(c)) depth -= 1;
    if (c === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts;
}

function parseDefinitions(texts: string[]): Definition[] {
  const definitions: Definition[] = [];
  for (const text of texts) {
    const match = /^([A-Za-z_]\w*)\s*=(?!=)\s*(\S.*)$/s.exec(text);
    if (!match) throw bad("define", text, '"name = expr", the name of letters, digits and _');
    const [, name, expr] = match as unknown as [string, string, string];
    if (definitions.some((known) => known.name === name))
      throw new UsageError("repeated", "define", text, `--define gives ${name} twice`);
    definitions.push({ name, expr: expr.trim() });
  }
  return definitions;
}

function parseWidths(texts: string[], raw: RawOptions): TrainArgs["width"] {
  const wanted = 'a number above 0, "auto", or either as name=X';
  let all: Width | undefined;
  const byName = new Map<string, Width>();
  for (const text of texts) {
    const at = text.indexOf("=");
    const name = at < 0 ? "" : text.slice(0, at).trim();
    const value = text.slice(at + 1).trim();
    if (at >= 0 && !/^[A-Za-z_]\w*$/.test(name)) throw bad("width", text, wanted);
    const width: Width = value === "auto" ? "auto" : toNumber(value);
    if (width !== "auto" && !(width > 0)) throw bad("width", text, wanted);
    if (at < 0 ? all !== undefined : byName.has(name))
      throw new UsageError(
        "repeated",
        "width",
        text,
        `--width is given twice for ${name || "all thresholds"}`,
      );
    if (at < 0) all = width;
    else byName.set(name, width);
  }
  if (all !== undefined && raw.has("anneal"))
    throw new UsageError(
      "conflict",
      "anneal",
      raw.get("anneal")![0],
      `--width ${all} and --anneal both set the width of all thresholds: give one of them`,
    );
  return { all: all ?? "auto", byName };
}

function parseAnneal(option: string, value: string): { from: number; to: number } {
  const [from, to, ...rest] = value.split("..").map(toNumber);
  if (!(from! > 0) || !(to! > 0) || rest.length > 0)
    throw bad(option, value, "A..B with numbers above 0, like 30..1");
  return { from: from!, to: to! };
}
