/** Models by what they are asked for; the last few are kept. */

import {
  type PatchOperation,
  type PatchSet,
  patchWorkspace,
  readPatch,
  readPatchSet,
  readWorkspace,
  type Workspace,
} from "gradcut/stats";
import type { Prepared, Question } from "./task.js";

/** Models and texts that are kept for the next question. */
const most = 6;

/** Values by key, of which the last used ones are kept. */
export class Kept<T> {
  readonly #values = new Map<string, T>();
  readonly #most: number;

  constructor(many: number) {
    this.#most = many;
  }

  get(key: string, make: () => T): T {
    const value = this.#values.has(key) ? (this.#values.get(key) as T) : make();
    this.#values.delete(key);
    this.#values.set(key, value);
    const [oldest] = this.#values.keys();
    if (this.#values.size > this.#most && oldest !== undefined) this.#values.delete(oldest);
    return value;
  }

  clear(): void {
    this.#values.clear();
  }
}

/** Documents of a drop, and what was made of them. */
export class Library {
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #workspaces = new Kept<Workspace>(most);
  readonly #sets = new Kept<PatchSet>(most);
  readonly #patched = new Kept<Workspace>(most);
  readonly #models = new Kept<Prepared>(most);

  hold(path: string, bytes: Uint8Array): void {
    this.#bytes.set(path, bytes);
  }

  drop(): void {
    this.#bytes.clear();
    for (const kept of [this.#workspaces, this.#sets, this.#patched, this.#models]) kept.clear();
  }

  text(path: string): string {
    const bytes = this.#bytes.get(path);
    if (!bytes) throw new Error(`${path} is not among the documents`);
    return new TextDecoder().decode(bytes);
  }

  workspace(path: string): Workspace {
    return this.#workspaces.get(path, () => readWorkspace(this.text(path)));
  }

  /** The operations that add a signal. */
  patch({
    document,
    patch,
  }: NonNullable<Question["signal"]>): readonly PatchOperation<never>[] | ReturnType<typeof readPatch> {
    if (patch === null) return readPatch(this.text(document));
    return this.#sets.get(document, () => readPatchSet(this.text(document))).patch(patch).operations;
  }

  /** A workspace with its signal. */
  source({ workspace: path, signal }: Pick<Question, "workspace" | "signal">): Workspace {
    if (signal === null) return this.workspace(path);
    return this.#patched.get(JSON.stringify([path, signal]), () =>
      patchWorkspace(this.workspace(path), this.patch(signal) as ReturnType<typeof readPatch>),
    );
  }

  model(question: Question): Prepared {
    return this.#models.get(JSON.stringify(question), () => this.#prepare(question));
  }

  #prepare({ measurement, ...of }: Question): Prepared {
    const workspace = this.source(of);
    const { poi } = workspace.measurement(measurement ?? 0).config;
    // A workspace of backgrounds names a parameter of interest that only signals bring.
    const there = poi !== "" && workspace.names.modifiers.some(([name]) => name === poi);
    const model = workspace.model({ measurement: measurement ?? 0, ...(there ? {} : { poi: null }) });
    const without = there
      ? null
      : poi === ""
        ? "The measurement names no parameter of interest."
        : `Nothing depends on ${poi}, the parameter of interest: choose a signal.`;
    const made = new Map<string, unknown>();
    const once = <T>(name: string, make: () => T): T => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name) as T;
    };
    return { workspace, model, data: workspace.data(model), without, once };
  }
}
