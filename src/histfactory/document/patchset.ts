import { checkOptions } from "../../core/options.js";
import { digest } from "./digest.js";
import { type Exact, numberValue } from "./exactnumber.js";
import { checkWorkspace } from "./given.js";
import { type Json, jsonOf, readJson } from "./json.js";
import { applyPatch } from "./jsonpatch.js";
import { validate } from "./schemas.js";
import { PatchError, quote, quoteAll } from "./specerror.js";
import type { PatchOperation, PatchSetSpec, PatchSpec } from "./specs.js";
import { Workspace } from "./workspace.js";
import { fromObject, type WriteOptions, writeJson } from "./writejson.js";

/** A JSON patch (RFC 6902) from text or an object. Throws a SpecError with the path of what is wrong. */
export function readPatch(source: unknown): readonly PatchOperation<Json>[] {
  const document = typeof source === "string" ? readJson(source) : fromObject(source);
  validate("jsonpatch", document);
  return document;
}

/** The workspace after a patch of its whole document; errors of `applyPatch` and `readWorkspace`. */
export function patchWorkspace(workspace: Workspace, patch: readonly PatchOperation<Json>[]): Workspace {
  checkWorkspace("patchWorkspace", workspace);
  const document = applyPatch(jsonOf(workspace.document), patch);
  return new Workspace(document);
}

/** A patch set as it was written. */
export type PatchSetDocument = PatchSetSpec<Exact, Json>;

/** One patch of a set. */
export interface Patch {
  readonly name: string;
  /** One for each label of the set. */
  readonly values: readonly (number | string)[];
  readonly operations: readonly PatchOperation<Json>[];
}

/** A patch set from JSON text or an object. Throws a SpecError (schema) or PatchError (names, values). */
export function readPatchSet(source: unknown): PatchSet {
  const document = typeof source === "string" ? readJson(source) : fromObject(source);
  return new PatchSet(document);
}

/** Patches, mostly signals, for one background-only workspace. */
export class PatchSet {
  readonly document: PatchSetDocument;
  readonly patches: readonly Patch[];
  readonly #byName = new Map<string, number>();
  readonly #byValues = new Map<string, number>();

  constructor(document: unknown) {
    validate("patchset", document);
    this.document = document;
    this.patches = document.patches.map(({ metadata, patch }) => ({
      name: metadata.name,
      values: metadata.values.map((value) => (typeof value === "string" ? value : numberValue(value))),
      operations: patch,
    }));
    this.patches.forEach(({ name, values }, i) => {
      this.#register(this.#byName, name, i, "the name");
      this.#register(this.#byValues, valuesKey(values), i, "the values");
      if (values.length !== this.labels.length) {
        throw new PatchError(
          "patch.values",
          `Patch ${quote(name)} has ${values.length} values for ${this.labels.length} labels (${quoteAll(this.labels)}); give it one for each.`,
          { index: i, name, expected: this.labels.length, got: values.length },
        );
      }
    });
  }

  #register(places: Map<string, number>, key: string, i: number, what: string): void {
    const before = places.get(key);
    if (before !== undefined) {
      throw new PatchError(
        "patch.duplicate",
        `Patches ${before} and ${i} both have ${what} ${quote(key)}; make them differ.`,
        { first: before, second: i },
      );
    }
    places.set(key, i);
  }

  /** What the values of a patch mean. */
  get labels(): readonly string[] {
    return this.document.metadata.labels;
  }

  get description(): string {
    return this.document.metadata.description;
  }

  get references(): PatchSetDocument["metadata"]["references"] {
    return this.document.metadata.references;
  }

  /** Digests of the workspace that the patches are for, by algorithm. */
  get digests(): PatchSetDocument["metadata"]["digests"] {
    return this.document.metadata.digests;
  }

  get version(): string {
    return this.document.version;
  }

  /** The patch of a name or of values. Throws a PatchError if there is none. */
  patch(key: string | readonly (number | string)[]): Patch {
    return this.patches[this.#place(key)]!;
  }

  #place(key: string | readonly (number | string)[]): number {
    const place = typeof key === "string" ? this.#byName.get(key) : this.#byValues.get(valuesKey(key));
    if (place !== undefined) return place;
    const wanted = typeof key === "string" ? `the name ${quote(key)}` : `the values ${valuesKey(key)}`;
    const names = this.patches.map(({ name }) => name);
    throw new PatchError("patch.lookup", `No patch has ${wanted}; there are ${quoteAll(names)}.`, { key });
  }

  /** Throws a PatchError if the workspace is not the one that the patches are for. */
  verify(workspace: Workspace): void {
    checkWorkspace("verify", workspace);
    for (const algorithm of ["md5", "sha256"] as const) {
      const expected = this.digests[algorithm];
      if (expected === undefined) continue;
      const got = digest(workspace.document, algorithm);
      if (got === expected.toLowerCase()) continue;
      throw new PatchError(
        "patch.digest",
        `The workspace has ${algorithm} digest ${got}, but the patches are for the one with ${expected}; take that workspace, unchanged, from its file.`,
        { algorithm, expected, got },
      );
    }
  }

  /** The workspace with a patch, after {@link PatchSet.verify}. */
  apply(workspace: Workspace, key: string | readonly (number | string)[]): Workspace {
    const { operations } = this.patch(key);
    this.verify(workspace);
    return patchWorkspace(workspace, operations);
  }

  /** The operations of a patch as pyhf prints them; with `metadata`, an object with the set's beside. */
  extract(
    key: string | readonly (number | string)[],
    options: WriteOptions & { readonly metadata?: boolean } = {},
  ): string {
    checkOptions("extract", options, { metadata: true, indent: true, ascii: true });
    const { metadata = false, ...written } = options;
    const { patch, metadata: own }: PatchSpec<Exact, Json> = this.document.patches[this.#place(key)]!;
    const result = metadata ? { metadata: { ...own, ...this.document.metadata }, patch } : patch;
    return writeJson(result, { indent: 4, ...written });
  }

  /** What `pyhf patchset inspect` prints. */
  inspect(): string {
    const names = this.patches.map(({ name }) => `${name}\n`).join("");
    return `\n    ${this.patches.length} patches found in Patchset\n---------------------------------\n\n${names}`;
  }
}

/** Numbers apart from texts, `1` as `1.0`. */
function valuesKey(values: readonly (number | string)[]): string {
  return JSON.stringify(values);
}
