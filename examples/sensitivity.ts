// A fit inside a loss: choose a cut by the discovery significance that a profile likelihood expects.
import { compile, cut, type EventTensor, grad, hist, init, key, minimize, type Scalar, table } from "gradcut";
import { normal } from "gradcut/random";

await init();

const column = (seed: number, mean: number, width: number) =>
  normal(key(seed), 20000).map((z) => mean + width * z);
const data = {
  signal: table({ pt: column(1, 60, 15), score: column(2, 0.7, 0.15) }, { dtype: "f64" }),
  background: table({ pt: column(3, 30, 20), score: column(4, 0.4, 0.2) }, { dtype: "f64" }),
};
const selection = cut("pt > {ptMin = 30}");

type Params = { ptMin: Scalar };
type Events = Record<"signal" | "background", { pt: EventTensor; score: EventTensor }>;

/** Median discovery q0 of a counting experiment in bins of the score, the background known to 10 %. */
const q0 = (p: Params, e: Events) => {
  const yields = (t: { pt: EventTensor; score: EventTensor }, expected: number) =>
    hist(t.score, { bins: 5, range: [0, 1], bandwidth: 0.05, weights: selection.soft(p, t, 2) }).mul(
      expected / 20000,
    );
  const s = yields(e.signal, 30);
  const b = yields(e.background, 3000);
  const n = s.add(b); // Asimov data
  const nll = (mu: number, scale: Scalar) => {
    const rate = s.mul(mu).add(b.mul(scale));
    return rate.sub(n.mul(rate.log())).sum().add(scale.sub(1).div(0.1).square().mul(0.5));
  };
  const one = p.ptMin.mul(0).add(1);
  const background = minimize((x) => nll(0, x), one, { lower: 1e-6, upper: 10 });
  const best = nll(1, one); // the Asimov data are the model at mu = 1
  return background.value.sub(best).mul(2);
};

// One Newton-like maximisation by our own optimiser, through the fit: minimize takes the whole analysis as objective
// only of small tensors, so here the outer loop is plain gradient ascent.
const step = compile((p: Params, e: Events) => ({ q: q0(p, e), slope: grad(q0)(p, e).ptMin }));
let ptMin = 30;
for (let i = 0; i < 60; i++) ptMin += 15 * step({ ptMin }, data).slope;
const before = Math.sqrt(step({ ptMin: 30 }, data).q);
const after = Math.sqrt(step({ ptMin }, data).q);
console.log(`pt > 30: Z = ${before.toFixed(2)}`);
console.log(`pt > ${ptMin.toFixed(0)}: Z = ${after.toFixed(2)}`);
console.log(`better: ${after > before}`);
