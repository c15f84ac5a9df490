/** What is said of every answer in numbers: the same fields, whatever was asked. */

import { beforeAll, expect, it } from "vitest";
import * as G from "../kit/library.js";

beforeAll(() => G.init());

type Model = G.Model;
const asked: [name: string, ask: (d: number[], m: Model) => object][] = [
  ["fit", (d, m) => G.fit(d, m)],
  ["fixedPoiFit", (d, m) => G.fixedPoiFit(1, d, m)],
  ["hypotest", (d, m) => G.hypotest(1, d, m)],
  ["qmuTilde", (d, m) => G.qmuTilde(1, d, m)],
  ["q0", (d, m) => G.q0(d, m)],
  ["upperLimit", (d, m) => G.upperLimit(d, m)],
  ["limitScan", (d, m) => G.limitScan([0.5, 1, 2], d, m)],
  ["discovery", (d, m) => G.discovery(d, m)],
  ["goodnessOfFit", (d, m) => G.goodnessOfFit(d, m)],
  ["uncertainties", (d, m) => G.uncertainties(d, m)],
];

/** Nothing is expected in the second bin, so data there have no fit. */
const spec = {
  channels: [{ name: "c", samples: [{ name: "s", data: [5, 0], modifiers: [G.normfactor("mu")] }] }],
};

it.each(asked)("%s has its status as a sentence, and why it failed", (_, ask) => {
  const good = ask([52, 51], G.uncorrelatedBackground([5], [50], [7]));
  expect(good).toMatchObject({
    status: "converged",
    message: "converged",
    converged: true,
    failure: null,
    impossible: [],
  });
  const bad = ask([5, 3], G.histfactory(spec));
  const { status, message, failure, warnings, impossible } = bad as G.Fit;
  expect(status).not.toBe("converged");
  expect(bad).toMatchObject({ converged: false });
  expect(message).toBe(G.statusMessage(status));
  expect(failure).toMatch(/bin 1 of channel "c" holds 3, but nothing is expected there/);
  expect(warnings).toContain(failure);
  expect(impossible).toMatchObject([{ channel: "c", bin: 1 }]);
});

it("statuses are one for each limit, and for each point", () => {
  const [data, model] = [[52, 51], G.uncorrelatedBackground([5], [50], [7])] as const;
  expect(G.upperLimit(data, model).statuses).toEqual(Array(6).fill("converged"));
  const { statuses, cls, status } = G.limitScan([0.5, 1, 2], data, model);
  expect(statuses).toEqual(Array(3).fill("converged"));
  // A step limit that some points keep.
  const few = G.limitScan([0.5, 1, 2], data, model, { maxSteps: 3 });
  expect(few.statuses).toContain("maxSteps");
  few.statuses.forEach((ended, i) => {
    expect(Number.isNaN(few.cls[i]!), `${i}`).toBe(ended !== "converged");
  });
  expect([cls.every(Number.isFinite), status]).toEqual([true, "converged"]);
});
