import { ShapeError } from "../core/errors.js";
import { checkArguments, numbers } from "../core/graph/arguments.js";

const median = (a: number, b: number, c: number) => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
const median5 = (values: readonly number[]) => [...values].sort((a, b) => a - b)[2]!;

/** Running medians of 3, 5 and 3; the ends of the first are extrapolated from their neighbours. */
function medians(x: readonly number[]): number[] {
  const n = x.length;
  let z = [...x];
  for (const [pass, width] of [3, 5, 3].entries()) {
    const y = z;
    z = y.map((v, i) => {
      if (i === 0 || i === n - 1) return v;
      if (width === 3 || i === 1 || i === n - 2) return median(y[i - 1]!, v, y[i + 1]!);
      return median5(y.slice(i - 2, i + 3));
    });
    if (pass === 0) {
      z[0] = median(z[1]!, x[0]!, 3 * z[1]! - 2 * z[2]!);
      z[n - 1] = median(z[n - 2]!, x[n - 1]!, 3 * z[n - 2]! - 2 * z[n - 3]!);
    }
  }
  return z;
}

/** Flat tops and bottoms of three bins bent to a parabola. */
function bent(z: readonly number[]): number[] {
  const y = [...z];
  for (let i = 2; i < z.length - 2; i++) {
    if (z[i - 1] !== z[i] || z[i] !== z[i + 1]) continue;
    const [before, after] = [z[i - 2]! - z[i]!, z[i + 2]! - z[i]!];
    if (before * after <= 0) continue;
    const side = Math.abs(after) > Math.abs(before) ? -1 : 1;
    const [far, near] = [z[i - 2 * side]!, z[i + 2 * side]!];
    y[i] = -0.5 * far + z[i]! / 0.75 + near / 6;
    y[i + side] = 0.5 * (near - far) + z[i]!;
  }
  return y;
}

/** Running means with weights 1/4, 1/2, 1/4. */
const hanning = (y: readonly number[]) =>
  y.map((v, i) => (i === 0 || i === y.length - 1 ? v : 0.25 * y[i - 1]! + 0.5 * v + 0.25 * y[i + 1]!));

const once = (x: readonly number[]) => hanning(bent(medians(x)));

/**
 * Bins smoothed by "353QH, twice" (J. Friedman, CERN 74-23), as ROOT and cabinetry smooth variations: running medians of
 * 3, 5 and 3 bins, quadratic interpolation of flat parts, Hanning means; then the same of what is left over, added.
 * Throws a ShapeError for fewer than three bins.
 */
export function smooth(bins: readonly number[]): number[] {
  checkArguments("smooth", { bins: [bins, numbers] });
  if (bins.length < 3) {
    throw new ShapeError("shape.smooth", `smoothing needs at least 3 bins, but got ${bins.length}`, {
      bins: bins.length,
    });
  }
  const rough = once(bins);
  const rest = once(bins.map((v, i) => v - rough[i]!));
  return rough.map((v, i) => v + rest[i]!);
}

/** A variation split into its change of yield and its change of shape, both made symmetric about the nominal bins. */
export interface Symmetric {
  /** Shapes at +1 and -1 with the nominal yield, for a histosys. */
  readonly up: readonly number[];
  readonly down: readonly number[];
  /** Yields at +1 and -1 relative to the nominal, for a normsys. */
  readonly hi: number;
  readonly lo: number;
}

/** The variation at +1 and its mirror image at -1, 2 nominal - variation, as cabinetry's NormPlusShape. */
export function symmetrize(nominal: readonly number[], variation: readonly number[]): Symmetric {
  checkArguments("symmetrize", { nominal: [nominal, numbers], variation: [variation, numbers] });
  if (nominal.length !== variation.length) {
    throw new ShapeError(
      "shape.symmetrize",
      `the nominal histogram has ${nominal.length} bins and its variation ${variation.length}; give both the same`,
      { nominal: nominal.length, variation: variation.length },
    );
  }
  const sum = (bins: readonly number[]) => bins.reduce((a, b) => a + b, 0);
  const hi = sum(variation) / sum(nominal);
  if (!(hi > 0 && hi < 2)) {
    throw new ShapeError(
      "shape.symmetrize",
      `the variation has ${sum(variation)} events and the nominal histogram ${sum(nominal)}; the mirror image of its yield is no factor above 0: give both variations, or a histosys`,
      { nominal: sum(nominal), variation: sum(variation) },
    );
  }
  const up = variation.map((v) => v / hi);
  return { up, down: up.map((v, i) => 2 * nominal[i]! - v), hi, lo: 2 - hi };
}
