// The optimizers of the command line by name: what reads options needs no more of them.

import { bad, type RawOptions, toNumber, UsageError } from "./options.js";

export const optimizers = [
  ...(["adam", "adamw", "nadam", "radam", "rmsprop", "adagrad", "lion", "sgd", "lbfgs"] as const),
];

export type OptimizerName = (typeof optimizers)[number];

export const defaultDecays = { adamw: 1e-4, lion: 1e-3 } as const;

const takesMomentum = (name: string): boolean => name === "sgd" || name === "rmsprop";
export const takesDecay = (name: string): name is keyof typeof defaultDecays =>
  Object.hasOwn(defaultDecays, name);

/** Throws UsageError for settings that the chosen optimizer does not have. */
export function refuseSettings(raw: RawOptions, optimizer: OptimizerName): void {
  const refuse = (option: string, sentence: string) => {
    throw new UsageError("conflict", option, raw.get(option)![0], sentence);
  };
  if (raw.has("momentum") && !takesMomentum(optimizer))
    refuse("momentum", `--momentum is of --optimizer sgd and rmsprop, not ${optimizer}`);
  if (raw.has("nesterov") && !raw.has("momentum"))
    refuse("nesterov", "--nesterov looks ahead along the momentum: give --momentum, as 0.9");
  if (raw.has("weight-decay") && !takesDecay(optimizer))
    refuse("weight-decay", `--weight-decay is of --optimizer adamw and lion, not ${optimizer}`);
  if (raw.has("weight-decay") && !raw.has("net"))
    refuse("weight-decay", "--weight-decay shrinks the weights of a network: give --net");
}

/** `value` as a number from 0 to below 1. */
export function part(option: string, value: string): number {
  const x = toNumber(value);
  if (!(x >= 0 && x < 1)) throw bad(option, value, "a number from 0 to below 1, like 0.9");
  return x;
}
