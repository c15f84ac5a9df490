/** What a cut makes of all rows of an event: one record each, with its rule for rows that pass or fail, and for likely ones. */

import { div, eq, lt, neg, safeMul, sub, where } from "../core/elementary/arith.js";
import { exp } from "../core/elementary/exp.js";
import type { Tensor } from "../core/graph/tensor.js";
import type { ConditionReducer, NumberReducer } from "./grammar/rowsyntax.js";

/** How likely something is: of hard cuts 1 or 0, of soft ones logarithms. */
export interface Weight {
  readonly pass: Tensor;
  readonly fail: Tensor;
}

/** A number, and how likely it is there at all; null where it always is. */
export interface Found {
  readonly value: Tensor;
  readonly there: Weight | null;
}

/** Goes from rows to what they belong to. */
export interface Up {
  /** Σ over the rows of each. */
  sum(x: Tensor): Tensor;
  /** The largest; NaN where there is none. */
  most(x: Tensor): Tensor;
  /** 1 for each row. */
  one(x: Tensor): Tensor;
}

/** Soft rules that need an order of rows. */
export interface SoftUp extends Up {
  /** Whether some row is: 1 - Π(1 - w). */
  some(w: Weight): Weight;
  /** The largest of the rows that are: each is it as likely as it is one and none with more is. */
  largest(x: Tensor, w: Weight): Found;
}

interface Shared {
  /** One line of help. */
  readonly words: string;
  /** What it is where there are no rows. */
  readonly none: string;
}

/** A number of all rows. `among` are those that a mask leaves, 1 or 0 for each; null where there is no mask. */
export interface NumberRecord extends Shared {
  hard(x: Tensor, among: Tensor | null, up: Up): Tensor;
  /** `x` is a number, or 1; rows are among them as likely as `among` says. */
  soft(x: Tensor, among: Weight | null, up: SoftUp): Found;
}

/** Whether a condition holds for rows. */
export interface ConditionRecord extends Shared {
  /** Whether rows that a mask takes away count as if the condition held. */
  readonly outside: boolean;
  hard(x: Tensor, up: Up): Tensor;
  soft(w: Weight, up: SoftUp): Weight;
}

export const not = (x: Tensor): Tensor => sub(1, x);
export const swapped = ({ pass, fail }: Weight): Weight => ({ pass: fail, fail: pass });

const count: NumberRecord = {
  words: "how many rows fulfil a condition; of rows alone how many there are",
  none: "0",
  hard: (x, among, up) => up.sum(among ? x.mul(among) : x),
  soft: (x, among, up) => ({ value: up.sum(among ? exp(among.pass) : x), there: null }),
};

const sum: NumberRecord = {
  words: "Σ of a number",
  none: "0",
  hard: (x, among, up) => up.sum(among ? where(among, x, 0) : x),
  soft: (x, among, up) => ({ value: up.sum(among ? safeMul(exp(among.pass), x) : x), there: null }),
};

const mean: NumberRecord = {
  words: "the mean of a number",
  none: "no number: every comparison with it fails",
  hard: (x, among, up) => div(sum.hard(x, among, up), up.sum(among ?? up.one(x))),
  soft: (x, among, up) => {
    const rows = up.sum(among ? exp(among.pass) : up.one(x));
    // Without rows it is no number, whose slope nothing must meet.
    const some = lt(0, rows);
    const value = where(some, div(sum.soft(x, among, up).value, where(some, rows, 1)), Number.NaN);
    return { value, there: among && up.some(among) };
  },
};

const max: NumberRecord = {
  words: "the largest",
  none: "no number: every comparison with it fails",
  hard: (x, among, up) => {
    const most = up.most(among ? where(among, x, Number.NEGATIVE_INFINITY) : x);
    return where(up.sum(among ?? up.one(x)), most, Number.NaN);
  },
  soft: (x, among, up) =>
    among ? up.largest(x, among) : { value: where(up.sum(up.one(x)), up.most(x), Number.NaN), there: null },
};

const min: NumberRecord = {
  ...max,
  words: "the smallest",
  hard: (x, among, up) => neg(max.hard(neg(x), among, up)),
  soft: (x, among, up) => {
    const { value, there } = max.soft(neg(x), among, up);
    return { value: neg(value), there };
  },
};

const any: ConditionRecord = {
  words: "whether a condition holds for some row",
  none: "false",
  outside: false,
  hard: (x, up) => lt(0, up.sum(x)),
  soft: (w, up) => up.some(w),
};

const all: ConditionRecord = {
  words: "whether a condition holds for all rows",
  none: "true",
  outside: true,
  hard: (x, up) => eq(up.sum(not(x)), 0),
  soft: (w, up) => swapped(up.some(swapped(w))),
};

/** Every reducer by its name. */
export const numberRules: Readonly<Record<NumberReducer, NumberRecord>> = { count, sum, mean, max, min };
export const conditionRules: Readonly<Record<ConditionReducer, ConditionRecord>> = { any, all };
