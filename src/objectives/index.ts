import { InputError } from "../core/errors.js";
import { recordNames } from "../text/recordnames.js";
import { asimovObjective } from "./asimov.js";
import { bceObjective } from "./bce.js";
import { clsObjective } from "./cls.js";
import { discoveryObjective } from "./discovery.js";
import type { Objective } from "./objective.js";
import { poiUncertObjective } from "./poiuncert.js";
import { softmaxObjective } from "./softmax.js";
import { sOverSqrtBObjective } from "./soversqrtb.js";
import { sOverSqrtSBObjective } from "./soversqrtsb.js";
import { squaredObjective } from "./squared.js";

/** Every objective by its name on the command line. */
const records = {
  asimov: asimovObjective,
  sOverSqrtB: sOverSqrtBObjective,
  sOverSqrtSB: sOverSqrtSBObjective,
  discovery: discoveryObjective,
  cls: clsObjective,
  poiUncert: poiUncertObjective,
  bce: bceObjective,
  squared: squaredObjective,
  softmax: softmaxObjective,
} satisfies Record<string, Objective>;

export type ObjectiveName = keyof typeof records;
export const objectives: Readonly<Record<ObjectiveName, Objective>> = records;
export const objectiveNames = /*#__PURE__*/ recordNames(records);

/** What an objective can be of. */
export type Domain = "events" | "yields" | "bins";

/** Names of the objectives of events, of yields, or of a histogram. */
export const objectivesOf = (domain: Domain): readonly ObjectiveName[] =>
  objectiveNames.filter((name) => objectives[name][domain] !== undefined);

/** What the objective is of events, yields or bins. Throws an InputError where it is nothing of them. */
export function objectiveOf<D extends Domain>(name: ObjectiveName, domain: D): NonNullable<Objective[D]> {
  const found = objectives[name][domain];
  if (found !== undefined) return found as NonNullable<Objective[D]>;
  const known = objectivesOf(domain);
  throw new InputError("objective.domain", `${name} is no objective of ${domain}: ${known.join(", ")} are.`, {
    name,
    domain,
    known,
  });
}

/** What people read: the loss itself, or that of which it is the logarithm. */
export function objectiveValue(name: ObjectiveName, loss: number): number {
  const { scale, better } = objectives[name];
  return scale === "linear" ? loss : Math.exp(better === "higher" ? -loss : loss);
}
