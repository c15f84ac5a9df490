// Walks the records of commands and options: what is written once must appear everywhere, and mean something.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { commandsPage } from "../../src/cli/line/markdown.js";
import type { Options } from "../../src/cli/line/option.js";
import { commandNames } from "../../src/cli/registry.js";
import { init } from "../../src/index.js";
import { failure, run } from "../kit/clirun.js";
import { all, leaves, optionsOf, words } from "../kit/commandleaves.js";
import { fixture } from "../kit/pyhfruns.js";
import { scratch } from "../kit/scratch.js";
import { documentOf, one } from "../kit/statcases.js";

const { folder: home } = scratch();
beforeAll(() => init());

/** Every spelling of a command's options, with its letter. */
const spellings = (options: Options) =>
  Object.entries(options).flatMap(([name, { short, off }]) => [
    { name, short },
    ...(off ? [{ name: off.name, short: off.short }] : []),
  ]);

describe("the registry", () => {
  it("has every file of commands, by its name", () => {
    const files = readdirSync("src/cli/commands").map((file) => file.slice(0, -".ts".length));
    expect([...commandNames].sort()).toEqual(files.sort());
    expect(all.map(({ name }) => name)).toEqual(commandNames);
  });

  it("is the help of the program", async () => {
    const { out } = await run(["--help"]);
    for (const { name, summary } of all) expect(out.replace(/\s+/g, " ")).toContain(`${name} ${summary}`);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("answers help of a family, and of what there is not", async () => {
    const { status, out } = await run(["help", "patchset"]);
    expect([status, out]).toEqual([0, (await run(["patchset"])).out]);
    expect(out).toMatch(/extract .*\n +apply /);
    expect(await failure("help", "patchste")).toMatch(/did you mean patchset\?/);
  });
});

it(`docs/commands.md is what "npm run docs:commands" writes`, async () => {
  const page = await commandsPage(all);
  if (process.env.UPDATE_DOCS) writeFileSync("docs/commands.md", page);
  expect(readFileSync("docs/commands.md", "utf8")).toBe(page);
});

const docs = readFileSync("docs/commands.md", "utf8");

describe.each(leaves.map((leaf) => [leaf.name, leaf] as const))("%s", (name, leaf) => {
  const options = optionsOf.get(name)!;
  const all = spellings(options);

  it("has one help, of 80 columns, with every option once; so has the docs page", async () => {
    const { status, out, err } = await run([...words(leaf), "--help"]);
    expect([status, err]).toEqual([0, ""]);
    for (const args of [
      [...words(leaf), "-h"],
      ["help", ...words(leaf)],
      [...words(leaf), "--nonsense", "-h"],
    ])
      expect((await run(args)).out, args.join(" ")).toBe(out);
    for (const line of out.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    const section = docs.split(/^#+ /m).find((part) => part.startsWith(`${name}\n`))!;
    for (const { name: option, short } of all) {
      const head = `${short ? `-${short}, ` : ""}--${option}`;
      expect(out.match(new RegExp(`^  ${head}(?![\\w-])`, "gm")), option).toHaveLength(1);
      expect(section.match(new RegExp(`^\\| \`${head}(?![\\w-])`, "gm")), option).toHaveLength(1);
    }
    const said = out.replace(/\s+/g, " ");
    for (const [option, { value, help }] of Object.entries(options)) {
      expect(help.length, option).toBeGreaterThan(3);
      for (const choice of value?.choices ?? []) expect(said, option).toContain(choice);
    }
  });

  it("tells the nearest name of an option that there is not", async () => {
    for (const { name: option } of all) {
      const err = await failure(...words(leaf), `--${option}${option.at(-1)}`);
      expect(err).toContain(`did you mean --${option}?`);
    }
    expect(await failure(...words(leaf), "--qqqqqq")).toContain("unknown option --qqqqqq, see --help");
  });

  it("tells of a value that is missing, malformed, too many or none", async () => {
    for (const [option, { value, values, repeat, off }] of Object.entries(options)) {
      if (values === 0) {
        for (const spelling of [option, ...(off ? [off.name] : [])])
          expect(await failure(...words(leaf), `--${spelling}=x`)).toContain(`--${spelling} takes no value`);
        continue;
      }
      const needs = `--${option} needs ${values === 1 ? "a value" : "two values"}`;
      expect(await failure(...words(leaf), `--${option}`)).toContain(needs);
      expect(
        await failure(...words(leaf), `--${option}`, ...(values === 2 ? ["x"] : []), "--help=1"),
      ).toContain(needs);
      if (value?.wants !== undefined) {
        const err = await failure(...words(leaf), `--${option}=\u00a7,,`);
        expect(err).toMatch(new RegExp(`^gradcut: --${option} .*must (be|end with)`));
        expect(err).toContain(value.wants.replace(/^a file that ends with /, ""));
      }
      if (repeat === "refuse")
        expect(await failure(...words(leaf), ...[1, 2].map((n) => `--${option}=${n}`))).toContain(
          `--${option} is given twice: "1" and "2"`,
        );
    }
  });

  it("takes no more words than it has use for", async () => {
    const { most } = leaf.arguments;
    if (most === Number.POSITIVE_INFINITY) return;
    const err = await failure(...words(leaf), ...Array.from({ length: most + 1 }, (_, i) => `word${i}`));
    expect(err).toContain(`word${most}`);
  });
});

describe("every option of commands on workspaces changes something", () => {
  const norm = (name: string, hi: number, lo: number) => ({ name, type: "normsys", data: { hi, lo } });
  const workspace = documentOf(
    [
      one("SR", [5, 9], [50, 60], [norm("scale", 1.1, 0.9)], [norm("theory", 1.05, 0.94)]),
      one("CR", [1], [100], [norm("scale", 1.1, 0.9)]),
    ],
    [[53, 65], [104]],
  );
  const files: Record<string, string> = {
    "ws.json": JSON.stringify({
      ...workspace,
      measurements: [
        ...workspace.measurements,
        { name: "fixed", config: { poi: "mu", parameters: [{ name: "scale", fixed: true }] } },
      ],
    }),
    "mine.json": JSON.stringify([{ op: "replace", path: "/channels/0/samples/0/data/0", value: 8 }]),
  };
  /** All that a command gives, in a folder of its own: `@name` is a file there. */
  async function outcome(args: readonly string[]) {
    const folder = mkdtempSync(join(home, "run-"));
    mkdirSync(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const answer = await run(args.map((arg) => (arg.startsWith("@") ? join(folder, arg.slice(1)) : arg)));
    expect(answer.err, args.join(" ")).not.toMatch(/^gradcut: /m);
    const written = readdirSync(folder)
      .filter((name) => !(name in files))
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]);
    rmSync(folder, { recursive: true });
    return JSON.stringify({ ...answer, written }).replaceAll(folder, "");
  }

  const model = {
    measurement: ["fixed"],
    patch: ["@mine.json"],
    backend: ["numpy"],
    optimizer: ["minuit"],
    optconf: ["maxiter=3"],
  };
  const answer = {
    asimov: ["1"],
    json: [],
    "output-file": ["@answer.json"],
    plot: ["@other.svg"],
    html: ["@page.html"],
    label: ["ATLAS Internal"],
    digits: ["3"],
    theme: ["dark"],
  };
  const drawn = ["--plot", "@picture.svg"];
  const file = { "output-file": ["@out.json"] };
  /** What is there before, and what each option gets; null for what has no effect, as its help says. */
  const effects: Record<string, [base: string[], Record<string, string[] | null>]> = {
    inspect: [["@ws.json"], { "output-file": ["@out.json"], measurement: null }],
    prune: [
      ["@ws.json"],
      {
        ...{ ...file, channel: ["CR"], sample: ["bkg"], modifier: ["scale"], "modifier-type": ["normsys"] },
        measurement: ["fixed"],
      },
    ],
    rename: [
      ["@ws.json"],
      {
        ...{ ...file, channel: ["CR", "C"], sample: ["bkg", "b"], modifier: ["scale", "s"] },
        measurement: ["m", "n"],
      },
    ],
    sort: [["@ws.json"], file],
    digest: [["@ws.json"], { algorithm: ["md5"], json: [] }],
    fit: [["@ws.json"], { ...model, ...file, value: [] }],
    cls: [
      ["@ws.json", "--calctype", "toybased", "--toys", "60"],
      {
        ...{ ...model, ...file, "test-poi": ["2"], "test-stat": ["q"], calctype: ["asymptotics"] },
        ...{ toys: ["50"], seed: ["1"] },
      },
    ],
    upperlimit: [
      ["@ws.json", ...drawn, "--points", "5"],
      {
        ...{ ...model, ...answer, level: ["0.9"], "test-stat": ["q"], range: ["0..1"], points: ["4"] },
        ...{ components: [], log: [] },
      },
    ],
    significance: [["@ws.json", ...drawn], { ...model, ...answer }],
    scan: [
      ["@ws.json", ...drawn, "--points", "9"],
      { ...model, ...answer, parameter: ["scale"], range: ["0..1"], points: ["8"] },
    ],
    pulls: [["@ws.json", ...drawn], { ...model, ...answer, top: ["1"] }],
    ranking: [["@ws.json", ...drawn], { ...model, ...answer, top: ["1"] }],
    gof: [["@ws.json", ...drawn, "--toys", "8"], { ...model, ...answer, toys: ["7"], seed: ["1"] }],
    yields: [["@ws.json", ...drawn], { ...model, ...answer, channel: ["CR"], prefit: [], log: [] }],
  };
  // Those that need two documents, or a training, are run in files of their own.
  const elsewhere: Record<string, string> = {
    combine: "pyhf",
    "patchset extract": "pyhf",
    "patchset apply": "pyhf",
    "patchset verify": "pyhf",
    "patchset inspect": "pyhf",
    train: "options",
    apply: "apply",
    plot: "plot",
    demo: "cli",
    completion: "commands",
  };

  it("as do those of apply on how a table is written", async () => {
    const table = join(home, "bare.txt");
    writeFileSync(table, "1;5\n2;NA\n3;gone\n4;9\n");
    const apply = (...args: string[]) => run(["apply", table, "--cut", "b > 6 || a < 3", ...args]);
    const written = ["--columns", "a,b", "--separator", "semicolon", "--missing", "gone"];
    expect((await apply(...written)).out).toMatch(/3 of 4 events/);
    const [columns, missing] = [written.slice(0, 2), written.slice(4)];
    for (const wrong of [missing, columns, [...columns, ...missing, "--separator", "tab"]])
      expect(await failure("apply", table, "--cut", "b > 6", ...wrong)).toMatch(/bare\.txt|column/);
  });

  it("or is run where its command is", () => {
    expect([...Object.keys(effects), ...Object.keys(elsewhere)].sort()).toEqual([...optionsOf.keys()].sort());
    for (const [name, file] of Object.entries(elsewhere)) {
      const text = [file, "binned", "commands"]
        .map((name) => readFileSync(`test/cli/${name}.test.ts`, "utf8"))
        .join("\n");
      const run = `${text}\n${JSON.stringify(fixture.runs)}`;
      for (const [option, { short }] of Object.entries(optionsOf.get(name)!))
        expect(
          [
            `--${option}`,
            ...(short ? [`"-${short}`] : []),
            `"${option}": async`,
            `    ${option}: async`,
          ].some((text) => run.includes(text)),
          `${name} --${option} in ${file}`,
        ).toBe(true);
    }
  });

  const seen = new Set<unknown>();
  it.each(Object.entries(effects))("%s", async (name, [base, each]) => {
    expect(Object.keys(each).sort()).toEqual(Object.keys(optionsOf.get(name)!).sort());
    const before = await outcome([...name.split(" "), ...base]);
    expect(await outcome([...name.split(" "), ...base])).toBe(before);
    for (const [option, values] of Object.entries(each)) {
      // An option that commands share is run in one of them.
      const record = optionsOf.get(name)![option]!;
      if (values !== null && seen.has(record)) continue;
      seen.add(record);
      const after = await outcome([...name.split(" "), ...base, `--${option}`, ...(values ?? ["m"])]);
      if (values === null) expect(after, option).toBe(before);
      else expect(after, option).not.toBe(before);
    }
  });
});
