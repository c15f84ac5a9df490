/** Modules of Node that read and write files; Deno and Bun have them, too. */
interface Builtins {
  "node:crypto": typeof import("node:crypto");
  "node:fs": typeof import("node:fs");
  "node:fs/promises": typeof import("node:fs/promises");
  "node:os": typeof import("node:os");
  "node:path": typeof import("node:path");
  "node:stream": typeof import("node:stream");
  "node:stream/promises": typeof import("node:stream/promises");
  "node:url": typeof import("node:url");
  "node:zlib": typeof import("node:zlib");
}

/** Whether the runtime has files: it is Node, or like it. */
export const hasFiles = (): boolean => typeof globalThis.process?.versions?.node === "string";

/** One of these modules, where {@link hasFiles} says that there are any. */
export async function builtin<K extends keyof Builtins>(name: K): Promise<Builtins[K]> {
  // An import that names them would be one that a bundler for browsers stumbles over.
  const found = globalThis.process.getBuiltinModule?.(name);
  if (found) return found as Builtins[K];
  const loaded: Promise<Builtins[K]> = import(/* @vite-ignore */ /* webpackIgnore: true */ name);
  return loaded;
}
