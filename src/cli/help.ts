// Help texts. Every line fits 80 columns.

import { isWeight, shapes, softNames } from "../cuts/shape.js";
import { objectiveNames, objectives } from "../objectives/index.js";
import { type RuleName, ruleNames, rules } from "../optim/rules.js";
import { demoNames, demos } from "./demos/index.js";

const listed = (names: readonly string[], word: string): string =>
  `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;

const taking = (what: "momentum" | "weightDecay"): RuleName[] =>
  ruleNames.filter((name) => rules[name][what] !== undefined);

/** "0.01, adagrad 0.1": the rate of most, and the others by name. */
function rates(): string {
  const common = rules.adam.rate;
  const others = ruleNames.filter((name) => rules[name].rate !== null && rules[name].rate !== common);
  return [common, ...others.map((name) => `${name} ${rules[name].rate}`)].join(", ");
}

/** A head and what it is, from `column` on, in lines of 80. */
function lines(head: string, text: string, column = 28): string {
  const parts = [""];
  for (const word of text.split(" ")) {
    const line = parts.at(-1)!;
    if (line !== "" && column + line.length + 1 + word.length > 80) parts.push(word);
    else parts[parts.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return parts.map((line, i) => (i === 0 ? `  ${head}` : "").padEnd(column) + line).join("\n");
}

/** Each objective with what it is of, and what it is. */
function objectiveLines(): string {
  return objectiveNames
    .map((name) => {
      const { words, yields, events, bins } = objectives[name];
      const of = [yields && "yields", events && "events", bins && "--hist"].filter(Boolean).join(", ");
      const says = bins?.words === undefined ? words : `${words}; of bins ${bins.words}`;
      return lines(name.padEnd(13) + of, says, 31);
    })
    .join("\n");
}

export const trainHelp = `usage: gradcut train --signal FILE --background FILE --cut EXPR [options]

Trains the thresholds of a cut, a network, or both together. Prints each
threshold before and after, yields and significances, soft against hard.

tables
  --signal FILE             file.csv (.tsv, .txt, also .gz), file.parquet, or
                            file.root:Tree; repeatable; or a pattern in quotes,
                            like "data/sig_*.root:Events"
  --background FILE         the same for background
  --weight EXPR             event weight: a column or an expression (default 1)
  --define "name = expr"    a new column, computed once; repeatable, in order,
                            may index jagged branches: "pt0 = Muon_pt[0]"
  --filter EXPR             keep events of both samples that pass; repeatable
  --signal-filter EXPR      the same for signal only
  --background-filter EXPR  the same for background only
  --bad NAME                for NaN and infinities in what the cut reads: keep
                            (NaN fails the cut), drop the event, or refuse; in
                            weights and network inputs keep refuses
                            (default keep)
  --missing LIST            what stands for no number: "NA,-999"; empty cells,
                            NA, N/A, null and None do anyway
  --columns LIST            names of the columns of text files that have no
                            header: a,b,c
  --separator NAME          comma, semicolon, tab, space or |, where the first
                            line does not tell

what is trained
  --cut EXPR                the selection; {name = start} is a threshold that
                            trains: "pt > {ptMin = 30} && abs(eta) < 2.4", and
                            {ptMin = 30 in [20, 50]} one within bounds
  --net INPUTS:LAYERS       a network on columns, with its hidden layers:
                            "pt,eta,mass:16,16"
  --objective NAME          of yields, of events or of --hist, as listed below
                            (default asimov)
  --background-uncertainty X  of the background in asimov: a part like 10%,
                            events like 25ev, or both: 10%,25ev
  --negative-weights NAME   in losses of events: clip them to 0 and keep their
                            sum, keep, or refuse; yields keep them (default
                            clip)

a histogram and its model, whose workspace goes to --out
  --hist EXPR:BINS,A..B     bins of a column, an expression, or the network's
                            "score", in 0 to 1; or EXPR:EDGES with commas
  --bandwidth X             width of the Gaussian that each event is spread with
                            in training (default a third of a bin)
  --up name=FILE            background with a systematic one sigma up;
  --down name=FILE          the same down; name@signal=FILE is of the signal
  --norm name=±X%           uncertainty of the background's yield; also
                            name@signal, name@both; repeatable
  --no-stat                 leave out the statistical errors of the samples

objectives
${objectiveLines()}

