// The one program that every place runs. Its answers are compared by their bits.
import {
  adam,
  compile,
  cut,
  fit,
  hist,
  init,
  key,
  mlp,
  nested,
  readWorkspace,
  stack,
  table,
  train,
  upperLimit,
  valueAndGrad,
} from "gradcut";
import { readTable } from "gradcut/tables";

const column = (rows, a, b) => Float64Array.from({ length: rows }, (_, i) => ((i * a) % b) / b);

/** A selection, a network behind it, their gradients, and three steps of a training. */
async function step({ threads }) {
  const rows = 40_000;
  const events = table({
    pt: column(rows, 7919, 1009).map((u) => 100 * u),
    eta: column(rows, 6101, 977).map((u) => 6 * u - 3),
  });
  const selection = cut("pt > {ptMin = 30} && abs(eta) < fixed(2.4)");
  const net = mlp([2, 8, 1]);
  const params = { cuts: selection.init(), net: net.init(key(7)) };
  const loss = (p, { events: e }) => {
    const score = net.apply(p.net, stack([e.pt.div(50).sub(1), e.eta])).at(0);
    return selection.soft(p.cuts, e).mul(score.sigmoid()).sum("events").log().square();
  };
  const value = compile(valueAndGrad(loss), threads ? { threads } : {});
  const options = { params, data: { events }, optimizer: adam(0.1), steps: 3, ...(threads && { threads }) };
  const { history } = await train(loss, options);
  return { run: () => value.async(params, { events }), more: { history } };
}

function histogram() {
  const events = table({ x: column(40_000, 7919, 1009), w: column(40_000, 6101, 977) });
  const counts = (p, e) => hist(e.x.mul(p.scale), { bins: 10, range: [0, 1], bandwidth: 0.05, weights: e.w });
  const counted = compile(counts);
  const square = compile(valueAndGrad((p, e) => counts(p, e).square().sum()));
  const run = () => [counted({ scale: 0.97 }, events), square({ scale: 0.97 }, events)];
  return { run };
}

function model() {
  const workspace = readWorkspace(description());
  const model = workspace.model();
  return { model, data: workspace.data(model) };
}

function fitted() {
  const { model: m, data } = model();
  return { run: () => fit(data, m) };
}

function limit() {
  const { model: m, data } = model();
  return { run: () => upperLimit(data, m) };
}

/** A selection of events by their jets, hard and soft with its gradient. */
function objects() {
  const rows = 10_000;
  const counts = Array.from({ length: rows }, (_, i) => (i * 31) % 7);
  const offsets = Int32Array.from([0, ...counts]);
  for (let i = 0; i < rows; i++) offsets[i + 1] += offsets[i];
  const jets = nested(offsets, {
    pt: column(offsets[rows], 7919, 1009).map((u) => 100 * u),
    eta: column(offsets[rows], 6101, 977).map((u) => 6 * u - 3),
  });
  const events = table({ met: column(rows, 4001, 997).map((u) => 120 * u), jets });
  const text = "met > {met = 40} && count(jets.pt > {jetPt = 30} && abs(jets.eta) < fixed(2.4)) >= 2";
  const selection = cut(text);
  const soft = compile(valueAndGrad((p, e) => selection.soft(p, e).sum("events")));
  const run = () => {
    const hard = selection.hard(selection.init(), events);
    const [passed, places] = hard.reduce(([n, at], kept, i) => [n + kept, at + kept * i], [0, 0]);
    return { passed, places, soft: soft(selection.init(), events) };
  };
  return { run };
}

/** Tables as they are dropped on a page: bytes, read by readers that a bundler had to find. */
async function files() {
  const rows = Array.from({ length: 2000 }, (_, i) => `${(i * 7919) % 1009},${i / 7}\n`);
  const csv = new Blob(["pt,eta\n", ...rows]);
  return { run: async () => ({ ...(await readTable(csv)) }) };
}

const tasks = { step, histogram, fit: fitted, limit, objects, files };

