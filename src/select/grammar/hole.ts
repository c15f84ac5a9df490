import type { Bounds, Span } from "./ast.js";
import type { Cursor } from "./cursor.js";

/** What stands in the braces of a threshold. */
export interface Hole {
  readonly name: string;
  readonly start: number | undefined;
  readonly bounds: Bounds | undefined;
  readonly span: Span;
}

/** `{name}`, `{name = start}` or `{name = start in [lo, hi]}`; a bound that is left out, as in `[0, ]`, is infinite. */
export function readHole(at: Cursor): Hole {
  const { start: from } = at.advance();
  const token = at.expect("name", "the name of a threshold, as in {ptMin = 30}");
  const name = token.text;
  if (token.quoted || name.includes(".")) {
    const remedy = "Thresholds have names of letters, digits and _, as in {ptMin = 30}.";
    at.fail("expr.name", token, `A threshold cannot be named ${name}.`, remedy);
  }
  let start: number | undefined;
  let bounds: Bounds | undefined;
  if (at.token.kind === "=") {
    at.advance();
    start = at.signedLiteral("the start of the threshold, as in {ptMin = 30}");
    if (at.token.text === "in") bounds = readBounds(at, start);
  }
  const span = { start: from, end: at.expect("}", bounds || start === undefined ? "}" : "} or in").end };
  return { name, start, bounds, span };
}

function readBounds(at: Cursor, start: number): Bounds {
  const { start: from } = at.advance();
  const example = "as in {ptMin = 30 in [20, 50]}";
  at.expect("[", `[, ${example}`);
  const bound = (otherwise: number): number =>
    at.token.kind === "," || at.token.kind === "]" ? otherwise : at.signedLiteral(`a bound, ${example}`);
  const low = bound(Number.NEGATIVE_INFINITY);
  at.expect(",", `a comma, ${example}`);
  const high = bound(Number.POSITIVE_INFINITY);
  const span = { start: from, end: at.expect("]", `], ${example}`).end };
  if (!(low < high)) {
    const remedy = "Write the lower bound first; fixed(4) is a threshold that stays.";
    at.fail("expr.bounds", span, `The bounds [${low}, ${high}] leave no room.`, remedy);
  }
  if (start < low || start > high) {
    at.fail("expr.bounds", span, `The start ${start} is outside the bounds [${low}, ${high}].`);
  }
  return [low, high];
}
