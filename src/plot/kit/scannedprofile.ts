import { ascending, both, type Check, list, must, numbers, object, text } from "./checks.js";

/** The rise of the likelihood over one parameter or two, as `profileScan` and `profileGrid` give it. */
export interface ScannedProfile {
  /** The scanned parameters. */
  readonly names: readonly string[];
  /** Their values, ascending; one list for each. */
  readonly axes: readonly (readonly number[])[];
  /** Of each point, NaN where its fit failed; the last axis varies fastest. */
  readonly rise: readonly number[];
  /** The best fit of all parameters. */
  readonly best: { readonly names: readonly string[]; readonly x: ArrayLike<number> };
}

/** Told by its axes, which the data of figures do not have. */
export const isScanned = (data: object): boolean => "axes" in data;

/** A scan over so many parameters. */
export const scannedOver = (count: 1 | 2): Check =>
  both(
    object({
      ...{ names: list(text), axes: list(ascending), rise: numbers },
      best: object({ names: list(text), x: numbers }),
    }),
    ({ names, axes }: ScannedProfile, path) =>
      names.length === count && axes.length === count
        ? null
        : must(path, count === 1 ? "a scan of one parameter" : "a scan over two parameters"),
  );

/** A scanned parameter with its values and its best one. */
export const axisOf = ({ names, axes, best }: ScannedProfile, axis: number) => ({
  parameter: names[axis]!,
  values: axes[axis]!,
  best: best.x[best.names.indexOf(names[axis]!)] ?? Number.NaN,
});
