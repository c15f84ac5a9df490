import { recordNames } from "../text/recordnames.js";
import { adamRule, adamwRule, nadamRule, radamRule } from "./adam.js";
import { lbfgsRule } from "./lbfgs.js";
import { lionRule } from "./lion.js";
import { adagradRule, rmspropRule } from "./rms.js";
import type { Rule } from "./rule.js";
import { sgdRule } from "./sgd.js";

/** Every optimiser that a command can be told, by name. */
const records = {
  adam: adamRule,
  adamw: adamwRule,
  nadam: nadamRule,
  radam: radamRule,
  rmsprop: rmspropRule,
  adagrad: adagradRule,
  lion: lionRule,
  sgd: sgdRule,
  lbfgs: lbfgsRule,
} satisfies Record<string, Rule>;

export type RuleName = keyof typeof records;
export const rules: Readonly<Record<RuleName, Rule>> = records;
export const ruleNames = /*#__PURE__*/ recordNames(records);
