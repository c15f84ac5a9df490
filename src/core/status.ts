import { didYouMean } from "../text/nearest.js";
import { recordNames } from "../text/recordnames.js";
import { fitEnds, rootEnds } from "./agreed.js";
import { InputError } from "./errors.js";

/** What a status is in numbers and words. */
export interface StatusRecord {
  /** What a traced function answers for it, where everything is a Tensor. */
  readonly number: number;
  /** What it means, and what to do about it. */
  readonly sentence: string;
}

const known = {
  converged: { number: fitEnds.converged, sentence: "converged" },
  maxSteps: {
    number: fitEnds.maxSteps,
    sentence: "the step limit was reached: raise maxSteps, or start nearer to the minimum",
  },
  notFinite: {
    number: fitEnds.notFinite,
    sentence:
      "the objective or its derivatives are not finite: check the start, and bound the coordinates to where the objective exists",
  },
  noDescent: {
    number: fitEnds.noDescent,
    sentence:
      "no descent was possible: the objective may be unbounded below, level off, or have no minimum inside the bounds",
  },
  crossed: {
    number: fitEnds.crossed,
    sentence: "a lower bound lies above its upper one: exchange them",
  },
  jump: {
    number: rootEnds.jump,
    sentence:
      "the function jumps across zero or the step limit was reached: look for a pole or a step inside the bracket",
  },
  sameSign: {
    number: rootEnds.sameSign,
    sentence: "no change of sign between the ends: widen the bracket",
  },
  noValue: {
    number: rootEnds.noValue,
    sentence: "the function is not finite inside the bracket: narrow it",
  },
  stalled: {
    number: 8,
    sentence:
      "neither the loss nor its gradient gets lower any more: they are at the resolution of their arithmetic " +
      "(f64 tables go further), or the gradient does not belong to the loss",
  },
  earlyStop: { number: 9, sentence: "evaluations in a row brought no improvement: `patience` ended it" },
  stopped: { number: 10, sentence: "`onStep` ended it" },
  aborted: { number: 11, sentence: "its signal ended it: resume it from its checkpoint to go on" },
} as const satisfies Record<string, StatusRecord>;

/** How something ends: a minimisation, a root, a fit, a limit, a training. */
export type Status = keyof typeof known;

/** Every status by name, with its number and a sentence. */
export const statuses: Readonly<Record<Status, StatusRecord>> = known;

const names = /*#__PURE__*/ recordNames(statuses);

const named = new Map(names.map((name): [number, Status] => [statuses[name].number, name]));

/** The name of a status from its number, as traced functions answer it. Throws an InputError where there is none. */
export function statusName(number: number): Status {
  const name = named.get(number);
  if (name !== undefined) return name;
  const sentence = `${String(number)} is the number of no status; they are ${[...named.keys()].join(", ")}`;
  throw new InputError("input.status", sentence, { got: number, known: [...named.keys()] });
}

/** What a status means, and what to do about it, from its name or number. Throws an InputError where there is none. */
export function statusMessage(status: Status | number): string {
  if (typeof status === "number") return statuses[statusName(status)].sentence;
  if (Object.hasOwn(statuses, status)) return statuses[status].sentence;
  const sentence = `'${String(status)}' is no status. ${didYouMean(String(status), names, "statuses")}`;
  throw new InputError("input.status", sentence, { got: status, known: names });
}
