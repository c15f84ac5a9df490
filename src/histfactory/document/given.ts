import { OptionError } from "../../text/gradcuterror.js";
import { describe } from "./problems.js";
import { WorkspaceError } from "./specerror.js";
import { isObject } from "./writejson.js";

const part = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;

/** Throws a WorkspaceError unless the function `name` was given what `readWorkspace` returns. */
export function checkWorkspace(name: string, value: unknown): void {
  if (isObject(part(value, "document"))) return;
  throw new WorkspaceError(
    "workspace.type",
    `'${name}' needs a workspace as 'readWorkspace' returns it, not ${describe(value)}; read it first.`,
    { function: name },
  );
}

/** Throws a WorkspaceError unless the function `name` was given what the method `model` returns. */
export function checkModel(name: string, value: unknown): void {
  if (Array.isArray(part(part(value, "config"), "places"))) return;
  throw new WorkspaceError(
    "workspace.type",
    `'${name}' needs a model as the workspace's 'model' returns it, not ${describe(value)}.`,
    { function: name },
  );
}

/** Throws an OptionError unless `patches` is a list, whose items `applyPatch` checks. */
export function checkPatches(name: string, patches: unknown): void {
  if (Array.isArray(patches)) return;
  throw new OptionError(
    "option.value",
    `'patches' of '${name}' is a list of patches, each a list of operations, not ${describe(patches)}`,
    { function: name, option: "patches" },
  );
}
