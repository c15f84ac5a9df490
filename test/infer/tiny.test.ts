// Bins that expect next to nothing: squares of their numbers vanish, the answers of a model do not change for them.
import { describe, expect, it } from "vitest";
import { hypotest, init, readWorkspace } from "../../src/index.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

await init();

interface Bins {
  readonly signal: number[];
  readonly background: number[];
  readonly observed: number[];
  readonly errors?: number[];
}

/** One channel: a signal of free strength, a background of 10 %, with or without statistical errors. */
function cls({ signal, background, observed, errors }: Bins): number[] {
  const modifiers = [
    { name: "n", type: "normsys", data: { lo: 0.9, hi: 1.1 } },
    ...(errors ? [{ name: "stat", type: "staterror", data: errors }] : []),
  ];
  const workspace = {
    channels: [
      {
        name: "SR",
        samples: [
          { name: "sig", data: signal, modifiers: [{ name: "mu", type: "normfactor", data: null }] },
          { name: "b", data: background, modifiers },
        ],
      },
    ],
    observations: [{ name: "SR", data: observed }],
    measurements: [{ name: "m", config: { poi: "mu", parameters: [] } }],
    version: "1.0.0",
  };
  const read = readWorkspace(workspace as never);
  const model = read.model();
  const test = hypotest(1, [...read.observed(), ...model.suggestedAuxdata()], model);
  return [test.cls, ...test.expectedSet];
}

/** Ends of an exponent's range: some by chance, the smallest always. */
const powers = (seed: number) => {
  const draw = random(seed);
  return [5e-324, 1e-310, 1e-160, 1e-155, ...Array.from({ length: runs(6) }, () => 10 ** (-323 * draw()))];
};

describe("bins that expect next to nothing", () => {
  // pyhf 0.7: 0.505575.
  const plain = { signal: [2], background: [4], observed: [5] };
  const want = cls(plain);

  it("change no answer where nothing is observed", () => {
    expect(want[0]).toBeCloseTo(0.505575, 5);
    const tiny = powers(3).filter((v) => v < 1e-12);
    const other = powers(4).filter((v) => v < 1e-12);
    for (const s of [0, ...tiny]) {
      for (const b of other) {
        const got = cls({
          signal: [s, ...plain.signal],
          background: [b, ...plain.background],
          observed: [0, ...plain.observed],
        });
        got.forEach((v, i) => {
          if (!(Math.abs(v - want[i]!) < 1e-6))
            expect.fail(`${v}, not ${want[i]}, with s = ${s} and b = ${b}`);
        });
      }
    }
  });

  it("nor do statistical errors of theirs", () => {
    const errors = [0.4];
    const alone = cls({ ...plain, errors });
    for (const b of powers(5).filter((v) => v < 1e-12 && v > 1e-300)) {
      const got = cls({
        signal: [b, ...plain.signal],
        background: [b, ...plain.background],
        observed: [0, ...plain.observed],
        errors: [b / 2, ...errors],
      });
      got.forEach((v, i) => {
        if (!(Math.abs(v - alone[i]!) < 1e-5)) expect.fail(`${v}, not ${alone[i]}, with b = ${b}`);
      });
    }
  });
});