const description = () => ({
  version: "1.0.0",
  channels: [
    {
      name: "signal region",
      samples: [
        {
          name: "signal",
          data: [2, 5, 9, 4],
          modifiers: [
            { name: "mu", type: "normfactor", data: null },
            { name: "efficiency", type: "normsys", data: { hi: 1.06, lo: 0.95 } },
          ],
        },
        {
          name: "background",
          data: [60, 50, 30, 12],
          modifiers: [
            {
              name: "scale",
              type: "histosys",
              data: { hi_data: [66, 54, 31, 12], lo_data: [55, 47, 29, 11] },
            },
            { name: "efficiency", type: "normsys", data: { hi: 1.03, lo: 0.97 } },
            { name: "mc", type: "staterror", data: [4, 3, 2, 1.5] },
          ],
        },
      ],
    },
    {
      name: "control region",
      samples: [
        {
          name: "background",
          data: [210, 180],
          modifiers: [
            { name: "scale", type: "histosys", data: { hi_data: [221, 188], lo_data: [200, 173] } },
            { name: "shape", type: "shapesys", data: [12, 9] },
          ],
        },
      ],
    },
  ],
  observations: [
    { name: "signal region", data: [63, 54, 34, 15] },
    { name: "control region", data: [205, 186] },
  ],
  measurements: [{ name: "limit", config: { poi: "mu", parameters: [] } }],
});

const word = new DataView(new ArrayBuffer(8));

/** The 16 hexadecimal digits of a float64. Which NaN it is differs between engines, and means nothing. */
function digits(number) {
  if (Number.isNaN(number)) return "NaN";
  word.setFloat64(0, number);
  return word.getBigUint64(0).toString(16).padStart(16, "0");
}

/** All of a value by its paths: numbers by their digits, and what else there is as text. */
function bits(value, path, into) {
  if (typeof value === "number") into[path] = digits(value);
  else if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    into[`${path}.length`] = String(value.length);
    for (const [i, x] of [...value].entries()) bits(x, `${path}.${i}`, into);
  } else if (value !== null && typeof value === "object") {
    for (const name of Object.keys(value).sort()) bits(value[name], `${path}.${name}`, into);
  } else into[path] = String(value);
  return into;
}

/** The median time of a run in ms. Clocks of browsers tick as rarely as each ms, so runs are timed in groups. */
async function timed(run, now) {
  const group = async (runs) => {
    const before = await now();
    for (let i = 0; i < runs; i++) await run();
    return (await now()) - before;
  };
  let runs = 1;
  // The quickest of three, because engines get faster on the way, and others may have the processor.
  while (Math.min(await group(runs), await group(runs), await group(runs)) < 10) runs *= 2;
  const times = [];
  while (times.length < 5) times.push((await group(runs)) / runs);
  return times.sort((a, b) => a - b)[2];
}

/**
 * The answers of all tasks by their bits, the median time of each in ms, and when the kernels were ready, in ms since the
 * process, the page or the worker began. `start` loads the kernels; `now` is a clock that runs while a task computes;
 * without `times` nothing is run twice.
 */
export async function conform({
  start = init,
  threads = null,
  now = () => performance.now(),
  times = true,
} = {}) {
  await start();
  const result = { ready: await now(), bits: {}, ms: {} };
  for (const [name, make] of Object.entries(tasks)) {
    const { run, more } = await make({ threads });
    bits({ ...more, value: await run() }, name, result.bits);
    if (times) result.ms[name] = await timed(run, now);
  }
  return result;
}

/** What must be an error, by the names that a user's `catch` sees. */
export function errors() {
  const name = (f) => {
    try {
      f();
      return "no error";
    } catch (error) {
      return `${error.name} ${error.code}`;
    }
  };
  return [
    name(() => cut("pt >")),
    name(() => compile((x) => x.reshape([7]))([1, 2, 3])),
    name(() => table({})),
  ];
}

/** All tasks with threads; and whether a call whose threads are closed under it ends. */
export async function share(threads, options, times = false) {
  await init();
  const team = await threads(options);
  const shared = await conform({ threads: team, times });
  const { run } = await step({ threads: team });
  const lost = run().then(
    () => "ended",
    (error) => error.name,
  );
  await Promise.resolve();
  team.close();
  // As late as it was closed, the call may have been done.
  return { shared, closed: ["ended", "ThreadsError"].includes(await lost) };
}

/** All tasks with a worker that was ended behind the back of its team. */
export async function survive(threads, make) {
  await init();
  let worker;
  const team = await threads({
    count: 2,
    worker: () => {
      worker = make();
      return worker;
    },
  });
  await conform({ threads: team, times: false });
  worker.terminate();
  const survived = await conform({ threads: team, times: false });
  team.close();
  return survived;
}
