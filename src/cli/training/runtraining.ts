/** `gradcut train`: tables, definitions, filters, cut and network from the command line. */

import { tuple } from "../../core/graph/tuple.js";
import { type Cut, init, cut as makeCut } from "../../index.js";
import { type RuleName, rules } from "../../optim/rules.js";
import { columnNames } from "../../select/cut.js";
import type { Expr } from "../../select/grammar/ast.js";
import { eventComparisons } from "../../select/grammar/names.js";
import { printExpr } from "../../select/grammar/printexpr.js";
import { holdingOutputs } from "../files/outputs.js";
import type { Io } from "../io.js";
import { UsageError } from "../line/usageerror.js";
import { type Given, given, givenFilter, naming, ofOption } from "../tables/givenexpr.js";
import { readSamples, type Sample } from "../tables/samples.js";
import { histogramOf, histogramWords, tablesOf } from "./binnedtables.js";
import { fitSamples } from "./fitsamples.js";
import { optimizerWords } from "./optimizers.js";
import { seconds } from "./recorder.js";
import { align } from "./resulttable.js";
import { tellStudy } from "./tellstudy.js";
import type { TrainArgs } from "./trainargs.js";
import { requireThresholds } from "./widthschedule.js";

/** Reads, trains, reports. The status of the program; throws UsageError, DataError and library errors. */
export async function train(args: TrainArgs, io: Io): Promise<number> {
  const begun = seconds();
  const { cut: text, net, soft, outside } = args;
  const made = () => makeCut<string>(text!, { soft, outside });
  const cut = text === null ? null : naming("cut", text, made);
  if (cut) {
    requireThresholds(cut, "width", args.width.byName);
    if (args.anneal) requireThresholds(cut, "anneal", args.anneal.byName);
    if (rules[args.optimizer].rate === null) requireFree(cut, args.optimizer);
    if (!net && Object.keys(cut.init()).length === 0) throw nothingTrains(cut.text);
  }
  const binned = args.binned && histogramOf(args.binned);
  const inputs = net ? net.inputs.map((input) => given("net", input)) : [];
  const filters = args.filter.map((filter) => givenFilter("filter", filter));
  const own = (option: string, texts: readonly string[]) =>
    texts.map((filter) => givenFilter(option, filter));
  const request = {
    samples: [
      {
        name: "signal",
        files: args.signal,
        filters: [...filters, ...own("signal-filter", args.signalFilter)],
      },
      {
        name: "background",
        files: args.background,
        filters: [...filters, ...own("background-filter", args.backgroundFilter)],
      },
      ...tablesOf(args.binned?.shapes ?? []).map(({ name, sample, option, files }) => ({
        name,
        option,
        files,
        filters: [...filters, ...own(`${sample}-filter`, args[`${sample}Filter`])],
      })),
    ],
    define: args.define.map(({ name, expr }) => ({ name, given: given("define", expr) })),
    weight: args.weight === null ? null : given("weight", args.weight),
    reads: cut ? [{ option: "cut", text: cut.text, expr: cut.ast }] : [],
    wanted: cut ? comparedWith(cut) : [],
    inputs: [...inputs, ...(binned?.given ? [binned.given] : [])],
    bad: args.bad,
    ...(args.tables && { tables: args.tables }),
    thresholds: cut ? cut.init() : {},
  };
  const job = { args, cut, binned, inputs, request, begun };
  return holdingOutputs(args, () => trained(job, io));
}

interface Job {
  readonly args: TrainArgs;
  readonly cut: Cut | null;
  readonly binned: ReturnType<typeof histogramOf> | null;
  readonly inputs: readonly Given[];
  readonly request: Parameters<typeof readSamples>[0];
  readonly begun: number;
}

