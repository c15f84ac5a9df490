import { text as aText, both, count, list, must, numbers, object } from "../kit/checks.js";
import { draw } from "../kit/draw.js";
import { boxes, texts } from "../kit/marks.js";
import { textWidth } from "../kit/svg.js";
import { paint } from "../kit/theme.js";
import { type Figure, type FigureOptions, type Given, type Labels, svgOf } from "./figure.js";
import { nameAxis } from "./pulls.js";

/** A matrix of correlations. */
export interface Correlations {
  names: readonly string[];
  /** Row by row, from -1 to 1. */
  values: ArrayLike<number>;
  /** How many parameters there are, where these are the most correlated of them. */
  of?: number;
}

/** Cells of colour, with the number in per cent where there is room. */
export function correlationFigure(
  { names, values }: Correlations,
  { bold = "gradcut", text = "", corner = "", size }: Labels = {},
): string {
  const n = names.length;
  const cells = Array.from({ length: n * n }, (_, k) => {
    const [row, column] = [Math.floor(k / n), k % n];
    return { x: column, y: -row, value: values[k]! };
  }).filter(({ value }) => Number.isFinite(value));
  const y = nameAxis(names);
  const left = Math.max(...y.names.map((name) => textWidth(name.text)));
  // The title has room above few parameters too.
  const cell = size ? (size.width - left - 30) / n : Math.max(14, Math.min(44, 700 / n), 190 / n);
  const numbered = cell >= 26;
  // Numbers of columns that would touch are left out.
  const step = Math.ceil(22 / cell);
  return draw({
    width: size?.width ?? Math.round(left + 30 + n * cell),
    height: size?.height ?? Math.round(60 + n * cell),
    x: {
      range: [-0.5, n - 0.5],
      names: names.flatMap((_, i) => ((i + 1) % step === 0 ? [{ at: i, text: String(i + 1) }] : [])),
    },
    y: {
      range: [-n + 0.5, 0.5],
      names: y.names.map((name, i) => ({ ...name, text: `${name.text}  ${i + 1}` })),
    },
    label: { bold, text: text || (numbered ? "correlations, %" : "correlations") },
    corner,
    description: `Correlations of ${n} parameters`,
    marks: [
      boxes(
        cells.map(({ x, y, value }) => ({
          ...{ x: [x - 0.5, x + 0.5], y: [y - 0.5, y + 0.5] },
          fill: value < 0 ? paint.background : paint.signal,
          fillOpacity: Math.min(1, Math.abs(value)) * 0.6,
        })),
        { inset: 0.5 },
      ),
      ...(numbered
        ? [
            texts(
              cells.map(({ x, y, value }) => ({ x, y, text: cellText(value) })),
              { fontSize: cell >= 34 ? 11 : 9 },
            ),
          ]
        : []),
    ],
  });
}

function cellText(value: number): string {
  const percent = Math.round(value * 100);
  return percent === 0 ? "" : String(percent).replace("-", "−");
}

export const correlationMatrixFigure = {
  title: "Correlations",
  words: "the correlation matrix of fitted parameters",
  check: both(
    object({ names: list(aText, 1), values: numbers }, { of: count }),
    (value: Correlations, path) => {
      const { names, values } = value;
      const cells = names.length ** 2;
      return values.length === cells ? null : must(`${path}.values`, `a list of ${cells}`);
    },
  ),
  draw: correlationFigure,
  caption: ({ names: { length }, of = length }) => [
    `Correlations of the fit${length < of ? `, of the ${length} most correlated parameters` : ""}.`,
  ],
} satisfies Figure<Correlations>;

/**
 * A correlation matrix as cells of colour, with the number in per cent where there is room.
 *
 * @returns SVG text
 * @throws FigureError where a part of `data` is missing or not what it must be, OptionError
 */
export function correlation(data: Given<Correlations>, options?: FigureOptions): string {
  return svgOf<Correlations>("correlation", correlationMatrixFigure, data, options);
}
