import { aText, having, type Legal, wrongArgument } from "../../text/legal.js";
import { CutError } from "./cuterror.js";

const anExpr: Legal = having("an expression, as parse(…) makes it", "kind", "span");

function check(caller: string, name: string, value: unknown, legal: Legal): void {
  const sentence = wrongArgument(caller, name, value, legal);
  if (sentence) throw new CutError({ code: "expr.value", sentence: `${sentence}.` });
}

/** Throws a CutError unless the argument `text` is one. */
export const checkText = (caller: string, text: unknown): void => check(caller, "text", text, aText);

/** Throws a CutError unless the argument `expr` is one. */
export const checkExpr = (caller: string, expr: unknown): void => check(caller, "expr", expr, anExpr);
