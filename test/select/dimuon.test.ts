// Soft against hard after annealing, on real pairs of muons (CMS open data): the numbers of a trained cut are those of
// the cut that an analysis applies.

import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/cli/training/resultjson.js";
import { init } from "../../src/index.js";
import { run } from "../kit/clirun.js";
import { rootFile } from "../kit/rootfiles.js";

beforeAll(() => init());

const { file, why } = rootFile("open-data-example.root");

describe.skipIf(why !== "")("opposite charges over equal charges", () => {
  const sample = `${file}:Events`;
  const muons = [
    ...["train", "--signal", sample, "--background", sample, "--threads", "1", "--json"],
    ...["--filter", "nMuon == 2"],
    ...["--define", "dEta = Muon_eta[0] - Muon_eta[1]", "--define", "dPhi = Muon_phi[0] - Muon_phi[1]"],
    ...["--define", "mass = sqrt(2 * Muon_pt[0] * Muon_pt[1] * (cosh(dEta) - cos(dPhi)))"],
    ...["--signal-filter", "Muon_charge[0] != Muon_charge[1]"],
    ...["--background-filter", "Muon_charge[0] == Muon_charge[1]"],
  ];
  const cut =
    "{low = 75} < mass && mass < {high = 105} && Muon_pt[0] > {pt0 = 20} && Muon_pt[1] > {pt1 = 10}";
  const anneal = (from: number, to: number) =>
    ["mass", "pt0", "pt1"].map((name) => `${name}=${from}..${to}`).join();

  it.each(["sigmoid", "erf"])(
    "%s: yields agree to 1 percent after annealing",
    async (soft) => {
      const shape = ["--cut", cut, "--soft", soft, "--steps", "300"];
      const { status, out } = await run([...muons, ...shape, "--anneal", anneal(3, 0.02)]);
      expect(status).toBe(0);
      const found = JSON.parse(out) as Result;
      const differences = (a: "softBefore" | "soft", b: "before" | "hard") =>
        Object.values(found.yields).map((yields) => Math.abs(yields[a].sum / yields[b].sum - 1));
      const [before, after] = [differences("softBefore", "before"), differences("soft", "hard")];
      const percent = (x: readonly number[]) => x.map((d) => (100 * d).toFixed(2)).join(" and ");
      const { significance } = found;
      console.log(
        `${soft}: soft and hard yields of signal and background differ by ${percent(before)} % at a width of 3 GeV, by ${percent(after)} % after annealing to 0.02 GeV; Z ${significance.before.asimov.toFixed(1)} -> ${significance.after.asimov.toFixed(1)}`,
      );
      for (const d of after) expect(d).toBeLessThan(0.01);
      expect(Math.max(...before)).toBeGreaterThan(0.02);
      for (const { perSample } of found.softAgainstHard!)
        for (const pair of Object.values(perSample))
          expect(Math.abs(pair.soft.sum / pair.hard.sum - 1)).toBeLessThan(0.01);
      expect(significance.after.asimov).toBeGreaterThan(significance.before.asimov);
    },
    60_000,
  );
});
