import { beforeAll, describe, expect, it } from "vitest";
import { rootEnds } from "../../src/core/agreed.js";
import { stack } from "../../src/core/elementary/join.js";
import { fixedPoiFit } from "../../src/entry/stats.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  grad,
  histfactory,
  hypotest,
  init,
  minimize,
  root,
  type Scalar,
  type Tensor,
  vmap,
  where,
} from "../../src/index.js";
import { flat } from "../kit/flat.js";

beforeAll(() => init());

const numbers = (x: unknown) => x as Record<string, number>;

describe("a fit with several starts", () => {
  it("goes on from the next where one leads nowhere, and differentiates as from the first", () => {
    // log x - a x has no value at the first start; its maximum is at 1/a.
    const f = (a: Tensor) =>
      minimize((x) => a.mul(x).sub(x.log()).sum(), constantArray([-1]), {
        search: { starts: [constantArray([-2]), constantArray([3])] },
      });
    const found = numbers(
      compile((a: Tensor) => ({
        x: f(a).x.at(0),
        status: f(a).status,
        d: grad((b: Tensor) => f(b).x.sum())(a),
      }))(2),
    );
    expect(found.status).toBe(0);
    expect(found.x).toBeCloseTo(0.5, 14);
    expect(found.d).toBeCloseTo(-0.25, 12);
  });

  // Minima near -1 (lower) and 1.
  const double = (x: Tensor) => x.square().sub(1).square().add(x.mul(0.1)).sum();
  it.each([
    ["one start finds the near minimum", {}, 0.987],
    ["starts that are always tried", { starts: [-0.5], always: 1 }, -1.0121],
    ["starts that are not needed", { starts: [-0.5] }, 0.987],
    ["the mirror image", { mirror: true }, -1.0121],
  ] as const)("%s", (_, options, want) => {
    const { starts = [], ...rest } = options as { starts?: number[]; always?: number; mirror?: boolean };
    const found = compile((x0: Tensor) => {
      const r = minimize(double, x0.reshape([1]), {
        search: { starts: starts.map((s) => constantArray([s])), ...rest },
      });
      return { x: r.x.at(0), status: r.status };
    })(0.3);
    expect(numbers(found).status).toBe(0);
    expect(numbers(found).x).toBeCloseTo(want, 3);
  });

  it("keeps coordinates that are not free at those of the first start", () => {
    const x = compile(
      (a: Tensor) =>
        minimize((v) => v.at(0).sub(v.at(1)).square(), stack([a, a.mul(2)]), {
          free: constantArray([1, 0]),
          search: { starts: [constantArray([7, 7])], always: 1, mirror: true },
        }).x,
    )(3);
    expect(Array.from(x as Float64Array)).toEqual([6, 6]);
  });
});

describe("a fit through negative curvature of many coordinates together", () => {
  // A well along the sum of all: its curvature on the way is many times that of any coordinate alone.
  const well = (n: number, far: number) => (x0: Tensor) => {
    const objective = (x: Tensor) => {
      const away = x
        .sum()
        .mul(1 / Math.sqrt(n))
        .sub(far)
        .square();
      return x.square().sum().mul(0.01).sub(away.mul(-0.125).exp().mul(10)) as Scalar;
    };
    const { value, status, steps } = minimize(objective, x0);
    return { value, status, steps };
  };
  it.each([
    [10, 6, -9.642857544755],
    [30, 6, -9.642857544755],
    [30, 8, -9.365080635739],
    [60, 7, -9.513889633581],
    [100, 8, -9.365080635739],
    [200, 7, -9.513889633581],
  ])("%i coordinates, %i away, take few steps", (n, far, want) => {
    const start = Float64Array.from({ length: n }, (_, i) => 0.01 * Math.sin(i));
    const found = numbers(compile(well(n, far))(start));
    expect(found.status).toBe(0);
    expect(found.value).toBeCloseTo(want, 10);
    expect(found.steps).toBeLessThanOrEqual(16);
  });
});

