/** Expressions as they were given on the command line, so that an error can name the option. */

import { type Expr, isCondition } from "../../select/grammar/ast.js";
import { CutError } from "../../select/grammar/cuterror.js";
import { parseExpr } from "../../select/grammar/parse.js";
import { UsageError } from "../line/usageerror.js";

/** An expression and where it came from. */
export interface Given {
  option: string;
  text: string;
  expr: Expr;
}

/** The value or condition that an option says. Throws UsageError with a caret under what is wrong. */
export function given(option: string, text: string): Given {
  return { option, text, expr: naming(option, text, () => parseExpr(text)) };
}

/** A filter: a condition, or a flag column that is not 0. Throws UsageError. */
export function givenFilter(option: string, text: string): Given {
  const filter = given(option, text);
  const { expr } = filter;
  if (isCondition(expr) || expr.kind === "column" || expr.kind === "element") return filter;
  throw wrong(filter, expr, "A number stands where a condition is needed.", "Compare it with something.");
}

/** What `run` returns; an error about an expression in it becomes one about the option. */
export function naming<T>(option: string, text: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw ofOption(option, text, error);
  }
}

/** The same error, or for one about an expression that about the option. */
export function ofOption(option: string, text: string, error: unknown): unknown {
  if (!(error instanceof CutError)) return error;
  return new UsageError("bad-value", option, text, `--${option}: ${error.message}`, { cause: error });
}

/** The error for a part of an expression. */
export function wrong({ option, text }: Given, at: Expr, sentence: string, remedy: string): UsageError {
  const place = { text, start: at.span.start, end: at.span.end };
  const cause = new CutError({ code: "expr.type", sentence, remedy, ...place });
  return new UsageError("bad-value", option, text, `--${option}: ${cause.message}`, { cause });
}
