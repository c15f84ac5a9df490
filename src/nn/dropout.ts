import { InputError } from "../core/errors.js";
import { type Layer, type NoParams, stateless } from "./layer.js";

/**
 * While training (with an `rng`) each feature of each event is 0 with probability `rate`, and the others grow by
 * 1/(1 - rate), so that expectations stay; in use it is the identity (Srivastava et al., JMLR 15, 1929, 2014).
 */
export function dropout(rate: number): Layer<NoParams> {
  if (!(rate >= 0 && rate < 1)) {
    throw new InputError(
      "dropout.rate",
      `Dropout at a rate of ${rate}: give one from 0 up to, not including, 1.`,
      {
        rate,
      },
    );
  }
  return stateless((x, rng) => {
    if (!rng || rate === 0) return x;
    return x.mul(
      rng
        .uniform(x)
        .ge(rate)
        .mul(1 / (1 - rate)),
    );
  });
}
