import { beforeAll, describe, expect, it } from "vitest";
import { gpu } from "../../src/entry/gpu.js";
import { threads } from "../../src/entry/threads.node.js";
import * as tables from "../../src/events/index.js";
import { kdeSquares } from "../../src/ops/kdesquares.js";
import { type Segments, segmentOuter } from "../../src/ops/outer.js";
import * as G from "../kit/library.js";
import { optionBags } from "../kit/optionbags.js";

beforeAll(() => G.init());

const { nn, axis } = G;
type Tensor = G.Tensor;
type Wrong = never;

const segments = (): Segments => {
  const [columns, ends] = [Int32Array.of(0, 1), Int32Array.of(2)].map((v) => G.constantArray(v));
  return { columns: columns!, ends: ends!, size: 2 };
};
const events = G.table({ x: Float64Array.of(0.1, 0.9), i: Int32Array.of(0, 1) }, { dtype: "f64" });
type Events = { x: Tensor; i: Tensor };
/** In a traced function with events and a vector of two. */
const traced = (f: (e: Events, p: Tensor) => unknown) =>
  G.compile(f as (e: Events, p: Tensor) => Tensor)(events, [0.2, 0.4]);
const model = () => G.uncorrelatedBackground([5], [50], [7]);
const data = [52, 51];
const cut = () => G.cut("x > {c = 0.5}");
const columns = { x: Float64Array.of(0.1, 0.9) };
const workspace = () =>
  G.readWorkspace({
    channels: [
      {
        name: "c",
        samples: [{ name: "s", data: [5], modifiers: [{ name: "mu", type: "normfactor", data: null }] }],
      },
    ],
    observations: [{ name: "c", data: [5] }],
    measurements: [{ name: "m", config: { poi: "mu", parameters: [] } }],
    version: "1.0.0",
  });
const patches = () =>
  G.readPatchSet({
    metadata: {
      references: { hepdata: "ins1234567" },
      digests: { md5: "0123456789abcdef0123456789abcdef" },
      labels: ["m"],
      description: "",
    },
    patches: [{ metadata: { name: "p", values: [1] }, patch: [] }],
    version: "1.0.0",
  });
const sample = { columns };
const own = { op: "multiplication", apply: (t: Tensor) => t } as const;
const spec = {
  channels: [{ name: "c", samples: [{ name: "s", data: [5], modifiers: [G.normfactor("mu")] }] }],
};
const training = (more: object) =>
  G.train((() => 0) as never, { params: 1, data: {}, steps: 1, ...more } as never);

/** A record with a part that it does not have; what is no record as it is. */
const within = (record: object, part: unknown) =>
  (typeof part === "object" ? { ...record, ...part } : part) as never;

