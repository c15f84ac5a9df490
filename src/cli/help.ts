// Help texts. Every line fits 80 columns.

export const mainHelp = `gradcut: cuts and networks trained together on the physics goal

usage: gradcut COMMAND [options]

  train   train cuts and a network on tables of signal and background events
  apply   select the events of a trained model in any table, or mark them
  plot    draw the figures of a training as SVG and PNG
  demo    train 2 cuts and a network on 80000 toy events, and write a report

  gradcut COMMAND --help      the options of a command
  gradcut --version           the version
`;

export const trainHelp = `usage: gradcut train --signal FILE --background FILE --cut EXPR [options]

Trains the thresholds of a cut, a network, or both together. Prints each
threshold before and after, yields and significances, soft against hard.

tables
  --signal FILE             file.csv or .csv.gz with a header, file.parquet, or
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

what is trained
  --cut EXPR                the selection; {name = start} is a threshold that
                            trains: "pt > {ptMin = 30} && abs(eta) < 2.4"
  --net INPUTS:LAYERS       a network on columns, with its hidden layers:
                            "pt,eta,mass:16,16"
  --objective NAME          softmax, bce, sOverSqrtB or asimov (default asimov)

how the cut is softened
  --soft NAME               sigmoid or erf (default sigmoid)
  --width X | name=X        softness in the column's unit, of all thresholds or
                            of one; or auto; repeatable (default auto)
  --anneal A..B             width from A at the first step to B at the last
  --scan                    start the thresholds from a coarse scan of the data

how it is trained
  --optimizer NAME          adam, sgd or lbfgs (default adam)
  --lr X                    learning rate, for thresholds in their column's unit
                            (default 0.01, of the column's interquartile range)
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

export const demoHelp = `usage: gradcut demo [options]

Trains 2 cuts and a network 2-15-30-15-1 on 80000 toy events from our own
seeded generator, and writes a report.

  --steps N    full-batch steps (default 2000)
  --seed N     seed of the events and of the network's start (default 7)
  --threads N  processors to use (default all)
  --out DIR    where result.json, model.json, plot.json and report.html go
               (default out)
  --json       print only the result object; progress on stderr
  --help       this text
`;

export const applyHelp = `usage: gradcut apply --model DIR/model.json FILE... [options]

Computes the definitions of a model of gradcut train, and selects the events
that pass its filters and its trained cut. Prints how many of how many, for each
file. Tables are those of gradcut train; several are joined.

  --model FILE     the model.json of a training
  --out FILE       write the selected rows, with all columns, to a .csv, .csv.gz
                   or .parquet file
  --mask NAME      write all rows, with a column NAME: 1 if selected, else 0
  --score NAME     write all rows, with a column NAME: the network's output, in
                   0 to 1 (the sigmoid of its last layer)
  --no-filters     leave out the filters of the model (its --filter)
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
  --help        this text
`;
