import { complement, significant, typeset, wrongLimitLevel } from "../../text/numbertext.js";
import {
  ascending,
  text as aText,
  both,
  type Check,
  either,
  equallyLong,
  flag,
  list,
  must,
  number,
  numbers,
  object,
  oneOf,
} from "../kit/checks.js";
import { draw, type LegendEntry } from "../kit/draw.js";
import type { Mark } from "../kit/frame.js";
import { area, dots, line, rulesX, rulesY, type Style } from "../kit/marks.js";
import type { Range } from "../kit/ranges.js";
import { paint } from "../kit/theme.js";
import {
  type AnswerKind,
  type Figure,
  type FigureOptions,
  type Given,
  type Labels,
  svgOf,
} from "./figure.js";

/** CLs along a parameter of interest. */
export interface Brazil {
  /** Name of the parameter of interest. */
  poi: string;
  /** Its values, ascending; all arrays are as long. */
  values: readonly number[];
  /** Null where there are no data to show. */
  observed: readonly number[] | null;
  /** CLs expected without signal, [values, 5]: of each value at -2, -1, 0, 1 and 2 standard deviations, ascending. */
  expected: readonly (readonly number[])[];
  /** The confidence level of limits: values whose CLs is below 1 - level are excluded. */
  level: number;
  /** Observed CLs+b and CLb, whose ratio CLs is. */
  components?: { clsb: readonly number[]; clb: readonly number[] };
  /** The limits, drawn up to the CLs that excludes. */
  limit?: { observed: number | null; expected: readonly number[] };
  /** Whether CLs is on a logarithmic scale. */
  log?: boolean;
}

/** CLs of a scan, as `limitScan` gives it: its band is the other way round. */
export interface ScannedCls {
  readonly poi: string;
  readonly level: number;
  /** Values of the parameter of interest, ascending. */
  readonly scan: readonly number[];
  readonly cls: readonly number[];
  /** CLs expected without signal, [5, values]: at -2, -1, 0, 1 and 2 standard deviations. */
  readonly expected: readonly (readonly number[])[];
  /** The limits; NaN where there is none. */
  readonly limit: number;
  readonly expectedLimits: readonly number[];
  readonly components?: NonNullable<Brazil["components"]>;
  readonly log?: boolean;
}

/** The band of a scan. */
export const bandOf = ({ scan, cls, expected, limit, expectedLimits, ...rest }: ScannedCls): Brazil => ({
  ...rest,
  values: scan,
  observed: cls,
  expected: scan.map((_, i) => expected.map((curve) => curve[i]!)),
  limit: { observed: limit, expected: expectedLimits },
});

/** CLs with bands of one and two standard deviations around the expected one, and the CLs that excludes. */
export function brazilFigure(
  brazil: Brazil,
  { bold = "gradcut", text = "", corner, size = { width: 560, height: 420 } }: Labels = {},
): string {
  const { poi, values, observed, expected, level, components, limit, log = false } = brazil;
  const alpha = complement(level);
  const least = log ? floorOf(brazil) : 0;
  const y: Range = log ? [least, 2] : [0, 1.05];
  const x: Range = [values[0]!, values[values.length - 1]!];
  const shown = (v: number) => Math.max(least, v);
  const band = (low: number, high: number, fill: string) =>
    area(
      values.map((x, i) => ({ x, low: shown(expected[i]![low]!), high: shown(expected[i]![high]!) })),
      { fill, clip: true },
    );
  const curve = (ys: readonly number[], style: Style) =>
    line(
      values.map((v, i) => [v, shown(ys[i]!)]),
      { stroke: "currentColor", clip: true, ...style },
    );
  const median = expected.map((five) => five[2]!);
  const marks: Mark[] = [band(0, 4, paint.outer), band(1, 3, paint.inner)];
  marks.push(curve(median, { strokeDasharray: "6 4", strokeWidth: 1.5 }));
  const legend: LegendEntry[] = [
    { kind: "dashed", color: "currentColor", text: "expected" },
    { kind: "fill", color: paint.inner, text: "±1σ" },
    { kind: "fill", color: paint.outer, text: "±2σ" },
  ];
  if (components) {
    marks.push(
      curve(components.clsb, { stroke: paint.soft, strokeWidth: 1.5 }),
      curve(components.clb, { stroke: paint.background, strokeWidth: 1.5 }),
    );
    legend.push(
      { kind: "line", color: paint.soft, text: "CLs+b" },
      { kind: "line", color: paint.background, text: "CLb" },
    );
  }
  if (observed) {
    marks.push(curve(observed, { strokeWidth: 2 }));
    if (observed.length <= 30)
      marks.push(
        dots(
          values.map((x, i) => ({ x, y: observed[i]! })),
          { r: 2.6, fill: "currentColor", clip: true },
        ),
      );
    legend.unshift({ kind: "line", color: "currentColor", text: "observed", width: 2 });
  }
  marks.push(rulesY([{ at: alpha }], { stroke: paint.signal, strokeWidth: 1.3 }));
  legend.push({ kind: "line", color: paint.signal, text: `CLs = ${significant(alpha, 3)}` });
  const crossings = [limit?.observed ?? null, limit?.expected[2] ?? null];
  for (const [i, at] of crossings.entries())
    if (at !== null && at >= x[0] && at <= x[1])
      marks.push(
        rulesX([{ at, from: least, to: alpha }], {
          stroke: "currentColor",
          strokeWidth: 1.2,
          ...(i === 1 ? { strokeDasharray: "4 3" } : {}),
        }),
      );
  return draw({
    ...size,
    x: { range: x, title: poi },
    y: { range: y, title: components ? "p-value" : "CLs", log },
    label: { bold, text },
    corner: corner ?? limitText(limit, level),
    legend,
    description: `CLs against ${poi}, observed and expected with bands of one and two standard deviations`,
    marks,
  });
}

