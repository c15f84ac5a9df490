// Models of which the data leave some parameters undetermined: the others have their numbers, those have none and are named.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { contour, fittedYields, minos, profileScan, pulls, ranking } from "../../src/entry/stats.js";
import {
  histfactory,
  init,
  type Model,
  normfactor,
  normsys,
  staterror,
  uncertainties,
} from "../../src/index.js";
import { correlations } from "../../src/infer/undetermined.js";
import { run } from "../kit/clirun.js";
import { Draw } from "../kit/randomworkspace.js";
import { runs } from "../kit/runs.js";
import { scratch } from "../kit/scratch.js";
import { documentOf, one } from "../kit/statcases.js";

beforeAll(() => init());

const { folder } = scratch();

interface Loose {
  readonly model: Model;
  readonly data: Float64Array;
  /** The parameters that are undetermined; holding the first alone determines the others. */
  readonly names: readonly string[];
}

/** A channel with one direction along which its expectation does not change, of one of several kinds. */
function loose(seed: number, bins = 3 + (seed % 4)): Loose {
  const draw = new Draw(seed);
  const yields = (low: number, high: number) => Array.from({ length: bins }, () => draw.between(low, high));
  const [signal, background, other] = [yields(2, 8), yields(20, 40), yields(5, 15)];
  const [twin, names] = (
    [
      // A factor of a sample that has one, one of the same shape, and one of nothing.
      [{ data: other, modifiers: [normfactor("a"), normfactor("b")] }, ["a", "b"]],
      [{ data: signal.map((x) => 1.7 * x), modifiers: [normfactor("a")] }, ["a", "mu"]],
      [{ data: other.map(() => 0), modifiers: [normfactor("a")] }, ["a"]],
    ] as const
  )[seed % 3]!;
  const stat = background.map((x) => x * draw.between(0.02, 0.1));
  const model = histfactory({
    channels: [
      {
        name: "c",
        samples: [
          { name: "s", data: signal, modifiers: [normfactor("mu")] },
          { name: "t", ...twin },
          { name: "x", data: background, modifiers: [normsys("k", 1.1, 0.92), staterror("st", stat)] },
        ],
      },
    ],
  });
  const seen = background.map((x, i) => Math.round(x + signal[i]! + twin.data[i]! + draw.between(-2, 2)));
  return { model, data: Float64Array.from([...seen, ...model.suggestedAuxdata()]), names };
}

const poi = "mu";

