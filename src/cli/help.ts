// Help texts. Every line fits 80 columns.

export const mainHelp = `gradcut: cuts and networks trained together on the physics goal

usage: gradcut COMMAND [options]

  train   train cuts and a network on tables of signal and background events
  demo    train 2 cuts and a network on 80000 toy events, and write a report

  gradcut COMMAND --help      the options of a command
  gradcut --version           the version
`;

export const trainHelp = `usage: gradcut train --signal FILE --background FILE --cut EXPR [options]

Trains the thresholds of a cut, a network, or both together. Prints each
threshold before and after, yields and significances, soft against hard.

tables
  --signal FILE             CSV with a header, or file.root:Tree; repeatable
  --background FILE         the same for background
  --weight EXPR             event weight: a column or an expression (default 1)
  --define "name = expr"    a new column, computed once; repeatable, in order,
                            may index jagged branches: "pt0 = Muon_pt[0]"
  --filter EXPR             keep events of both samples that pass; repeatable
  --signal-filter EXPR      the same for signal only
  --background-filter EXPR  the same for background only

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
  --steps N                 full-batch steps (default 1000)
  --seed N                  seed of the network's start (default 1)
  --dtype NAME              f32 or f64, numbers per event (default f32)
  --threads N               processors to use (default all); the result is the
                            same to the last bit for any number

output
  --out DIR                 write result.json, model.json and report.html there
                            (default: no files)
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
  --out DIR    where result.json, model.json and report.html go (default out)
  --json       print only the result object; progress on stderr
  --help       this text
`;