/** A third of the smallest positive CLs, at least a thousandth of the CLs that excludes. */
function floorOf({ observed, expected, level }: Brazil): number {
  const all = [...(observed ?? []), ...expected.map((five) => five[2]!)].filter((v) => v > 0);
  const alpha = complement(level);
  return Math.max(alpha / 1000, Math.min(alpha / 10, ...all) / 3);
}

function limitText(limit: Brazil["limit"], level: number): string {
  if (!limit) return "";
  const shown = limit.observed ?? limit.expected[2];
  if (shown === undefined || !Number.isFinite(shown)) return "";
  const which = limit.observed === null ? "expected" : "observed";
  return `${which} ${significant(100 * level, 4)} % limit ${typeset(significant(shown, 4))}`;
}

const fiveNumbers: Check = (value, path) =>
  Array.isArray(value) && value.length === 5 ? numbers(value, path) : must(path, "a list of 5");
const limitLevel: Check = (value, path) => {
  const wrong = wrongLimitLevel(value);
  return wrong && must(path, wrong);
};
const nothing = oneOf(null);
/** Rounding of CLs. */
const LITTLE = 1e-9;
const falls = (five: readonly number[]) => five.some((x, i) => x < five[i - 1]! - LITTLE);

/** CLs rises with the fluctuation: five that fall are those of five values, at one fluctuation. */
const upright = ({ expected, values: { length } }: Brazil, path: string): string | null => {
  const across = expected.length === 5 && expected[0]!.length === length;
  const at = `${path}.expected`;
  const five = must(at, "5 ascending numbers for each value");
  if (across && (length !== 5 || expected.some(falls)))
    return `${five}, not 5 lists: transpose it, or give the limitScan as it is`;
  return list(fiveNumbers)(expected, at) ?? (expected.some(falls) ? five : null);
};
const checkBrazil = both(
  object(
    {
      ...{ poi: aText, values: ascending, observed: either(nothing, numbers) },
      ...{ expected: list(numbers), level: limitLevel },
    },
    {
      components: object({ clsb: numbers, clb: numbers }),
      limit: object({ observed: number, expected: fiveNumbers }),
      log: flag,
    },
  ),
  upright,
  equallyLong(["values", "expected"]),
  (value: Brazil, path) => {
    const { values, observed, components } = value;
    const as = equallyLong(Object.keys(components ?? {}), values.length);
    return (
      (observed && equallyLong(["observed"], values.length)(value, path)) ??
      as(components ?? {}, `${path}.components`)
    );
  },
);

const scannedCls: AnswerKind<ScannedCls, Brazil> = {
  is: (data) => "scan" in data,
  check: both(
    object({ scan: numbers, expected: list(numbers) }),
    ({ scan: { length }, expected }: ScannedCls, path) =>
      expected.length === 5 && expected.every((curve) => curve.length === length)
        ? null
        : must(`${path}.expected`, `5 lists of ${length}: transpose it`),
  ),
  data: bandOf,
};

export const brazilBandFigure = {
  title: "Brazil band",
  words:
    "CLs against the parameter of interest, observed and expected with bands of one and two standard deviations",
  check: checkBrazil,
  draw: brazilFigure,
  caption: ({ poi, level, limit }) => [
    `CLs against ${poi}: values whose CLs is below ${complement(level)} are excluded.`,
    ...(limit ? ["Vertical lines are the observed limit (solid) and the expected one (dashed)."] : []),
  ],
} satisfies Figure<Brazil>;

/**
 * CLs against a parameter, observed and expected with bands of one and two standard deviations, and the level that
 * excludes; the answer of `limitScan` is taken as it is.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function brazil(
  data: (Given<Brazil> & Pick<Brazil, "expected">) | Given<ScannedCls>,
  options?: FigureOptions,
): string {
  return svgOf("brazil", brazilBandFigure, data, options, scannedCls);
}