/** Every public function with options, and one that it has; called with what it is given, and else with what it needs. */
const functions: Record<string, [option: string, call: (options: Wrong) => unknown]> = {
  initFrom: ["module", (o) => G.initFrom(o)],
  compile: ["threads", (o) => G.compile((x: Tensor) => x, o)],
  table: ["dtype", (o) => G.table({ x: Float64Array.of(1) }, o)],
  vmap: ["inAxes", (o) => traced((_, p) => G.vmap((x: Tensor) => x, o)(p))],
  argsort: ["descending", (o) => traced((_, p) => G.argsort(p, -1, o))],
  sort: ["descending", (o) => traced((_, p) => G.sort(p, within({ over: -1 as const }, o)))],
  topK: ["missing", (o) => traced((_, p) => G.topK(p, 1, -1, o))],
  cumsum: ["exclusive", (o) => traced((_, p) => G.cumsum(p, -1, o))],
  searchsorted: ["side", (o) => traced((_, p) => G.searchsorted(p, 0.3, -1, o))],
  kde: ["closed", (o) => traced((e, p) => G.kde(e.x, 1, p, 0.1, o))],
  kdeSquares: ["closed", (o) => traced((e, p) => kdeSquares(e.x, 1, p, 0.1, o))],
  minimize: ["maxSteps", (o) => traced((_, p) => G.minimize((x) => x.square().sum(), p, o).x)],
  root: ["grow", (o) => traced((_, p) => G.root((x) => x.sub(p.at(0)), 0, 1, o).x)],
  "PatchSet.extract": ["indent", (o) => patches().extract("p", o)],
  "minimize.search": [
    "always",
    (o) => traced((_, p) => G.minimize((x) => x.square().sum(), p, { search: o }).x),
  ],
  "minimize.envelope": [
    "first",
    (o) => traced((_, p) => G.minimize((x) => x.square().sum(), p, { envelope: o }).x),
  ],
  segmentOuter: ["diagonal", (o) => traced((_, p) => segmentOuter(p, p, segments(), o))],
  "segmentOuter.segments": ["columns", (o) => traced((_, p) => segmentOuter(p, p, within(segments(), o)))],
  hist: ["bandwidth", (o) => traced((e) => G.hist(e.x, o))],
  histogram: ["flow", (o) => G.histogram(axis.regular(2, 0, 1), o)],
  Histogram: ["flow", (o) => new G.Histogram([axis.regular(2, 0, 1)], o)],
  "Histogram.fill": [
    "bandwidth",
    (o) => traced((e) => G.histogram(axis.regular(2, 0, 1)).fill(e.x, o).values),
  ],
  "Histogram.hard": ["weights", (o) => G.histogram(axis.regular(2, 0, 1)).hard(Float64Array.of(1), o)],
  "axis.regular": ["label", (o) => axis.regular(2, 0, 1, o)],
  "axis.variable": ["label", (o) => axis.variable([0, 1], o)],
  "axis.category": ["label", (o) => axis.category(["a"], o)],
  freeEdges: ["least", (o) => G.freeEdges([0, 1, 2], o)],
  orderedEdges: ["least", (o) => traced((_, p) => G.orderedEdges(p, 0, 1, o))],
  cut: ["width", (o) => G.cut("x > {c = 1}", o)],
  "scanThresholds.signal": [
    "weights",
    (o) => G.scanThresholds(cut(), { signal: within(sample, o), background: sample }),
  ],
  "scanThresholds.background": [
    "weights",
    (o) => G.scanThresholds(cut(), { signal: sample, background: within(sample, o) }),
  ],
  scanThresholds: ["points", (o) => G.scanThresholds(cut(), { signal: sample, background: sample }, o)],
  cutYields: ["weights", (o) => G.cutYields(cut(), { c: 0.5 }, columns, o)],
  annealedWidths: ["steps", (o) => G.annealedWidths(cut(), o)],
  diagnose: ["grads", (o) => G.diagnose(cut(), [columns], o)],
  histfactory: ["interpcodes", (o) => G.histfactory({ channels: [] } as never, o)],
  "histfactory.interpcodes": ["normsys", (o) => G.histfactory(spec, { interpcodes: o })],
  "histfactory.modifier_settings": ["normsys", (o) => G.histfactory(spec, { modifier_settings: o })],
  "histfactory.modifiers": ["bounds", (o) => G.histfactory(spec, { modifiers: { own: within(own, o) } })],
  "Workspace.model.interpcodes": ["normsys", (o) => workspace().model({ interpcodes: o })],
  "Workspace.model.modifier_settings": ["normsys", (o) => workspace().model({ modifier_settings: o })],
  "Workspace.model.modifiers": ["bounds", (o) => workspace().model({ modifiers: { own: within(own, o) } })],
  "Model.expectedData": [
    "includeAuxdata",
    (o) => G.compile((p: Tensor) => model().expectedData(p, o))([1, 1]),
  ],
  readWorkspace: ["modifiers", (o) => G.readWorkspace({}, o)],
  Workspace: ["modifiers", (o) => new G.Workspace(workspace().document, o)],
  "Workspace.modelInput": ["measurement", (o) => workspace().modelInput(o)],
  "Workspace.model": ["measurement", (o) => workspace().model(o)],
  "Workspace.observed": ["channels", (o) => workspace().observed(o)],
  "Workspace.data": ["includeAuxdata", (o) => workspace().data(workspace().model(), o)],
  "Workspace.prune": ["samples", (o) => workspace().prune(o)],
  "Workspace.rename": ["samples", (o) => workspace().rename(o)],
  "Workspace.combine": ["join", (o) => workspace().combine(workspace(), o)],
  "Workspace.write": ["indent", (o) => workspace().write(o)],
  fit: ["maxSteps", (o) => G.fit(data, model(), o)],
  fixedPoiFit: ["maxSteps", (o) => G.fixedPoiFit(1, data, model(), o)],
  hypotest: ["testStat", (o) => G.hypotest(1, data, model(), o)],
  AsymptoticCalculator: ["testStat", (o) => new G.AsymptoticCalculator(data, model(), o)],
  ToyCalculator: ["ntoys", (o) => new G.ToyCalculator(data, model(), o)],
  upperLimit: ["level", (o) => G.upperLimit(data, model(), o)],
  limitScan: ["level", (o) => G.limitScan([1], data, model(), o)],
  minos: ["parameters", (o) => G.minos(data, model(), o)],
  contour: ["points", (o) => G.contour([0, 1], data, model(), o)],
  profileScan: ["points", (o) => G.profileScan(0, data, model(), o)],
  profileGrid: ["ranges", (o) => G.profileGrid([0, 1], data, model(), o)],
  ranking: ["maxSteps", (o) => G.ranking(data, model(), o)],
  pulls: ["maxSteps", (o) => G.pulls(data, model(), o)],
  goodnessOfFit: ["maxSteps", (o) => G.goodnessOfFit(data, model(), o)],
  discovery: ["maxSteps", (o) => G.discovery(data, model(), o)],
  uncertainties: ["maxSteps", (o) => G.uncertainties(data, model(), o)],
  fittedYields: ["maxSteps", (o) => G.fittedYields(data, model(), o)],
  expectedCls: ["nsigma", (o) => G.expectedCls(model(), o)],
  expectedHypotest: ["testStat", (o) => G.expectedHypotest(model(), o)],
  expectedSignificance: ["maxSteps", (o) => G.expectedSignificance(model(), o)],
  q0: ["maxSteps", (o) => G.q0(data, model(), o)],
  qmu: ["maxSteps", (o) => G.qmu(1, data, model(), o)],
  qmuTilde: ["maxSteps", (o) => G.qmuTilde(1, data, model(), o)],
  tmu: ["maxSteps", (o) => G.tmu(1, data, model(), o)],
  tmuTilde: ["maxSteps", (o) => G.tmuTilde(1, data, model(), o)],
  "nn.attention": ["heads", (o) => nn.attention(1, 1, o)],
  "nn.dense": ["activation", (o) => nn.dense(1, 1, o)],
  "nn.embedding": ["weights", (o) => nn.embedding(2, 2, o)],
  "nn.layerNorm": ["eps", (o) => nn.layerNorm(2, o)],
  "nn.residualBlock": ["dropout", (o) => nn.residualBlock(2, o)],
  varianceScaling: ["distribution", (o) => G.varianceScaling(o)],
  mlp: ["activation", (o) => G.mlp([1, 1], o)],
  adam: ["nesterov", (o) => G.adam(1, o)],
  adamw: ["weightDecay", (o) => G.adamw(1, o)],
  nadam: ["epsRoot", (o) => G.nadam(1, o)],
  nadamw: ["weightDecay", (o) => G.nadamw(1, o)],
  radam: ["threshold", (o) => G.radam(1, o)],
  scaleByAdam: ["epsRoot", (o) => G.scaleByAdam(o)],
  scaleByRadam: ["threshold", (o) => G.scaleByRadam(o)],
  lion: ["weightDecay", (o) => G.lion(1, o)],
  scaleByLion: ["b1", (o) => G.scaleByLion(o)],
  rmsprop: ["momentum", (o) => G.rmsprop(1, o)],
  adagrad: ["initialAccumulatorValue", (o) => G.adagrad(1, o)],
  scaleByRms: ["decay", (o) => G.scaleByRms(o)],
  scaleByRss: ["initialAccumulatorValue", (o) => G.scaleByRss(o)],
  scaleByStddev: ["decay", (o) => G.scaleByStddev(o)],
  sgd: ["momentum", (o) => G.sgd(1, o)],
  traceMomentum: ["nesterov", (o) => G.traceMomentum(0.9, o)],
  lbfgs: ["memory", (o) => G.lbfgs(o)],
  ema: ["debias", (o) => G.ema(0.9, o)],
  accumulate: ["mean", (o) => G.accumulate(G.sgd(1), 2, o)],
  exponentialDecay: ["staircase", (o) => G.exponentialDecay(1, 1, 0.5, o)],
  bceLoss: ["signal", (o) => traced((e) => G.bceLoss(e.x, e.x, o))],
  softmaxLoss: ["background", (o) => traced((e) => G.softmaxLoss(e.x, e.x, o))],
  squaredLoss: ["background", (o) => traced((e) => G.squaredLoss(e.x, e.x, o))],
  asimovUncertainLoss: ["relative", (o) => traced((_, p) => G.asimovUncertainLoss(p.at(0), p.at(1), o))],
  splitTables: ["weights", (o) => G.splitTables(events, 0.5, o)],
  standardError: ["weights", (o) => G.standardError(events, () => 0, o)],
  trainingWeights: ["negative", (o) => G.trainingWeights("s", Float64Array.of(1), o)],
  train: ["optimizer", (o) => G.train((() => 0) as never, o)],
  "train.checkpoint": ["every", (o) => training({ checkpoint: within({ save: () => {} }, o) })],
  "train.validation": ["data", (o) => training({ validation: o })],
  validate: ["modifiers", (o) => G.validate("model", {}, o)],
  schemaProblems: ["modifiers", (o) => G.schemaProblems("model", {}, o)],
  modelProblems: ["modifiers", (o) => G.modelProblems({}, o)],
  gpu: ["blocks", (o) => gpu(o)],
  threads: ["worker", (o) => threads(o)],
  tables: ["columns", (o) => tables.tables({ s: "x.csv" }, o)],
  readTable: ["allowEmpty", (o) => tables.readTable("x.csv", undefined, o)],
  readTables: ["missing", (o) => tables.readTables(["x.csv"], undefined, o)],
  readPieces: ["missing", (o) => tables.readPieces(["x.csv"], undefined, o).next()],
  readCsv: ["columns", (o) => tables.readCsv(new Uint8Array(0) as never, o)],
  readRoot: ["columns", (o) => tables.readRoot({} as never, o)],
  readParquet: ["columns", (o) => tables.readParquet({} as never, o)],
  concatenate: ["files", (o) => tables.concatenate([], o)],
};

