/** Whether the soft yields, which are trained, are those of the hard cut, which an analysis applies. */

import { significant, typeset } from "../../text/numbertext.js";
import type { Run, Yield } from "../rundata.js";

/** Soft minus hard: relative to hard, and in its statistical errors. */
export interface Difference {
  relative: number;
  errors: number;
  agrees: boolean;
}

/** The yields agree where they differ by at most 1 % and at most one statistical error of the hard one. */
export function difference(soft: Yield, hard: Yield): Difference {
  const off = soft.sum - hard.sum;
  if (off === 0) return { relative: 0, errors: 0, agrees: true };
  const [relative, errors] = [off / Math.abs(hard.sum), Math.abs(off) / hard.error];
  return { relative, errors, agrees: Math.abs(relative) <= 0.01 && errors <= 1 };
}

/** A signed percentage: +3.2 %. */
export function percent(x: number): string {
  if (!Number.isFinite(x)) return typeset(significant(x));
  const size = Math.abs(x * 100);
  return `${x < 0 ? "−" : "+"}${size >= 999.5 ? significant(size, 3) : size.toFixed(size < 9.95 ? 2 : 1)} %`;
}

/** What to say where soft and hard yields of the trained cut disagree, in sentences; nothing where they agree. */
export function disagreement(run: Run): string[] {
  if (run.expression === "") return [];
  const off = Object.entries(run.yields)
    .map(([name, { soft, hard }]) => ({ name, ...difference(soft, hard) }))
    .filter(({ agrees }) => !agrees);
  if (off.length === 0) return [];
  const parts = off.map(
    ({ name, relative, errors }) =>
      `${name} ${percent(relative)} (${typeset(significant(errors, 2))} statistical ${significant(errors, 2) === "1" ? "error" : "errors"})`,
  );
  const worst = worstThreshold(run);
  return [
    `Soft yields of the trained cut differ from hard ones by more than their statistical error or 1 %: ${parts.join(", ")}.`,
    `The soft cut was trained, the hard one is what an analysis applies: narrower steps (a smaller width, or annealing) bring them together.${worst === undefined ? "" : ` Most comes from ${worst}.`}`,
  ];
}

/** The threshold whose softness changes a yield most, where there are several. */
function worstThreshold({ softAgainstHard = [] }: Run): string | undefined {
  if (softAgainstHard.length < 2) return undefined;
  const sizes = softAgainstHard.map(({ threshold, perSample }) => {
    const all = Object.values(perSample).map(({ soft, hard }) => Math.abs(difference(soft, hard).relative));
    return { threshold, size: Math.max(0, ...all) };
  });
  return sizes.reduce((a, b) => (b.size > a.size ? b : a)).threshold;
}
