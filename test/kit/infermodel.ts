/** A likelihood written by hand, with the interface that inference needs: μ s + γ b in every bin, Poisson constraints. */

import { concat } from "../../src/core/elementary/join.js";
import { lgamma } from "../../src/core/elementary/special.js";
import { constantArray, hessian, type Scalar, type Tensor } from "../../src/index.js";
import type { ChannelLikelihood, ConstrainedLikelihood } from "../../src/infer/likelihood.js";

type V = Float64Array | Tensor;
export interface Yields<T> {
  signal: T;
  bkg: T;
  uncertainty: T;
}

const poissonNll = (n: Tensor, rate: Tensor) => rate.sub(n.mul(rate.log())).add(lgamma(n.add(1)));

export function handmade(
  yields: Yields<readonly number[] | V>,
  bounds: readonly [number, number] = [0, 10],
): ConstrainedLikelihood &
  ChannelLikelihood & { with(v: unknown): ReturnType<typeof handmade>; auxdata(): number[] } {
  const as = (v: readonly number[] | V): V => (Array.isArray(v) ? Float64Array.from(v) : (v as V));
  const values: Yields<V> = {
    signal: as(yields.signal),
    bkg: as(yields.bkg),
    uncertainty: as(yields.uncertainty),
  };
  const concrete = values.signal instanceof Float64Array;
  const n = concrete ? (values.signal as Float64Array).length : (values.signal as Tensor).size;
  const t = values as Yields<Tensor>;
  const tau = () => t.bkg.div(t.uncertainty).square();
  const rate = (pars: Tensor) =>
    pars
      .at(0)
      .mul(t.signal)
      .add(pars.slice(1, n + 1).mul(t.bkg));
  const fill = (poi: number, others: number) =>
    Float64Array.from({ length: n + 1 }, (_, i) => (i ? others : poi));
  const nll = (pars: Tensor, data: Tensor) =>
    poissonNll(data.slice(0, n), rate(pars))
      .add(poissonNll(data.slice(n, 2 * n), pars.slice(1, n + 1).mul(tau())))
      .sum() as Scalar;
  return {
    config: {
      npars: n + 1,
      parNames: ["mu", ...Array.from({ length: n }, (_, i) => `gamma[${i}]`)],
      poiIndex: 0,
      nmaindata: n,
      nauxdata: n,
      suggestedInit: fill(1, 1),
      suggestedLower: fill(bounds[0], 1e-10),
      suggestedUpper: fill(bounds[1], 10),
      parameterSets: [
        { constraint: "none", slice: [0, 1], aux: -1 },
        { constraint: "poisson", slice: [1, n + 1], aux: 0 },
      ],
      channels: ["SR"],
      channelSlice: () => [0, n],
    },
    key: `handmade ${n} ${bounds}`,
    values,
    concrete,
    with: (v) => handmade(v as Yields<V>, bounds),
    nll,
    hessian: (pars, data) => hessian((x: Tensor) => nll(x, data))(pars),
    constraintLogpdf: (pars, aux) =>
      poissonNll(aux, pars.slice(1, n + 1).mul(tau()))
        .sum()
        .neg() as Scalar,
    expectedData: (pars) => concat([rate(pars), pars.slice(1, n + 1).mul(tau())]),
    init: () => constantArray(fill(1, 1)),
    lower: () => constantArray(fill(bounds[0], 1e-10)),
    upper: () => constantArray(fill(bounds[1], 10)),
    free: () => constantArray(fill(1, 1)),
    auxdata: () =>
      Array.from(values.bkg as Float64Array, (b, i) => (b / (values.uncertainty as Float64Array)[i]!) ** 2),
  };
}

/** pyhf's example of its documentation, with its data. */
export const example = handmade({ signal: [12, 11], bkg: [50, 52], uncertainty: [3, 7] });
export const exampleData = [51, 48, ...example.auxdata()];
