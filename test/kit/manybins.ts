// Models of many bins with parameters of their own, and the same without the zeros of their Hessians.

import {
  histfactory,
  histosys,
  type Likelihood,
  type Model,
  normfactor,
  normsys,
  shapefactor,
  shapesys,
  staterror,
} from "../../src/index.js";
import { Draw } from "./randomworkspace.js";

/** Channels of bins with all kinds of uncertainties that belong to one bin, and some that do not. */
export function many(seed: number, bins: number, channels = 2) {
  const draw = new Draw(seed);
  const yields = (low: number, high: number) => Array.from({ length: bins }, () => draw.between(low, high));
  const part = (data: number[], low: number, high: number) => data.map((x) => x * draw.between(low, high));
  const spec = {
    channels: Array.from({ length: channels }, (_, c) => {
      const [signal, first, second] = [yields(0, 6), yields(20, 60), yields(5, 20)];
      return {
        name: `c${c}`,
        samples: [
          {
            name: "s",
            data: signal,
            modifiers: [normfactor("mu"), staterror(`stat${c}`, part(signal, 0, 0.3))],
          },
          {
            name: "a",
            data: first,
            modifiers: [
              staterror(`stat${c}`, part(first, 0.01, 0.1)),
              shapesys(`shape${c}`, part(first, 0.02, 0.2)),
              normsys("k", 1.1, 0.93),
            ],
          },
          {
            name: "b",
            data: second,
            modifiers: [
              staterror(`stat${c}`, part(second, 0.01, 0.2)),
              histosys("h", part(second, 1, 1.2), part(second, 0.8, 1)),
              ...(c === 1 && seed % 2 ? [shapefactor("free")] : []),
            ],
          },
        ],
      };
    }),
  };
  const model = histfactory(spec);
  const expected = spec.channels.flatMap(({ samples }) =>
    samples[0]!.data.map((_, i) => samples.reduce((sum, s) => sum + s.data[i]!, 0)),
  );
  const main = expected.map((x) => Math.round(x * draw.between(0.8, 1.2)));
  return { model, data: Float64Array.from([...main, ...model.suggestedAuxdata()]) };
}

/** The same model with the whole matrix. */
export const whole = (model: Model): Likelihood => ({
  config: model.config,
  key: `${model.key} whole`,
  values: model.values,
  concrete: true,
  with: (values) => whole(model.with(values as Model["values"])),
  nll: (pars, data) => model.nll(pars, data),
  hessian: (pars, data) => model.hessian(pars, data),
  expectedData: (pars) => model.expectedData(pars),
  init: () => model.init(),
  lower: () => model.lower(),
  upper: () => model.upper(),
  free: () => model.free(),
  kinks: () => model.kinks(),
});
