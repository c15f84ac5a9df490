/**
 * What commands that fit have in common: a workspace, a measurement, patches, and pyhf's options for its machinery.
 */

import { quote, SpecError } from "../../histfactory/document/specerror.js";
import type { Workspace } from "../../histfactory/document/workspace.js";
import type { Model } from "../../histfactory/model/model.js";
import { compile, init, type Tensor } from "../../index.js";
import { Documents, named } from "../documents/documentfiles.js";
import type { AnswerValues } from "../groups/answeroptions.js";
import type { ModelValues } from "../groups/modeloptions.js";
import type { Io } from "../io.js";
import { shown, UsageError } from "../line/usageerror.js";

/** A command line that asks something of a model; the options beyond the model's are of commands that answer at length. */
export interface Asked {
  readonly options: ModelValues & Partial<Pick<AnswerValues, "label" | "asimov">> & { prefit?: boolean };
  readonly words: readonly string[];
}

export interface Question {
  workspace: Workspace;
  model: Model;
  /** Observed and auxiliary. */
  data: Float64Array;
  /** How the workspace is called in titles. */
  title: string;
  /** What stands above figures: the name of an experiment in bold, and text. */
  label: { bold?: string; text: string };
}

/** Reads workspace and patches, and builds the model. Throws UsageError, WorkspaceError, PatchError. */
export async function readQuestion({ options, words }: Asked, io: Io): Promise<Question> {
  const { patch: files, asimov = null, label = null, prefit = false } = options;
  const ignored = (["backend", "optimizer", "optconf"] as const).filter((name) => options[name] !== null);
  if (ignored.length > 0) {
    const what = ignored.map((name) => `--${name}`).join(", ");
    io.err.write(`note: ${what}: ignored, gradcut has its own kernels and minimiser\n`);
  }
  const [path = "-"] = words;
  const documents = new Documents(io);
  const workspace = await documents.workspace(path);
  const patches: Awaited<ReturnType<Documents["patch"]>>[] = [];
  for (const file of files) patches.push(await documents.patch(file));
  await init();
  const measurement = options.measurement ?? undefined;
  const model = named(path, () => workspace.model({ measurement, patches }));
  const names = [path, ...files].filter((file) => file !== "-").map(stem);
  const title = label ?? names.join(", ");
  if (!prefit) named(path, () => checkStarts(workspace, model, measurement, patches.length > 0));
  const data =
    asimov === null
      ? named(path, () => workspace.data(model, { refuseNegative: true }))
      : asimovData(model, asimov);
  return { workspace, model, data, title, label: labelOf(label ?? "", title) };
}

/** Throws a SpecError with the place in the document of a start that its bounds exclude. */
function checkStarts(
  workspace: Workspace,
  model: Model,
  measurement: string | undefined,
  patched: boolean,
): void {
  const { parameterSets, suggestedInit, suggestedLower, suggestedUpper, parNames } = model.config;
  const { config } = workspace.measurement(measurement);
  const place = workspace.spec.measurements.findIndex((other) => other.config === config);
  for (const { name, user, slice } of parameterSets)
    for (let i = slice[0]; i < slice[1]; i++) {
      const [start, lower, upper] = [suggestedInit[i]!, suggestedLower[i]!, suggestedUpper[i]!];
      if (lower <= start && start <= upper) continue;
      // A patch has its own parameters, whose place in it is not known here.
      const at = config.parameters.findIndex((parameter) => parameter.name === name);
      const key = user?.inits ? `.inits[${i - slice[0]}]` : user?.bounds ? `.bounds[${i - slice[0]}]` : "";
      const path =
        patched || at < 0 ? "$.parameters" : `$.measurements[${place}].config.parameters[${at}]${key}`;
      const problem = {
        expected: `a start of parameter ${quote(parNames[i]!)} in its bounds ${lower} to ${upper}`,
        got: user?.inits ? String(start) : `${start}, where it starts without inits`,
        remedy: user?.inits ? "move the start or widen the bounds" : "give inits or widen the bounds",
      };
      throw new SpecError([{ code: "spec.bounds", path, ...problem }]);
    }
}

/** A first word with two capitals is an experiment, as in "ATLAS Internal" or "LHCb Preliminary". */
export function labelOf(given: string, title: string): Question["label"] {
  const [first = "", ...rest] = given.split(/\s+/);
  return /\p{Lu}.*\p{Lu}/u.test(first) ? { bold: first, text: rest.join(" ") } : { text: title };
}

/** The name of a file without folder and ending. */
const stem = (path: string): string => path.replace(/^.*[/\\]/, "").replace(/\.json$/i, "");

/** What the model expects with its parameter of interest at a value and all others at their start. */
function asimovData(model: Model, value: number): Float64Array {
  const { poiIndex, suggestedInit } = model.config;
  if (poiIndex === null)
    throw new UsageError(
      "conflict",
      "asimov",
      String(value),
      "--asimov: the measurement names no parameter of interest",
    );
  const pars = Float64Array.from(suggestedInit);
  pars[poiIndex] = value;
  return compile((x: Tensor) => model.expectedData(x))(pars) as Float64Array;
}

/** Says on standard error what a person must know about an answer. */
export function warn(warnings: readonly string[], io: Io): void {
  for (const warning of new Set(warnings)) io.err.write(`warning: ${warning}\n`);
}

/** Names of parameters in a sentence about one that is not there. */
export function choices(names: readonly string[]): string {
  const few = names.slice(0, 8).map(shown).join(", ");
  return names.length > 8 ? `${few} and ${names.length - 8} more` : few;
}
