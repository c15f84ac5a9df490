// Entries whose pinned numbers carry an optimiser's error: the optimum, and the proof that it is one.

import { expect } from "vitest";
import { fixedPoiFit } from "../../src/entry/stats.js";
import {
  hessian as autoHessian,
  fit as bestFit,
  grad,
  hypotest,
  type Model,
  type Tensor,
} from "../../src/index.js";
import { evaluate } from "./modelhelp.js";
import { Draw } from "./randomworkspace.js";

export interface Optimum {
  /** What the exact solutions of all fits give. */
  readonly exact: readonly number[];
  /** The test whose fits are proven to be minima: its statistic and tested value. */
  readonly of?: readonly ["q" | "qtilde" | "q0", number];
}

export const optima: Readonly<Record<number, Optimum>> = {
  0: {
    exact: [
      0.003936878440204462, 0.000012208769733112843, 0.000640691096547558, 0.013205408043628547,
      0.11121023338212756, 0.4128899579096617,
    ],
    of: ["q0", 0],
  },
  2: {
    exact: [
      0.056332629233670564, 0.0004349138384477579, 0.0034223018506928096, 0.02337424175035715,
      0.12186545418614947, 0.4038208011566089,
    ],
    of: ["q", 1],
  },
  3: {
    exact: [
      0.13830515236470134, 0.0017836766062629887, 0.010311721736309232, 0.0522637016499217,
      0.20605570868792816, 0.5357296755556122,
    ],
    of: ["q", 1],
  },
  9: { exact: [0.1404463740416065], of: ["qtilde", 1] },
  10: { exact: [0.023324962693516277, 0.4441536598676126, 0.052515525146114225], of: ["qtilde", 1] },
  19: {
    exact: [
      1.0262759652978115, 0.6576648588618228, 0.8800008483496685, 1.1245533658666549, 1.5024583514854681,
      2.0923554658072065,
    ],
    of: ["qtilde", 1],
  },
  20: {
    exact: [
      1.0115718813897752, 0.5598842550823577, 0.757029023474677, 1.0623550006840163, 1.501180827147863,
      2.0508020217920797,
    ],
    of: ["qtilde", 1.0115718813897752],
  },
  // (n / σ²)^(-1/2) of the two bins with σ from the model's slopes at the minimum, which its Hessian has exactly.
  51: { exact: [0.2643157324645508, 0], of: ["qtilde", 1] },
  61: {
    exact: [
      0.04536750287360776, 0.005984530326396865, 0.02610294419254659, 0.10093831455194921, 0.3101959905573139,
      0.6553658317018851,
    ],
    of: ["qtilde", 1],
  },
  // μ = n / (1.1 s), so σ = √n / (1.1 s).
  72: { exact: [Math.sqrt(475) / (1.1 * 51.8), 0] },
  74: { exact: [1.480387850247409, 0.9, 1.1, 0.9751785816756069] },
  // (b - 2)² + (b - 1)⁴ is least at b = 1.5897545..., where its slope 2 (b - 2) + 4 (b - 1)³ is 0.
  77: { exact: [-1.469235749966358, 0.8210833214120029] },
  78: {
    exact: [
      0.7808570769582178, 0.40238169824344716, 0.5485015091761102, 0.7193559109492348, 0.8785159513482812,
      0.9716738052565888,
    ],
    of: ["qtilde", 0.1],
  },
  80: {
    exact: [0.0008051713889576932, 3.1540268346030422, 0.00033336147169522667, 3.4029097718274333],
    of: ["q0", 0],
  },
};

/**
 * Proves that the fits behind an entry are minima: the gradient vanishes (at a bound: points out of it), the Hessian is
 * positive definite, and fits from eight other starts end no lower.
 */
export function prove({ model, data }: { model: Model; data: Float64Array }, { of }: Optimum): void {
  if (!of) return;
  const [testStat, mu] = of;
  const { pars, status } = hypotest(mu, data, model, { testStat });
  expect(status).toBe("converged");
  const { asimovPars, fixedPoiFitToData, freeFitToData, fixedPoiFitToAsimov } = pars!;
  const asimov = evaluate(model, (m, p) => m.expectedData(p), asimovPars) as unknown as Float64Array;
  minimal(model, data, freeFitToData, false);
  minimal(model, data, fixedPoiFitToData, true);
  minimal(model, data, asimovPars, true);
  minimal(model, asimov, fixedPoiFitToAsimov, true);
}

function minimal(model: Model, data: Float64Array, x: Float64Array, held: boolean): void {
  const { suggestedLower: lower, suggestedUpper: upper, poiIndex: poi, npars } = model.config;
  const [gradient, hessian] = evaluate(
    model,
    (m, p, d) => {
      const nll = (q: Tensor) => m.nll(q, d);
      return [grad(nll)(p), autoHessian(nll)(p).reshape([-1])];
    },
    x,
    data,
  ) as unknown as [Float64Array, Float64Array];
  const inside: number[] = [];
  for (let i = 0; i < npars; i++) {
    if (held && i === poi) continue;
    if (x[i]! <= lower[i]!) expect(gradient[i]).toBeGreaterThan(0);
    else if (x[i]! >= upper[i]!) expect(gradient[i]).toBeLessThan(0);
    else {
      expect(Math.abs(gradient[i]!)).toBeLessThan(1e-9 * Math.sqrt(hessian[i * npars + i]!) + 1e-10);
      inside.push(i);
    }
  }
  expect(pivots(inside.map((i) => inside.map((j) => hessian[i * npars + j]!))).every((v) => v > 0)).toBe(
    true,
  );

  const value = (at: ArrayLike<number>) => evaluate(model, (m, p, d) => m.nll(p, d), at, data) as number;
  const draw = new Draw(npars);
  for (let k = 0; k < 8; k++) {
    const start = x.map((v, i) => {
      if (held && i === poi) return v;
      return Math.min(upper[i]!, Math.max(lower[i]!, v + (i === poi ? 1 : 0.5) * draw.normal()));
    });
    const other = held
      ? fixedPoiFit(x[poi!]!, data, model, { init: start })
      : bestFit(data, model, { init: start });
    expect(value(other.x)).toBeGreaterThan(value(x) - 1e-9);
  }
}

/** The pivots of a symmetric matrix: all positive if it is positive definite. */
function pivots(m: number[][]): number[] {
  return m.map((row, k) => {
    const pivot = row[k]!;
    for (let i = k + 1; i < m.length; i++) {
      const factor = m[i]![k]! / pivot;
      for (let j = k; j < m.length; j++) m[i]![j]! -= factor * row[j]!;
    }
    return pivot;
  });
}
