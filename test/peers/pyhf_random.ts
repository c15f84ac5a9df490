/**
 * Our answers for random workspaces, one JSON line each, for test/peers/pyhf_random.py to compare with pyhf's.
 *
 * Run: npx esbuild test/peers/pyhf_random.ts --bundle --platform=node --format=esm --outfile=random.mjs
 *      node random.mjs [first seed] [count] [likelihood|all] > random.jsonl
 */
import { writeSync } from "node:fs";
import { readWorkspace } from "../../src/histfactory/document/workspace.js";
import { compile, init, type Model, type Tensor, valueAndGrad } from "../../src/index.js";
import { hypotest } from "../../src/infer/answers/hypotest.js";
import { fit as bestFit } from "../../src/infer/fit.js";
import { Draw, randomPoint, randomWorkspace } from "../kit/randomworkspace.js";

const [first = "1", count = "1000", what = "all"] = process.argv.slice(2);

await init();
for (let seed = Number(first); seed < Number(first) + Number(count); seed++) {
  const { workspace: document, interpcodes } = randomWorkspace(seed);
  const workspace = readWorkspace(document);
  const model = workspace.model({ interpcodes });
  const { config } = model;
  const data = workspace.data(model);
  const f = compile((values: typeof model.values, pars: Tensor, observed: Tensor) => {
    const m = model.with(values);
    return {
      ...valueAndGrad((p: Tensor) => m.logpdf(p, observed))(pars),
      expected: m.expectedData(pars),
      free: m.free(),
    };
  });
  const draw = new Draw(seed + 1e6);
  const points = [config.suggestedInit, ...Array.from({ length: 3 }, () => randomPoint(draw, config))];
  const evaluated = points.map((pars) => {
    const { value, grads, expected } = f(
      model.values as never,
      pars as never,
      data as never,
    ) as unknown as Answer;
    return { pars: [...pars], logpdf: value, gradient: [...grads], expected: [...expected] };
  });
  const { free } = f(
    model.values as never,
    config.suggestedInit as never,
    data as never,
  ) as unknown as Answer;
  const line = {
    seed,
    workspace: document,
    interpcodes,
    parNames: config.parNames,
    poi: config.poiName,
    init: [...config.suggestedInit],
    bounds: [...config.suggestedLower].map((v, i) => [v, config.suggestedUpper[i]]),
    fixed: [...free].map((v) => v === 0),
    data: [...data],
    points: evaluated,
    ...(what === "all" ? inference(model, data) : {}),
  };
  writeSync(
    1,
    `${JSON.stringify(line, (_, v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v))}\n`,
  );
}

interface Answer {
  value: number;
  grads: Float64Array;
  expected: Float64Array;
  free: Float64Array;
}

/** The best fit, and the test of a signal of 1. */
function inference(model: Model, data: Float64Array): object {
  const best = bestFit(data, model);
  const answer = { fit: { pars: [...best.x], value: best.value, status: best.status, edm: best.edm } };
  if (model.config.poiIndex === null) return answer;
  const { cls, tail, expectedSet, status, pars } = hypotest(1, data, model);
  const fitted = Object.fromEntries(Object.entries(pars!).map(([name, x]) => [name, [...x]]));
  return { ...answer, test: { cls, tail, expectedSet, status, fitted } };
}
