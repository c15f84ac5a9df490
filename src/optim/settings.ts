import { callable, type Legal, notNegative } from "../core/graph/arguments.js";

/** A number for every step, or a schedule of them. */
const orSchedule = ({ words, accepts }: Legal): Legal => ({
  words: `${words} or a schedule`,
  accepts: (value) => callable.accepts(value) || accepts(value),
});

export const rate: Legal = orSchedule(notNegative);
export const decay: Legal = rate;
export const aSchedule: Legal = { words: "a schedule, a function of the step", accepts: callable.accepts };

/** What a tree of labels may be at its top. */
export const aLabelTree: Legal = {
  words: "a tree of labels or a function of paths",
  accepts: (value) => !["undefined", "number", "bigint", "symbol"].includes(typeof value) && value !== null,
};

/** An update rule. */
export const updateRule: Legal = {
  words: "an update rule, as adam(…) makes it",
  accepts: (value) => isRule(value),
};

const isRule = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  ["init", "update"].every((name) => typeof Reflect.get(value, name) === "function");