describe("where the data leave parameters undetermined", () => {
  test("the others have the uncertainties that they have with one of these held", () => {
    for (let seed = 1; seed <= runs(6); seed++) {
      const { model, data, names } = loose(seed);
      const found = pulls(data, model, { poi });
      expect(found.status).toBe("converged");
      expect([...found.undetermined].sort(), `seed ${seed}`).toEqual(names);
      for (const name of names) expect(found.warnings.join()).toContain(name);
      const held = uncertainties(data, model, {
        init: found.x,
        hold: { [names[0]!]: found.x[found.names.indexOf(names[0]!)]! },
      });
      found.names.forEach((name, i) => {
        if (names.includes(name)) expect(found.stdev[i]).toBeNaN();
        else expect(found.stdev[i]! / held.stdev[i]!, `${seed} ${name}`).toBeCloseTo(1, 6);
      });
      // All constrained parameters are determined.
      expect(found.pulls).toHaveLength(model.config.npars - names.length - (names.includes(poi) ? 0 : 1));
      for (const { stdev } of found.pulls) expect(stdev).toBeGreaterThan(0);
      const matrix = correlations(data, model, found);
      matrix.forEach((r, e) => {
        const [i, j] = [Math.floor(e / found.x.length), e % found.x.length];
        if ([i, j].some((p) => names.includes(found.names[p]!))) expect(r).toBeNaN();
        else expect(r, `${seed} ${i} ${j}`).toBeCloseTo(held.correlation.data[e]!, 6);
      });
    }
  });

  test("of many bins, too, where the Hessian is taken in blocks", () => {
    const { model, data, names } = loose(3, 60);
    expect(model.sparse()).not.toBeNull();
    const found = pulls(data, model, { poi });
    expect([...found.undetermined].sort()).toEqual(names);
    expect(found.pulls).toHaveLength(61);
    for (const { stdev } of found.pulls) expect(stdev).toBeGreaterThan(0);
  });

  test("impacts of the others are those with one of these held", () => {
    const { model, data, names } = loose(6);
    expect(names).not.toContain(poi);
    const found = ranking(data, model, { poi });
    expect(found.undetermined).toEqual(names);
    const at = found.x[found.names.indexOf(names[0]!)]!;
    const held = ranking(data, model, { poi, hold: { [names[0]!]: at } });
    expect(found.poiStdev / held.poiStdev).toBeCloseTo(1, 6);
    for (const impact of found.impacts) {
      const other = held.impacts.find(({ name }) => name === impact.name)!;
      if (names.includes(impact.name)) {
        expect([impact.stdev, impact.postfitUp, impact.postfitDown]).toEqual(Array(3).fill(Number.NaN));
      } else {
        expect(impact.postfitUp).toBeCloseTo(other.postfitUp, 6);
        expect(impact.prefitDown).toBeCloseTo(other.prefitDown, 6);
      }
    }
  });

  test("nothing has an impact on one of these", () => {
    const { model, data } = loose(7);
    const found = ranking(data, model, { poi });
    expect(found.undetermined).toContain(poi);
    expect(found.warnings.join()).toMatch(/mu is undetermined, so nothing has an impact on it/);
    expect(found.poiStdev).toBeNaN();
    expect(found.impacts.length).toBeGreaterThan(3);
    for (const { prefitUp, postfitDown } of found.impacts)
      expect([prefitUp, postfitDown]).toEqual([NaN, NaN]);
  });

  test("intervals, regions, scans and yields of the others are those with one of these held", () => {
    const { model, data, names } = loose(6);
    const at = pulls(data, model, { poi });
    const held = { poi, hold: { [names[0]!]: at.x[at.names.indexOf(names[0]!)]! } };
    const own = minos(data, model, { poi });
    const [a, b] = [own.intervals[0]!, minos(data, model, held).intervals[0]!];
    expect(own.warnings.join()).toContain(names[0]!);
    for (const key of ["stdev", "down", "up"] as const) expect(a[key] / b[key], key).toBeCloseTo(1, 6);
    const scanned = (options: object) => Array.from(profileScan(poi, data, model, options).rise);
    scanned(held).forEach((rise, i) => {
      expect(scanned({ poi })[i]).toBeCloseTo(rise, 6);
    });
    const region = (options: object) => contour([poi, "k"], data, model, { ...options, points: 6 });
    const [c, d] = [region({ poi }), region(held)];
    expect(c.best.warnings.join()).toContain(names[0]!);
    c.x.forEach((x, i) => {
      expect(x).toBeCloseTo(d.x[i]!, 5);
      expect(c.y[i]).toBeCloseTo(d.y[i]!, 5);
    });
    const [e, f] = [fittedYields(data, model, { poi }), fittedYields(data, model, held)];
    expect(e.warnings.join()).toContain(names[0]!);
    for (const key of ["bins", "binStdev", "channelStdev"] as const) {
      e.postfit[key].forEach((x, i) => {
        expect(x / f.postfit[key][i]!, `${key} ${i}`).toBeCloseTo(1, 6);
      });
    }
  });

  test("what asks for one of these is refused with its name", () => {
    const { model, data, names } = loose(6);
    const name = names[0]!;
    const singular = expect.objectContaining({ code: "infer.singular", fields: { parameters: [name] } });
    expect(() => minos(data, model, { parameters: [name] })).toThrow(singular);
    expect(() => contour([poi, name], data, model)).toThrow(singular);
    expect(() => profileScan(name, data, model)).toThrow(singular);
  });

  test("commands give the numbers there are, name the parameters, and end with 1", async () => {
    const background = one(
      "SR",
      [5, 7, 1],
      [10, 4, 3],
      [normfactor("k"), normfactor("l"), normsys("n", 1.1, 0.9)],
    );
    const path = join(folder, "loose.json");
    writeFileSync(path, JSON.stringify(documentOf([background], [[16, 12, 4]])));
    const asked = async (command: string) => {
      const { status, out, err } = await run([command, path, "--json"]);
      expect(status).toBe(1);
      expect(err).toMatch(/the data do not determine k and l:/);
      return JSON.parse(out);
    };
    const { parameters, correlation } = await asked("pulls");
    const of = (name: string) => parameters.findIndex((p: { name: string }) => p.name === name);
    expect(parameters[of("k")]).toMatchObject({ uncertainty: null, pull: null });
    expect(parameters[of("n")].constraint).toBeCloseTo(1, 3);
    expect(parameters[of("mu")].uncertainty).toBeGreaterThan(0);
    expect(correlation[of("k")][of("mu")]).toBeNull();
    expect(correlation[of("n")][of("mu")]).not.toBeNull();
    const { impacts, uncertainty } = await asked("ranking");
    expect(uncertainty).toBeGreaterThan(0);
    expect(impacts.map(({ name }: { name: string }) => name).sort()).toEqual(["k", "l", "n"]);
  });
});