how the cut is softened
  --soft NAME               shape of its steps, as listed below (default
                            sigmoid)
  --width X | name=X        softness in the column's unit, of all thresholds or
                            of those of a name or column: pt=5,eta=0.1; or auto;
                            repeatable (default auto)
  --anneal A..B | name=A..B width from A at the first step to B at the last, by
                            equal factors; with :linear by equal steps, with
                            :cosine slowly at both ends; repeatable
  --outside                 long tails of the steps, so that thresholds far
                            outside the data find back
  --scan                    start the thresholds from a coarse scan of the data

shapes of steps
${softNames
  .filter(isWeight)
  .map((name) => lines(name, shapes[name].words, 15))
  .join("\n")}

how it is trained
  --optimizer NAME          as listed below (default adam)
${lines("--lr X", `learning rate, for thresholds in their column's unit (default ${rates()}, of the column's interquartile range)`)}
${lines("--momentum X", `of ${listed(taking("momentum"), "and")} (default none)`)}
  --nesterov                look ahead along the momentum
${lines(
  "--weight-decay X",
  `of ${listed(taking("weightDecay"), "and")}, for the weights of a network (default ${listed(
    taking("weightDecay").map((name) => String(rules[name].weightDecay)),
    "and",
  )})`,
)}
  --steps N                 steps (default 1000)
  --batch N                 events per step, of both samples in proportion,
                            shuffled for each epoch (default all)
  --validation F            hold out the fraction F of each sample; yields and
                            losses of these events stand beside the others
  --patience N              stop after N evaluations, one each 10 steps or each
                            epoch, without improvement of the objective (that of
                            held-out events, with --validation); keep the best
  --seed N                  seed of the network's start (default 1)
  --dtype NAME              f32 or f64, numbers per event (default f32)
  --threads N               processors to use (default all); the result is the
                            same to the last bit for any number

optimizers
${ruleNames.map((name) => `  ${name.padEnd(13)}${rules[name].words}`).join("\n")}

when it is interrupted
  --checkpoint FILE         where the state of the training is kept (default
                            checkpoint in --out DIR, else nowhere)
  --checkpoint-every S      seconds between two checkpoints (default 10)
  --resume                  go on from there: with the same command line, the
                            same bits as without the interruption

output
  --out DIR                 write result.json, model.json, plot.json and
                            report.html there (default: no files)
  --json                    print only the result object; progress on stderr
  --help                    this text

example
  gradcut train --signal sig.csv --background bkg.csv --weight w --out out/ \\
    --cut "pt > {ptMin = 30} && abs(eta) < {etaMax = 2.4}"
`;

export const demoHelp = `usage: gradcut demo [NAME] [options]

Trains on toy events from our own seeded generator, and writes a report.

${demoNames.map((name) => `  ${name.padEnd(11)}${demos[name].words}`).join("\n")}

  --steps N    full-batch steps (default ${demoNames.map((name) => `${demos[name].steps} of ${name}`).join(", ")})
  --seed N     seed of the events and of the network's start
  --threads N  processors to use (default all)
  --out DIR    where result.json, model.json, plot.json and report.html go
               (default out)
  --json       print only the result object; progress on stderr
  --help       this text
`;

export const applyHelp = `usage: gradcut apply --model DIR/model.json FILE... [options]
       gradcut apply --cut TEXT [--define TEXT] FILE... [options]

Computes the definitions of a model of gradcut train, and selects the events
that pass its filters, its trained cut and the bound on its network's output.
Prints how many of how many, for each file. Tables are those of gradcut train;
several are joined.

  --model FILE     the model.json of a training
  --cut TEXT       without a model: the events that pass this cut, thresholds
                   where it has them
  --define TEXT    with --cut: a column, "name = expr"; repeatable
  --out FILE       write the selected rows, with all columns, to a .csv, .csv.gz
                   or .parquet file
  --mask NAME      write all rows, with a column NAME: 1 if selected, else 0
  --score NAME     write all rows, with a column NAME: the network's output, in
                   0 to 1 (the sigmoid of its last layer)
  --no-filters     leave out the filters of the model (its --filter)
  --no-bound       leave out the bound on the output of its network
  --missing LIST   what stands for no number, as of gradcut train
  --columns LIST   names of the columns of text files that have no header
  --separator NAME what separates the cells of text files
  --help           this text

example
  gradcut apply --model out/model.json "data/*.root:Events" --out sel.parquet
`;

export const plotHelp = `usage: gradcut plot DIR/result.json --out DIR [options]

Draws the figures of a training as files: the objective and thresholds against
steps from result.json, events, score and ROC from plot.json beside it.

  --out DIR     where the figures go
  --theme NAME  light, dark, or auto, which follows the browser (default light)
  --png         also PNG; needs npm i @resvg/resvg-js@2.6.2
  --pdf         also PDF; needs the same
  --help        this text
`;
