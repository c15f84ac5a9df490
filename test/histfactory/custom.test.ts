import { beforeAll, describe, expect, test } from "vitest";
import { SpecError } from "../../src/histfactory/document/specerror.js";
import {
  fit as bestFit,
  compile,
  constantArray,
  hessian,
  histfactory,
  init,
  type Model,
  type Tensor,
} from "../../src/index.js";
import {
  close,
  evaluate,
  expectedMain,
  histosys,
  mu,
  normsys,
  sample,
  shapesys,
  staterror,
} from "../kit/modelhelp.js";

beforeAll(() => init());

const [low, nominal, high] = [
  [45, 57],
  [50, 52],
  [55, 47],
];
const modifiers = {
  // code0 and code1 of HistFactory, and a factor, written as modifiers of one's own.
  straight: {
    op: "addition" as const,
    apply: (a: Tensor, { nominal: n }: { nominal: Tensor }) => {
      const [up, down] = [
        constantArray(Float64Array.from(high!)).sub(n),
        n.sub(constantArray(Float64Array.from(low!))),
      ];
      return a.gt(0).mul(up).add(a.le(0).mul(down)).mul(a);
    },
  },
  power: {
    op: "multiplication" as const,
    apply: (a: Tensor, { data }: { data: unknown }) => a.mul(Math.log(data as number)).exp(),
  },
  scale: {
    op: "multiplication" as const,
    apply: (a: Tensor) => a,
    init: 1,
    bounds: [0, 10] as const,
    constraint: "none" as const,
  },
};
const others = [shapesys("own", [3, 7]), staterror("mc", [2, 2])];

function custom(): Model {
  const own = [
    { name: "shape", type: "straight", data: null },
    { name: "norm", type: "power", data: 1.1 },
    { name: "k", type: "scale", data: null },
    ...others,
  ];
  const samples = [sample("s", [12, 11], [mu]), sample("b", nominal!, own as never)];
  return histfactory({ channels: [{ name: "SR", samples }] }, { modifiers });
}

function standard(): Model {
  const own = [
    histosys("shape", low!, high!),
    normsys("norm", 1 / 1.1, 1.1),
    { name: "k", type: "normfactor", data: null } as const,
    ...others,
  ];
  const samples = [sample("s", [12, 11], [mu]), sample("b", nominal!, own)];
  const interpcodes = { normsys: "code1", histosys: "code0" } as const;
  return histfactory({ channels: [{ name: "SR", samples }] }, { interpcodes });
}

/** Parameters by name in the order of a model. */
const place = ({ config }: Model, values: Record<string, number>) =>
  config.parNames.map((name) => values[name]!);
const values = {
  mu: 0.8,
  shape: -0.4,
  norm: 0.7,
  k: 1.3,
  "own[0]": 1.1,
  "own[1]": 0.9,
  "mc[0]": 1.02,
  "mc[1]": 0.97,
};

describe("custom modifiers", () => {
  test("give what HistFactory's own give", () => {
    const [a, b] = [custom(), standard()];
    expect(a.config.parOrder).toEqual(["mu", "own", "mc", "shape", "norm", "k"]);
    close(expectedMain(a, place(a, values)), expectedMain(b, place(b, values)), 1e-14);
    const data = (m: Model) => [60, 58, ...m.suggestedAuxdata()];
    const logpdf = (m: Model) =>
      evaluate(m, (q, p, d) => q.logpdf(p, d), place(m, values), data(m)) as number;
    close([logpdf(a)], [logpdf(b)], 1e-13);
    const best = [a, b].map((m) => bestFit(data(m), m));
    expect(best.map(({ converged }) => converged)).toEqual([true, true]);
    close([best[0]!.value], [best[1]!.value], 1e-11);
  });

  test("have the Hessian of the likelihood, and keys of their own", () => {
    const a = custom();
    const both = (m: Model, p: Tensor, d: Tensor) => [
      m.hessian(p, d),
      hessian((x: Tensor) => m.nll(x, d))(p),
    ];
    const data = [60, 58, ...a.suggestedAuxdata()];
    const [closed, derived] = evaluate(a, both, place(a, values), data) as unknown as Float64Array[];
    close(closed!, derived!, 1e-11);
    expect(a.key).toBe(custom().key);
    const changed = { ...modifiers, power: { ...modifiers.power } };
    const channels = [
      { name: "SR", samples: [sample("b", nominal!, [{ name: "n", type: "power", data: 1.1 } as never])] },
    ];
    const key = (m: typeof modifiers) => histfactory({ channels }, { modifiers: m, poi: null }).key;
    expect(key(modifiers)).not.toBe(key(changed));
  });

  test("unknown without their functions", () => {
    const channels = [
      { name: "SR", samples: [sample("b", [1], [{ name: "n", type: "power", data: 1 } as never])] },
    ];
    expect(() => histfactory({ channels }, { poi: null })).toThrow(SpecError);
    expect(() =>
      compile((p: Tensor) => histfactory({ channels }, { poi: null }).expectedData(p)),
    ).not.toThrow();
  });
});
