import { InternalError } from "../../text/gradcuterror.js";

/** Paths of SVG, with absolute M, L, Q, C and Z as resvg writes them, as operators of PDF. */

type Point = readonly [x: number, y: number];

/** One piece of a path: its operators, and the points that they go through or are drawn towards. */
export interface Path {
  operators: readonly string[];
  points: readonly Point[];
}

/** The pieces of `d`, one from each M. */
export function path(d: string): Path[] {
  const pieces: { operators: string[]; points: Point[] }[] = [];
  for (const [, letter, text] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers =
      text!.trim() === ""
        ? []
        : text!
            .trim()
            .split(/[\s,]+/)
            .map(Number);
    const points = Array.from(
      { length: numbers.length / 2 },
      (_, i): Point => [numbers[2 * i]!, numbers[2 * i + 1]!],
    );
    if (letter === "M") pieces.push({ operators: [], points: [] });
    const piece = pieces.at(-1);
    if (!piece || points.length !== pointsOf[letter!] || !numbers.every(Number.isFinite))
      throw new InternalError(
        "internal.picture",
        `a figure has a path with ${letter}${text}, which no PDF can be made of`,
      );
    piece.operators.push(operator(letter!, points, piece.points.at(-1)));
    piece.points.push(...points);
  }
  return pieces;
}

const pointsOf: Record<string, number> = { M: 1, L: 1, Q: 2, C: 3, Z: 0 };

function operator(letter: string, points: readonly Point[], from: Point | undefined): string {
  const text = (all: readonly Point[]) => all.map((point) => point.map(decimal).join(" ")).join(" ");
  switch (letter) {
    case "M":
      return `${text(points)} m`;
    case "L":
      return `${text(points)} l`;
    case "C":
      return `${text(points)} c`;
    case "Q": {
      // PDF has cubic curves only, which contain the quadratic ones.
      const [control, to] = [points[0]!, points[1]!];
      const towards = ([x, y]: Point): Point => [
        x + (2 / 3) * (control[0] - x),
        y + (2 / 3) * (control[1] - y),
      ];
      return `${text([towards(from!), towards(to), to])} c`;
    }
    default:
      return "h";
  }
}

export const outline = (pieces: readonly Path[]): string =>
  pieces.flatMap(({ operators }) => operators).join(" ");

/** Whether a piece has an inside: PDF paints a hairline for one that has none, and SVG nothing. */
export function area({ points }: Path): boolean {
  const [x0, y0] = points[0]!;
  const far = points.find(([x, y]) => x !== x0 || y !== y0);
  if (!far) return false;
  const [dx, dy] = [far[0] - x0, far[1] - y0];
  return points.some(([x, y]) => Math.abs((x - x0) * dy - (y - y0) * dx) > 1e-6 * Math.hypot(dx, dy));
}

/** A number of PDF, which has no exponents. */
export function decimal(x: number): string {
  if (!Number.isFinite(x)) throw new InternalError("internal.picture", `a figure has the number ${x}`);
  return x
    .toFixed(4)
    .replace(/\.?0+$/, "")
    .replace(/^-0$/, "0");
}
