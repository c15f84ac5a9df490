// Parameters that meet one bin only: fits that use the arrow of their Hessian against fits with the whole matrix.

import { beforeAll, describe, expect, test } from "vitest";
import { Arrow } from "../../src/histfactory/model/envelope.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  grad,
  hessian,
  hypotest,
  init,
  type Likelihood,
  type Model,
  readWorkspace,
  type Tensor,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";
import { many, whole } from "../kit/manybins.js";
import { Draw, randomPoint, randomWorkspace } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";

beforeAll(() => init());

function expectSame(model: Model, pars: Float64Array, data: Float64Array, what: string) {
  const n = model.config.npars;
  const sparse = model.sparse();
  if (!sparse) return false;
  const both = compile((p: Tensor, x: Tensor) => ({
    dense: model.hessian(p, x),
    ...sparse.hessian(p, x),
  }))(pars, data);
  const [dense, triangle, diagonal] = [both.dense, both.triangle, both.diagonal].map(flat) as [
    number[],
    number[],
    number[],
  ];
  const scale = Math.max(...dense.map(Math.abs));
  let at = 0;
  const seen = new Float64Array(n * n);
  sparse.first.forEach((first, i) => {
    const row = sparse.order[i]!;
    expect(sparse.places[row]).toBe(i);
    expect(diagonal![i]).toBe(triangle![at + i - first]);
    for (let j = first; j <= i; j++) {
      const column = sparse.order[j]!;
      seen[row * n + column] = seen[column * n + row] = triangle![at++]!;
    }
  });
  const worst = dense.reduce((most, value, i) => Math.max(most, Math.abs(value - seen[i]!)), 0);
  expect(worst / scale, what).toBeLessThan(1e-12);
  return true;
}

describe("the Hessian as an arrow", () => {
  test("has the entries of the whole matrix", () => {
    let checked = 0;
    for (let seed = 1; seed <= runs(6); seed++) {
      const { model, data } = many(seed, 5 + (seed % 6), 1 + (seed % 3));
      const draw = new Draw(50 + seed);
      const pars = model.config.suggestedInit.map((x) => x + draw.between(0, 0.2));
      if (expectSame(model, pars, data, `seed ${seed}`)) checked++;
    }
    expect(checked).toBeGreaterThan(3);
  });

  test("of random workspaces, too", () => {
    for (let seed = 1; seed <= runs(6); seed++) {
      const drawn = randomWorkspace(400 + seed);
      const workspace = readWorkspace(drawn.workspace);
      const model = workspace.model({ interpcodes: drawn.interpcodes });
      expectSame(model, randomPoint(new Draw(seed), model.config), workspace.data(model), `seed ${seed}`);
    }
  });

  test("grows with the bins", () => {
    const entries = (bins: number) => {
      const ends = Int32Array.from({ length: bins }, (_, bin) => 3 * (bin + 1));
      const columns = Int32Array.from({ length: 3 * bins }, (_, q) => (q % 3 < 2 ? q % 3 : 2 + (q - 2) / 3));
      return new Arrow(bins + 2, { columns, ends }).entries;
    };
    expect(entries(100)).toBe(100 + 101 + 102);
    expect(entries(10000)).toBe(3 * 10000 + 3);
  });
});

describe("fits with the arrow", () => {
  test("and tests are those with the whole matrix, with their derivatives", () => {
    for (let seed = 1; seed <= runs(1); seed++) {
      const { model, data } = many(seed, 8);
      expect(model.sparse()).not.toBeNull();
      const [a, b] = [bestFit(data, model), bestFit(data, whole(model))];
      expect([a.status, b.status], `seed ${seed}`).toEqual(["converged", "converged"]);
      expect(Math.abs(a.value - b.value)).toBeLessThan(1e-10 * Math.abs(b.value));
      a.x.forEach((x, i) => {
        expect(Math.abs(x - b.x[i]!), `${seed} ${i}`).toBeLessThan(1e-7);
      });
      const slopes = (m: Likelihood) =>
        compile((x: Tensor) => {
          const cls = (y: Tensor) => hypotest(1, y, m).cls;
          return { value: cls(x), slope: grad(cls)(x) };
        })(data) as { value: number; slope: Float64Array };
      const [s, w] = [slopes(model), slopes(whole(model))];
      expect(Math.abs(s.value / w.value - 1)).toBeLessThan(1e-9);
      const size = Math.max(...w.slope.map(Math.abs));
      s.slope.forEach((d, i) => {
        expect(Math.abs(d - w.slope[i]!) / size, `${seed} d${i}`).toBeLessThan(1e-7);
      });
    }
  });

  test("second derivatives of the place of a minimum", () => {
    const { model, data } = many(5, 7);
    const bends = (m: Likelihood) =>
      compile((t: Tensor) => {
        const best = (u: Tensor) => {
          return bestFit(shift(data, u), m).x.at(0);
        };
        return [best(t), grad(best)(t), hessian(best)(t)];
      })(0.1) as unknown as number[];
    const [s, w] = [bends(model), bends(whole(model))];
    s.forEach((value, i) => {
      expect(Math.abs(value / w[i]! - 1), `order ${i}`).toBeLessThan(1e-6);
    });
  });

  test("two thousand bins with a statistical uncertainty each", () => {
    const { model, data } = many(9, 2000, 1);
    expect(model.sparse()!.first.length).toBe(model.config.npars);
    const found = hypotest(1, data, model);
    expect(found.status).toBe("converged");
    const best = bestFit(data, model);
    expect(best.status).toBe("converged");
    expect(best.edm).toBeLessThan(1e-9);
  });
});

/** Data of which the first three bins depend on a number. */
const shift = (data: Float64Array, u: Tensor): Tensor => {
  const some = Float64Array.from(data, (x, i) => (i < 3 ? x : 0));
  return u.mul(constantArray(some)).add(constantArray(data));
};
