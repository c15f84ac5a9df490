// The one program that everybody runs: a step of a training, a histogram, a fit, a limit, an object-free cut.
import {
  adam,
  compile,
  cut,
  fit,
  hist,
  init,
  readWorkspace,
  table,
  train,
  upperLimit,
  valueAndGrad,
} from "gradcut";

const rows = 40_000;
const column = (a, b) => Float64Array.from({ length: rows }, (_, i) => ((i * a) % b) / b);

export async function conform() {
  await init();
  const events = table({
    pt: column(7919, 1009).map((u) => 100 * u),
    eta: column(6101, 977).map((u) => 6 * u - 3),
  });
  const selection = cut("pt > {ptMin = 30} && abs(eta) < fixed(2.4)");
  const yields = (p, e) => selection.soft(p, e).mul(e.pt).sum("events").log();
  const step = compile(valueAndGrad(yields))(selection.init(), events);
  const trained = await train((p, { events: e }) => yields(p, e).square(), {
    ...{ params: selection.init(), data: { events }, optimizer: adam(0.1), steps: 3 },
  });
  const counts = compile((e) => hist(e.pt.div(100), { bins: 4, range: [0, 1], bandwidth: 0.05 }))(events);
  const passed = selection.hard(selection.init(), events).reduce((n, k) => n + k, 0);
  const workspace = readWorkspace(description());
  const model = workspace.model();
  const data = workspace.data(model);
  const best = fit(data, model);
  const limit = upperLimit(data, model);
  return { step, trained: [...trained.history], counts: [...counts], passed, fit: best, limit };
}

const description = () => ({
  version: "1.0.0",
  channels: [
    {
      name: "region",
      samples: [
        { name: "signal", data: [5, 10], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
        { name: "background", data: [50, 60], modifiers: [{ name: "bins", type: "shapesys", data: [7, 8] }] },
      ],
    },
  ],
  observations: [{ name: "region", data: [53, 65] }],
  measurements: [{ name: "limit", config: { poi: "mu", parameters: [] } }],
});

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

const loss = (p, e) => e.x.sub(p.a).sigmoid().sum("events").log().add(e.x.mul(p.a).exp().sum("events"));

/** The same sum alone and with threads. */
export async function share(threads, options) {
  await init();
  const events = table({ x: column(7919, 1009) });
  const alone = compile(valueAndGrad(loss))({ a: 0.3 }, events);
  const team = await threads(options);
  const call = compile(valueAndGrad(loss), { threads: team });
  const shared = await call.async({ a: 0.3 }, events);
  const lost = call.async({ a: 0.3 }, events).then(JSON.stringify, (e) => e.name);
  await Promise.resolve();
  team.close();
  // As late as it was closed, the call may have been done.
  const closed = [JSON.stringify(shared), "ThreadsError"].includes(await lost);
  return { same: JSON.stringify(alone) === JSON.stringify(shared), threads: shared, closed };
}

/** The same sum with a worker that is ended behind the back of its team. */
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
  const call = compile(valueAndGrad(loss), { threads: team });
  const events = table({ x: column(7919, 1009) });
  await call.async({ a: 0.3 }, events);
  worker.terminate();
  const result = await call.async({ a: 0.3 }, events);
  team.close();
  return result;
}