async function trained({ args, cut, binned, inputs, request, begun }: Job, io: Io): Promise<number> {
  const { net, json, out, seed } = args;
  await init();
  const [signal, background, ...variations] = tuple(await readSamples(request), 2);
  const samples: [Sample, Sample] = [signal, background];
  const read = seconds();
  for (const sample of [...samples, ...variations]) io.err.write(`${sampleLines(sample).join("\n")}\n`);

  const spec = net && { inputs: inputs.map(({ expr }) => printExpr(expr)), hidden: net.hidden };
  const what = { cut, net: spec, binned: binned?.histogram ?? null, variations };
  const study = await fitSamples(samples, { ...args, ...what, standardise: true }, io).catch((error) => {
    throw cut ? ofOption("cut", cut.text, error) : error;
  });
  const titles = {
    both: "Cuts and a network, trained together",
    cut: "Trained cuts",
    net: "A trained network",
  };
  return tellStudy(
    study,
    {
      title: titles[cut && net ? "both" : cut ? "cut" : "net"],
      out,
      json,
      seed,
      begun,
      read,
      definitions: args.define,
      filters: args.filter,
      facts: facts(args),
    },
    io,
  );
}

/** How many events there are, from which file where there are several, and what is odd about them. */
function sampleLines({ name, rows, read, files, notes }: Sample): string[] {
  const several = files.length > 1 ? files.map(({ spec, rows }) => [`  ${spec}`, `${rows} events`]) : [];
  return [
    `${name}: ${rows === read ? rows : `${rows} of ${read}`} events`,
    ...align(several),
    ...notes.map((note) => `  ${note}`),
  ];
}

/** Bounds are kept after a step, and a search goes along lines. Throws UsageError. */
function requireFree({ thresholds }: Cut, optimizer: RuleName): void {
  const bounded = thresholds.find(({ bounds }) => bounds);
  if (!bounded) return;
  const sentence = `--optimizer ${optimizer} keeps no bounds, and ${bounded.name} has some: take adam or another one`;
  throw new UsageError("conflict", "optimizer", optimizer, sentence);
}

function nothingTrains(text: string): UsageError {
  const remedy = "Compare a column with a number by <, <=, > or >=, without fixed().";
  return new UsageError("bad-value", "cut", text, `--cut: Nothing in this cut trains. ${remedy}`);
}

/** What thresholds of events are compared with. */
function comparedWith(cut: Cut): Given[] {
  const ofEvents = new Set<Expr>(eventComparisons(cut.ast).flatMap(({ left, right }) => [left, right]));
  return cut.thresholds
    .filter(({ expression }) => ofEvents.has(expression) && columnNames(expression).length > 0)
    .map(({ expression }) => ({ option: "cut", text: cut.text, expr: expression }));
}

function facts(args: TrainArgs): [string, string][] {
  const { signal, background, define, filter, signalFilter, backgroundFilter, net, weight } = args;
  const { relative = 0, absolute = 0 } = args.backgroundError ?? {};
  const list: [string, readonly string[]][] = [
    ["signal files", signal],
    ["background files", background],
    ["missing numbers", args.tables?.missing ?? []],
    ["definitions", define.map(({ name, expr }) => `${name} = ${expr}`)],
    ["filters", filter],
    ["filters of signal", signalFilter],
    ["filters of background", backgroundFilter],
    ["weight", weight === null ? [] : [weight]],
    ["network", net ? [`${net.inputs.join(", ")} → ${net.hidden.join(", ")} → 1`] : []],
    [
      "background uncertainty",
      [...(relative > 0 ? [`${100 * relative} %`] : []), ...(absolute > 0 ? [`${absolute} events`] : [])],
    ],
    ["histogram", args.binned ? [histogramWords(args.binned)] : []],
    ["optimizer", [optimizerWords(args)]],
    ["softness", args.cut === null ? [] : [`${args.soft}${args.outside ? " with long tails" : ""}`]],
  ];
  return list.flatMap(([name, texts]): [string, string][] =>
    texts.length === 0 ? [] : [[name, texts.join("; ")]],
  );
}
