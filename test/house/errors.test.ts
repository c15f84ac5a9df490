import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { Arena } from "../../bindings/arena.js";
import { toShared } from "../../bindings/parts.js";
import * as tables from "../../src/events/index.js";
import * as G from "../../src/index.js";

beforeAll(() => G.init());

const root = join(import.meta.dirname, "../..");
const sources = ["src", "bindings", "gpu"].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
    .map((file) => ({ file: `${room}/${file}`, text: readFileSync(join(root, room, file), "utf8") })),
);

/** Every class of errors with the one that it extends. */
const classes = new Map(
  sources.flatMap(({ file, text }) =>
    [...text.matchAll(/\bclass (\w+) extends (\w*Error)\b/g)].map(([, name, parent]) => [
      name!,
      { file, parent: parent! },
    ]),
  ),
);
const isFamily = (name: string): boolean =>
  name === "GradcutError" || (classes.has(name) && isFamily(classes.get(name)!.parent));

describe("errors", () => {
  it("are made of the family alone", () => {
    const made = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bnew (\w*(?:Error|Damage|OutOfMemory|Interrupted|FailedFit))\(/g)].map(
        ([, name]) => ({ file, name: name! }),
      ),
    );
    expect(made.length).toBeGreaterThan(200);
    const foreign = made.filter(({ name }) => !isFamily(name));
    // The bindings know no sentences; what their calls throw, `compile` and `Threads` take up. A signal ends a loop.
    const within = ({ file, name }: (typeof made)[number]) =>
      file.startsWith("bindings/") ? name === "Error" || name === "OutOfMemory" : name === "Interrupted";
    expect(foreign.filter((error) => !within(error))).toEqual([]);
    for (const { file, text } of sources)
      expect(text, file).not.toMatch(/\b(?:throw|reject\()\s*(?!new\b)(?:Type|Range|Syntax)?Error\(/);
  });

  it("that a library can throw are exported, each with its name as a text", () => {
    const exported = new Set([...Object.keys(G), ...Object.keys(tables)]);
    const library = [...classes].filter(
      ([name, { file }]) => isFamily(name) && !/^src\/(cli|plot)\//.test(file),
    );
    expect(library.length).toBeGreaterThan(15);
    // Readers make a DataError of what is wrong in a file.
    expect(library.filter(([name]) => !exported.has(name)).map(([name]) => name)).toEqual(["Damage"]);
  });

  it("of damaged files are made by readers, which name the file", () => {
    const rooms = new Set(
      [...sources].filter(({ text }) => /new Damage\(/.test(text)).map(({ file }) => file),
    );
    expect(
      [...rooms].filter((file) => !/^src\/events\/(formats\/(root|parquet)\/|builder|codecs)/.test(file)),
    ).toEqual([]);
  });

  /** What a call throws where its kernels end so. */
  const ended = (how: () => void): unknown => {
    const f = G.compile((x: G.Tensor) => x.exp());
    const spy = vi.spyOn(Arena.prototype, "check").mockImplementation(how);
    try {
      f(1);
      return null;
    } catch (error) {
      return error;
    } finally {
      spy.mockRestore();
    }
  };

  it("of kernels that stop are the library's, with what the engine said", () => {
    const cause = new WebAssembly.RuntimeError("unreachable");
    const error = ended(() => {
      throw cause;
    });
    expect(error).toBeInstanceOf(G.InternalError);
    expect(error).toMatchObject({ name: "InternalError", code: "internal.kernels", cause });
    expect(String(error)).toMatch(
      /the kernels stopped: unreachable; this is a fault of gradcut, please report it$/,
    );
  });

  it("of runtimes without shared memory have its bytes", () => {
    const none = function none() {
      throw new RangeError("Array buffer allocation failed");
    };
    vi.stubGlobal("SharedArrayBuffer", none);
    try {
      const error = ended(() => {
        toShared(new Float64Array(2 ** 17));
      });
      expect(error).toBeInstanceOf(G.MemoryError);
      expect(error).toMatchObject({ code: "runtime.memory", fields: { needed: 2 ** 20, available: 0 } });
      expect(String(error)).toMatch(/gives no 1 MiB of shared memory; threads need it/);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
