/** The work of the first row: soft cuts times a network, binary cross-entropy, value and all gradients. */

import { affine, sub } from "../dist/src/entry/ops.js";
import { compile, cut, stack, table, valueAndGrad } from "../dist/src/index.js";
import { parameters, sample, sizes } from "./data.js";

/** The product of two soft cuts: the formula of jax_mlp.py, and the same by `cut`, which computes in logarithms. */
const selections = {
  formula: {
    params: ({ cuts }) => cuts,
    weight: (cuts, { x0, x1 }) => {
      const pass = stack([x0, x1]).sub(cuts).sigmoid();
      return pass.at(0).mul(pass.at(1));
    },
  },
  cut: (() => {
    const selection = cut("x0 > {a = 0} && x1 > {b = 0}");
    return { params: () => selection.init(), weight: (cuts, events) => selection.soft(cuts, events) };
  })(),
};

/** The loss of jax_mlp.py, as a user of the library writes it. */
const lossWith =
  (weight) =>
  ({ net, cuts }, events) => {
    const { x0, x1, y } = events;
    let h = stack([x0, x1]);
    net.forEach(({ w, b }, i) => {
      const hidden = i < net.length - 1;
      h = affine(h, w.reshape([sizes[i], sizes[i + 1]]), b, hidden ? "relu" : "none");
    });
    const s = h
      .reshape([])
      .sigmoid()
      .mul(weight(cuts, events))
      .clip(1e-6, 1 - 1e-6);
    const loss = y.mul(s.log()).add(sub(1, y).mul(s.neg().log1p()));
    return loss.mean().neg();
  };

/** The compiled step and its arguments for n events in f32 tiles. */
export function step(n, selection = "formula") {
  const { params: start, weight } = selections[selection];
  const compiled = compile(valueAndGrad(lossWith(weight)));
  const { net, cuts } = parameters();
  const params = { net, cuts: start({ cuts }) };
  const events = table(sample(n));
  return { compiled, params, events, run: () => compiled(params, events) };
}
