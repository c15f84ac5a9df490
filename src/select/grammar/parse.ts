import type { Condition, Expr } from "./ast.js";
import { checkText } from "./checktext.js";
import { Parser } from "./parser.js";

/**
 * The condition that the text of a cut says, with its thresholds named.
 *
 * A bare number on one side of `<`, `<=`, `>` or `>=` becomes a threshold named after the first column on
 * the other side: `mass > 80` has `massMin`, `abs(eta) < 2.4` has `etaMax`, `Muon_pt[0] > 20` has
 * `Muon_pt0Min`; a second such name gets a 2, and so on. `{name = start}` names one, `{name = start in [0, 9]}` keeps it
 * within bounds, `{name}` uses it again, `fixed(4)` does not train. Numbers beside `{}` in one comparison, in arithmetic and in `==` are constants.
 *
 * @throws CutError
 */
export function parseCut(text: string): Condition {
  checkText("parseCut", text);
  const parser = new Parser(text, true);
  const cut = parser.condition(parser.expression());
  parser.finish();
  return cut;
}

/**
 * The value or condition that a text says, for definitions, filters and weights: nothing in it trains,
 * and `{}` is an error.
 *
 * @throws CutError
 */
export function parseExpr(text: string): Expr {
  checkText("parseExpr", text);
  const parser = new Parser(text, false);
  const expr = parser.expression();
  parser.finish();
  return expr;
}

/**
 * `name = expression`; spans are offsets into the whole text.
 *
 * @throws CutError
 */
export function parseDefinition(text: string): { name: string; expr: Expr } {
  const parser = new Parser(text, false);
  const name = parser.definedName();
  const expr = parser.expression();
  parser.finish();
  return { name, expr };
}
