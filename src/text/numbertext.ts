/** Numbers as text, for figures, report and terminal alike. */

/** `x` with at most `digits` significant digits and no trailing zeros. */
export function significant(x: number, digits = 6): string {
  if (Number.isNaN(x)) return "n/a";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return String(Number(x.toPrecision(digits)));
}

/** `x` to `digits` significant digits, trailing zeros kept so that columns of numbers line up. */
export function fixedDigits(x: number, digits = 5): string {
  if (!Number.isFinite(x)) return significant(x);
  const size = Math.abs(x);
  if (size !== 0 && size < 1e-3) return x.toExponential(1);
  if (size >= 1e7) return x.toExponential(digits - 1);
  const whole = size < 1 ? 1 : Math.floor(Math.log10(size)) + 1;
  return x.toFixed(Math.max(0, digits - whole));
}

/** `sum ± error`, cut where the error has so many significant digits (integers keep all of theirs). */
export function withError(sum: number, error: number, digits = 2): string {
  if (!Number.isFinite(sum) || !Number.isFinite(error)) return `${significant(sum)} ± ${significant(error)}`;
  if (error === 0) return `${significant(sum)} ± 0`;
  if (Math.abs(sum) >= 1e10) return `${sum.toExponential(4)} ± ${error.toExponential(1)}`;
  if (error < 1e-4)
    return `${Math.abs(sum) < 1e-2 ? sum.toExponential(1) : significant(sum)} ± ${error.toExponential(1)}`;
  const decimals = Math.min(100, Math.max(0, digits - 1 - Math.floor(Math.log10(error))));
  return `${sum.toFixed(decimals)} ± ${error.toFixed(decimals)}`;
}

/** `best +up −down` of an interval that is not symmetric. */
export function withEnds(best: number, down: number, up: number, digits = 3): string {
  const [below, above] = [Math.abs(down), Math.abs(up)];
  return `${significant(best, digits + 2)} +${significant(above, digits)} -${significant(below, digits)}`;
}

/** A count per second with an SI prefix: `3.42 M`. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return "-";
  for (const [size, prefix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (perSecond >= size) return `${(perSecond / size).toPrecision(3)} ${prefix}`;
  return `${perSecond.toPrecision(3)}`;
}

/** A time span as a person says it: `0.8 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "-";
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** ASCII hyphens that mean minus become a real minus sign, for print. */
export function typeset(number: string): string {
  return number.replace(/-/g, "−").replace(/^inf$/, "∞");
}

/** 1 - p of a probability that was written in decimals: of 0.95 it is 0.05, as 1 - 0.95 is not. */
export const complement = (p: number): number => Number((1 - p).toPrecision(15));

/** What the confidence level of a limit is instead of this one, and what to write; null where this may be one. */
export function wrongLimitLevel(level: unknown): string | null {
  if (typeof level === "number" && level > 0.5 && level < 1) return null;
  const what = "a number above 0.5 and below 1, like 0.95";
  if (!(typeof level === "number" && level > 0 && level < 0.5)) return what;
  return `${what}; write ${complement(level)} for pyhf's level ${level}`;
}
