import { beforeAll, describe, expect, it } from "vitest";
import { compile, hist, init, type Tensor, table, valueAndGrad } from "../../src/index.js";
import { random } from "../kit/random.js";

/** What gradhep/relaxed's own tests ask of its histogram, and closed forms of a small one. */
beforeAll(() => init());

const phi = (z: number) => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
type Events = { x: Tensor };

/** Standard normal numbers. */
function normals(n: number, seed: number): Float64Array {
  const draw = random(seed);
  return Float64Array.from(
    { length: n },
    () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()),
  );
}

/** np.histogram's counts. */
function counts(x: Float64Array, edges: readonly number[]): number[] {
  const out = new Array<number>(edges.length - 1).fill(0);
  for (const v of x) {
    const bin = edges.findIndex(
      (e, j) => v >= e && (v < edges[j + 1]! || (j === edges.length - 2 && v === edges[j + 1]!)),
    );
    if (bin >= 0) out[bin]!++;
  }
  return out;
}

describe("relaxed's tests", () => {
  const x = normals(10000, 1);
  const edges = [-1, -0.4, 0, 0.3, 1.2];
  const run = (options: { density?: boolean; flow?: "drop" | "reflect" }, dtype: "f32" | "f64" = "f64") =>
    compile((e: Events) => hist(e.x, { bins: edges, bandwidth: 1e-6, ...options }))(
      table({ x }, { dtype }),
    ) as unknown as Float64Array;
  const hard = counts(x, edges);
  const outside = [x.filter((v) => v < edges[0]!).length, x.filter((v) => v > edges.at(-1)!).length] as const;
  const whole = hard.map((c, i) => c + (i === 0 ? outside[0] : i === 3 ? outside[1] : 0));
  const perWidth = (list: number[]) => {
    const total = list.reduce((a, b) => a + b);
    return list.map((c, i) => c / (edges[i + 1]! - edges[i]!) / total);
  };

  for (const dtype of ["f32", "f64"] as const) {
    it(`a bandwidth of 1e-6 is the hard histogram (${dtype})`, () => {
      expect([...run({}, dtype)].map((v) => Math.round(v * 1e6) / 1e6)).toEqual(hard);
    });
  }

  it("and so is its density", () => {
    const want = perWidth(hard);
    run({ density: true }).forEach((v, i) => {
      expect(Math.abs(v / want[i]! - 1)).toBeLessThan(1e-12);
    });
  });

  it("reflection loses no weight", () => {
    const got = run({ flow: "reflect" });
    got.forEach((v, i) => {
      expect(Math.abs(v - whole[i]!)).toBeLessThan(1e-9);
    });
    expect(got.reduce((a, b) => a + b)).toBeCloseTo(x.length, 9);
  });

  it("a density with reflection keeps what lies beyond the edges, which relaxed 0.4.0 drops", () => {
    const got = run({ flow: "reflect", density: true });
    const want = perWidth(whole);
    got.forEach((v, i) => {
      expect(Math.abs(v / want[i]! - 1)).toBeLessThan(1e-12);
    });
    expect(got.reduce((s, v, i) => s + v * (edges[i + 1]! - edges[i]!), 0)).toBeCloseTo(1, 12);
  });

  it("a bandwidth of 0.15 stays within 0.01 of the hard density of 5000 events", () => {
    const few = normals(5000, 3);
    const bins = Array.from({ length: 7 }, (_, i) => -3 + i);
    const soft = compile((e: Events) => hist(e.x, { bins, bandwidth: 0.15, density: true }))(
      table({ x: few }),
    ) as unknown as Float64Array;
    const n = counts(few, bins);
    const total = n.reduce((a, b) => a + b);
    soft.forEach((v, i) => {
      expect(Math.abs(v - n[i]! / total)).toBeLessThan(0.01);
    });
  });

  it("the gradient of a bin in the mean is -(φ(b - μ) - φ(a - μ))", () => {
    const [a, b] = [-0.7, 1.1];
    const share = compile((p: { mu: Tensor }, e: Events) =>
      valueAndGrad((mu: Tensor) =>
        hist(e.x.add(mu), { bins: [a, b], bandwidth: 0.1 })
          .at(0)
          .div(10000),
      )(p.mu),
    );
    const seeds = [0, 1, 2, 3, 4].map((s) => table({ x: normals(10000, 10 + s) }, { dtype: "f64" }));
    for (let i = 0; i < 100; i++) {
      const mu = -2 + (4 * i) / 99;
      const got = seeds.reduce((t, data) => t + (share({ mu }, data) as { grads: number }).grads / 5, 0);
      const want = -(phi(b - mu) - phi(a - mu));
      expect(Math.abs(got - want)).toBeLessThan(0.01 + 0.05 * Math.abs(want));
      // A normal of variance 1 + h² is what the smoothed bins see.
      const s = Math.sqrt(1.01);
      const smeared = -(phi((b - mu) / s) - phi((a - mu) / s)) / s;
      expect(Math.abs(got - smeared)).toBeLessThan(0.012);
    }
  });
});

