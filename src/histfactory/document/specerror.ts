import { GivenError } from "../../text/gradcuterror.js";

/** What is wrong with a document; stable, for programs to branch on. */
export type SpecCode =
  | "json.syntax"
  | "json.depth"
  | "json.encoding"
  | "json.value"
  | "spec.type"
  | "spec.missing"
  | "spec.unknownKey"
  | "spec.empty"
  | "spec.value"
  | "spec.modifierType"
  | "spec.duplicate"
  | "spec.length"
  | "spec.notFinite"
  | "spec.negative"
  | "spec.shared"
  | "spec.nameReuse"
  | "spec.staterror"
  | "spec.shapefactor"
  | "spec.lumi"
  | "spec.config"
  | "spec.bounds"
  | "spec.poi"
  | "spec.noParameters"
  | "spec.observation";

/** One thing that is wrong. */
export interface SpecProblem {
  readonly code: SpecCode;
  /** Where: a JSON path such as `$.channels[0].samples[1].data`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** The sentence of one problem. */
export function sentence({ path, expected, got, remedy }: SpecProblem): string {
  return `${path}: expected ${expected}, got ${got}; ${remedy}${remedy.endsWith("?") ? "" : "."}`;
}

/**
 * A workspace, model, measurement or patch set that cannot be used. `problems` has all that was found (at
 * most 20); code, path, expected, got and message are of the first.
 */
export class SpecError extends GivenError {
  override readonly name = "SpecError";
  readonly problems: readonly SpecProblem[];
  readonly path: string;
  readonly expected: string;
  readonly got: string;

  constructor(problems: readonly [SpecProblem, ...SpecProblem[]]) {
    const [first, ...others] = problems;
    const more = others.length === 0 ? "" : ` (${others.length} more in problems)`;
    super(first.code, `${sentence(first)}${more}`, { ...first });
    this.problems = problems;
    this.path = first.path;
    this.expected = first.expected;
    this.got = first.got;
  }
}

/**
 * An operation that does not fit the workspace: `workspace.unknownName`, `workspace.measurement`,
 * `workspace.join`, `workspace.conflict`, `workspace.type` (what is no workspace or model).
 */
export class WorkspaceError extends GivenError {
  override readonly name = "WorkspaceError";
}

/**
 * A patch, or set of patches, that does not fit: `patch.path`, `patch.test`, `patch.move`, `patch.tooLarge`,
 * `patch.lookup`, `patch.duplicate`, `patch.values`, `patch.digest`.
 */
export class PatchError extends GivenError {
  override readonly name = "PatchError";
}

/** A name as it stands in a sentence: quoted, and cut if it is long. */
export function quote(text: string, most = 40): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return JSON.stringify(cut);
}

/** Names in a sentence: the first few, quoted. */
export function quoteAll(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map((name) => quote(name));
  return names.length > most ? `${shown.join(", ")} and ${names.length - most} more` : shown.join(", ");
}

/** A JSON path from keys and indices: `$.channels[0]["odd key"]`. */
export function jsonPath(keys: readonly (string | number)[]): string {
  return `$${keys
    .map((key) => {
      if (typeof key === "number") return `[${key}]`;
      return /^[A-Za-z_][\w-]{0,60}$/.test(key) ? `.${key}` : `[${quote(key)}]`;
    })
    .join("")}`;
}
