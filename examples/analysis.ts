// Cuts, a network and a histogram in one function, trained together for the expected significance of its bins.
import { adam, cut, hist, init, key, mlp, stack, type Tensor, type Traced, train } from "gradcut";
import { toy } from "./data/toy.js";

await init();
const data = toy(20_000);

// A cut is written as physicists write it. Its thresholds train; fixed(4) would not.
const selection = cut("80 < mass && mass < 100 && pt > {ptMin = 30} && abs(eta) < 2.4", {
  width: { massMin: 2, massMax: 2, ptMin: 3, etaMax: 0.2 },
});
const net = mlp([3, 16, 1]);

type Events = Record<"pt" | "eta" | "mass" | "w", Tensor>;
const params = { cuts: selection.init(), net: net.init(key(0)) };
// The same tree with a Tensor at every leaf: what a traced function sees.
type Params = Traced<typeof params>;

const analysis = (p: Params, e: Events): Tensor => {
  const weight = selection.soft(p.cuts, e).mul(e.w);
  const features = stack([e.mass.sub(90).div(20), e.pt.div(30), e.eta]);
  const score = net.apply(p.net, features).at(0).sigmoid();
  return hist(score, { bins: 4, range: [0, 1], bandwidth: 0.05, weights: weight });
};

/** Minus the Asimov significance of all bins together, squared: -2 Σ (s + b) log(1 + s/b) - s. */
const loss = (p: Params, e: { signal: Events; background: Events }): Tensor => {
  const s = analysis(p, e.signal);
  const b = analysis(p, e.background).add(1); // no bin is so clean that its background is none
  return s.add(b).mul(s.div(b).log1p()).sub(s).sum().mul(-2);
};

const result = await train(loss, { params, data, optimizer: adam(1e-2), steps: 200 });

const significance = (x: number) => Math.sqrt(-x).toFixed(2);
console.log(`Z ${significance(result.history[0]!)} -> ${significance(result.loss)}`);
console.log(selection.print(result.params.cuts));
const mask = selection.hard(result.params.cuts, data.signal);
console.log(`${mask.reduce((n, k) => n + k, 0)} of ${mask.length} signal events pass the hard cut`);