describe("closed forms", () => {
  const x = Float64Array.of(-1.3, -0.2, 0.05, 0.4, 0.9, 1.7, 2.2);
  const edges = [-1, -0.5, 0, 0.5, 1, 1.5, 2];
  const vectors = [
    {
      h: 0.1,
      counts: null,
      density: [
        0.0010750345853952313, 0.5114605056016357, 0.6194032753976462, 0.39817697443746963,
        0.07223349006583946, 0.39765071991201373,
      ],
      reflected: [
        1.001349917021192, 1.2844691609984489, 1.5555539416163306, 0.9999717254472636, 0.18140538587963628,
        1.9772498690371285,
      ],
      dx: [
        1.758749542595104e-70, 9.13472040836466e-11, 0.00015983741106905466, 2.4197071844326055,
        -2.4183689429337853, -9.13472040836466e-11, -2.146383735662999e-31,
      ],
      dh: null,
    },
    {
      h: 0.5,
      counts: [
        0.5925726760198172, 0.9654499935108755, 1.1756129042266013, 0.9815543461383768, 0.7779310204241274,
        0.7615219996751156,
      ],
      density: [
        0.2255425088961005, 0.36746549843092097, 0.4474568177710432, 0.37359506910257423, 0.29609281898224676,
        0.2898472868171144,
      ],
      reflected: [
        1.3936107823046084, 0.9654499935108755, 1.1756129042266013, 0.9815543461383768, 0.7779310204241274,
        1.705840953395411,
      ],
      dx: [
        0.0012035221560965702, 0.25466587068180396, 0.40093887024815644, 0.3937132779844858,
        -0.2027022824279463, -0.25466587068180396, -0.04232462225273973,
      ],
      dh: [
        0.6666106518273575, -0.3824976447814256, -0.95010240053775, 0.02697370715302963, 0.5014739024583836,
        -0.32718259720073,
      ],
    },
  ];

  for (const { h, counts, density, reflected, dx, dh } of vectors)
    for (const [dtype, value, slope] of [
      ["f64", 1e-10, 1e-9],
      ["f32", 1e-5, 1e-5],
    ] as const) {
      const near = (got: ArrayLike<number>, want: readonly number[], tolerance: number, absolute = 0) => {
        expect(got.length).toBe(want.length);
        want.forEach((w, i) => {
          expect(Math.abs(got[i]! - w)).toBeLessThan(tolerance * Math.abs(w) + absolute);
        });
      };
      it(`bandwidth ${h}, ${dtype}`, () => {
        const f = compile((p: { h: Tensor }, e: Events) => {
          const bins = { bins: edges, bandwidth: p.h };
          const at = (j: number) =>
            valueAndGrad((a: { x: Tensor; h: Tensor }) => hist(a.x, { bins: edges, bandwidth: a.h }).at(j))({
              x: e.x,
              h: p.h,
            }).grads;
          return {
            counts: hist(e.x, bins),
            density: hist(e.x, { ...bins, density: true }),
            reflected: hist(e.x, { ...bins, flow: "reflect" }),
            kept: hist(e.x, { ...bins, flow: "keep" }),
            dx: at(3).x,
            dh: edges.slice(1).map((_, j) => at(j).h),
          };
        });
        const got = f({ h }, table({ x }, { dtype })) as unknown as Record<string, Float64Array>;
        // In f32 the events are rounded before they are used.
        if (counts) near(got.counts!, counts, value);
        near(got.density!, density, dtype === "f32" ? 1e-4 : value);
        near(got.reflected!, reflected, dtype === "f32" ? 1e-4 : value);
        near(got.dx!, dx, slope, dtype === "f32" ? 1e-4 : 1e-14);
        if (dh) near(got.dh!, dh, slope, dtype === "f32" ? 1e-5 : 0);
        const kept = got.kept!;
        near(kept.slice(1, -1), [...got.counts!], 1e-14);
        expect(kept.reduce((a, b) => a + b)).toBeCloseTo(x.length, 12);
      });
    }
});