/** A name with one letter missing. */
const misspelt = (name: string) => (name === "b1" ? "B1" : name.slice(0, 1) + name.slice(2));

describe("a misspelt option is refused, and the nearest is named", () => {
  it.each(Object.entries(functions))("by %s", async (_, [option, call]) => {
    const wrong = { [misspelt(option)]: undefined };
    const run = async () => call(wrong as never);
    await expect(run()).rejects.toThrow(`has no option '${misspelt(option)}'. Did you mean ${option}?`);
    const error = await run().catch((e: Error) => e);
    expect(error).toBeInstanceOf(G.OptionError);
    await expect((async () => call(5 as never))()).rejects.toThrow();
  });

  it("in options within options", async () => {
    expect(() =>
      G.histfactory({ channels: [] } as never, { interpcodes: { normsy: "code1" } as never }),
    ).toThrow(/'interpcodes' has no option 'normsy'. Did you mean normsys\?/);
    const saved = G.train(
      (() => 0) as never,
      {
        ...{ params: 1, data: {}, steps: 1 },
        checkpoint: { save: () => {}, evry: 1 } as never,
      } as never,
    );
    await expect(saved).rejects.toThrow(/'checkpoint' has no option 'evry'. Did you mean every\?/);
  });

  it("also where a name is nothing like one: then all are named", () => {
    expect(() => G.fit(data, model(), { fakeOption: 1 } as never)).toThrow(
      /'fit' has no option 'fakeOption'. The options are: init, lower, upper, fixed, free, hold, poi, maxSteps./,
    );
    expect(() => traced((e) => G.hist(e.x, { bins: 2, range: [0, 1] } as never))).toThrow(
      /needs a bandwidth/,
    );
  });

  it("by all that has options: in the types of what is exported, of its methods and of records in records", () => {
    const files = [
      "test/kit/library.ts",
      "src/events/index.ts",
      "src/entry/gpu.ts",
      "src/entry/threads.node.ts",
    ];
    // Documents are checked by their schema, and these records are made by the library alone.
    const others = [/^histfactory\(spec\)/, /^Model\.with\(/, /^PatchSet\b.*metadata/, /^[A-Z]\w*Error\(/];
    const places = optionBags(files).filter((place) => !others.some((other) => other.test(place)));
    const names = places.map((place) => place.replace(/\(\w+\)|\.\*/g, "").replace(/^nn\./, ""));
    const known = Object.keys(functions).map((name) => name.replace(/^nn\./, ""));
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(90);
    // Records without parts that may be left out are seen by nobody.
    const internal = ["kdeSquares", "segmentOuter", "segmentOuter.segments"];
    // Nor are those with a method.
    const own = ["histfactory.modifiers", "Workspace.model.modifiers"];
    const more = ["minimize.envelope", "train.validation", ...internal, ...own];
    expect(more).toEqual(expect.arrayContaining(known.filter((name) => !names.includes(name))));
  }, 60_000);
});

describe("a misspelt name of something of the user's is refused", () => {
  const refused = (call: () => unknown, words: RegExp) => expect(call).toThrow(words);

  it("as a threshold, a parameter, a label, a column", () => {
    refused(() => G.cut("x > {c = 1}", { width: { d: 1 } }), /\bc\b/);
    refused(() => G.cut("x > {c = 1}", { bounds: { d: [0, 1] } }), /\bc\b/);
    refused(() => cut().hard({ d: 1 } as never, columns), /\bc\b/);
    refused(() => cut().print({ d: 1 } as never), /\bc\b/);
    refused(() => cut().hard({ c: 1 }, { y: columns.x }), /\bx\b/);
    for (const soft of ["soft", "logSoft", "logits"] as const) {
      refused(() => traced((e, p) => cut()[soft]({ d: p.at(0) } as never, e)), /\bc\b/);
      refused(() => traced((e, p) => cut()[soft]({ c: p.at(0) } as never, e, { d: 1 })), /\bc\b/);
    }
    refused(() => traced((e, p) => cut().pass({ d: p.at(0) } as never, e)), /\bc\b/);
    refused(() => cut().width("d"), /\bc\b/);
    refused(() => G.annealedWidths(cut(), { from: 1, steps: 2, to: { d: 1 } } as never), /\bc\b/);
    refused(() => G.fit(data, model(), { hold: { mv: 1 } }), /mu/);
    refused(() => G.fit(data, model(), { poi: "mv" }), /mu/);
    refused(() => G.minos(data, model(), { parameters: ["mv"] }), /mu/);
    refused(() => workspace().rename({ samples: { t: "u" } }), /"s"/);
    refused(() => workspace().prune({ samples: ["t"] }), /"s"/);
    refused(() => workspace().model({ measurement: "n" }), /"m"/);
    refused(() => G.multiTransform({ a: G.sgd(1) }, { w: "b" } as never).init({ w: 1 }), /\ba\b/);
  });

  it("as the names of choices", () => {
    refused(() => G.histfactory(spec, { modifiers: { own: { ...own, op: "multiply" as never } } }), /op of/);
    const odd = { own: { ...own, constraint: "gauss" as never } };
    refused(() => G.histfactory(spec, { modifiers: odd }), /constraint of .* normal/);
  });
});