describe("a fit whose derivative jumps", () => {
  /** -2 x or 3 x on the sides of 0, drawn to a; and y drawn to x + a. */
  const kinked = (a: Tensor) =>
    minimize(
      (v) => {
        const [x, y] = [v.at(0), v.at(1)];
        const slope = where(x.gt(0), x.mul(3), x.mul(-2));
        return slope.add(x.sub(a).square()).add(y.sub(x).sub(a).square());
      },
      constantArray([0.7, 0.2]),
      { search: { kinks: constantArray([1, 0]) } },
    );
  const f = compile((a: Tensor) => ({
    x: kinked(a).x.at(0),
    y: kinked(a).x.at(1),
    status: kinked(a).status,
    dx: grad((b: Tensor) => kinked(b).x.at(0))(a),
    dy: grad((b: Tensor) => kinked(b).x.at(1))(a),
    dv: grad((b: Tensor) => kinked(b).value)(a),
  }));

  it.each([-3, -0.9, -0.5, 0, 0.5, 1.4, 3])("the minimum at a = %s, on the kink or beside it", (a) => {
    const x = a > 1.5 ? a - 1.5 : a < -1 ? a + 1 : 0;
    const moves = x === 0 ? 0 : 1;
    const found = numbers(f(a));
    expect(found.status).toBe(0);
    expect(found.x).toBeCloseTo(x, 14);
    expect(found.y).toBeCloseTo(x + a, 14);
    expect([found.dx, found.dy]).toEqual([moves, moves + 1]);
    expect(found.dv).toBeCloseTo(2 * (a - x), 12);
  });

  it.each([
    [10, 1, 4],
    [3, 3, 3],
    [-1, 3, -1],
    [-7, 3, -7],
  ])("a jump by %s at 1: the minimum before or behind it", (jump, x, value) => {
    const f = compile((start: Tensor) => {
      const found = minimize((v) => v.sub(3).square().add(v.gt(1).mul(jump)).sum(), start.reshape([1]), {
        search: { kinks: constantArray([2]), mirror: true },
      });
      return { x: found.x.at(0), value: found.value, status: found.status };
    });
    for (const start of [-4, 0, 0.9, 1, 1.1, 7]) {
      const found = numbers(f(start));
      expect(found.status).toBe(0);
      expect(found.x).toBeCloseTo(x, 12);
      expect(found.value).toBeCloseTo(value, 12);
    }
  });

  const spec = {
    channels: [
      {
        name: "signal",
        samples: [
          { name: "signal", data: [30, 35], modifiers: [{ name: "mu", type: "normfactor", data: null }] },
          {
            name: "bkg1",
            data: [100, 100],
            modifiers: [{ name: "c", type: "histosys", data: { lo_data: [90, 90], hi_data: [110, 110] } }],
          },
          {
            name: "bkg2",
            data: [50, 120],
            modifiers: [{ name: "c", type: "histosys", data: { lo_data: [30, 80], hi_data: [70, 160] } }],
          },
        ],
      },
    ],
  } as const;

  it("linear interpolation: the lowest of the minima between the kinks, from wherever", () => {
    const one = { ...spec.channels[0], name: "one" };
    const bent = structuredClone(spec.channels[0]) as unknown as {
      samples: { modifiers: { data: unknown }[] }[];
    };
    // Both variations raise the second bin, so that the kink separates two minima.
    bent.samples[2]!.modifiers[0]!.data = { lo_data: [30, 150], hi_data: [70, 160] };
    const model = histfactory(
      { channels: [bent, one] as never },
      { interpcodes: { histosys: "code0", normsys: "code1" } },
    );
    const data = [155, 250, 190, 262, 0];
    const found = bestFit(data, model);
    const fixed = fixedPoiFit(1, data, model);
    for (const start of [-3, -1, -0.3, 0.3, 1, 3]) {
      const at = Array.from(model.config.suggestedInit, (v, i) =>
        model.config.parNames[i] === "c" ? start : v,
      );
      expect(bestFit(data, model, { init: at }).value).toBeGreaterThan(found.value - 1e-9);
      expect(fixedPoiFit(1, data, model, { init: at }).value).toBeGreaterThan(fixed.value - 1e-9);
    }
    expect(hypotest(1, data, model).status).toBe("converged");
  });
});

describe("roots beyond their bracket", () => {
  it("tell what else there is at their end, also in maps, as the reference does", () => {
    const ask = (a: Tensor) => {
      const found = root((x) => x.square().sub(a), 0, 1, {
        grow: 5,
        also: (x) => stack([x.mul(a), x.exp()]),
      });
      return found.also!;
    };
    const one = compile(ask)(9) as unknown as Float64Array;
    expect(one[0]).toBeCloseTo(27, 12);
    expect(one[1]! / Math.exp(3)).toBeCloseTo(1, 12);
    const many = compile((a: Tensor) => vmap(ask)(a))([4, 9]);
    expect(Array.from(flat(many), (x) => Number(x.toPrecision(10)))).toEqual(
      [8, Math.exp(2), 27, Math.exp(3)].map((x) => Number(x.toPrecision(10))),
    );
  });

  it("can be returned as they are, from maps too", () => {
    const whole = (a: Tensor) => root((x) => x.sub(a), 0, 3);
    expect(compile(whole)(2)).toMatchObject({ x: 2, status: 0 });
    const many = compile((a: Tensor) => vmap(whole)(a))([1, 2]) as unknown as { x: Float64Array };
    expect([...many.x]).toEqual([1, 2]);
  });

  it("are found where the bracket may grow", () => {
    const f = compile((a: Tensor) => {
      const found = root((x) => x.square().sub(a), 0, 1, { grow: 5 });
      const stays = root((x) => x.square().sub(a), 0, 1);
      return {
        x: found.x,
        status: found.status,
        no: stays.status,
        d: grad((b: Tensor) => root((x) => x.square().sub(b), 0, 1, { grow: 5 }).x)(a),
      };
    });
    const found = numbers(f(49));
    expect(found).toMatchObject({ x: 7, status: 0, no: rootEnds.sameSign });
    expect(found.d).toBeCloseTo(1 / 14, 14);
    expect(numbers(f(1e9)).status).toBe(rootEnds.sameSign);
  });
});
