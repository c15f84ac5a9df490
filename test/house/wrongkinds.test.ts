import { beforeAll, describe, expect, it } from "vitest";
import * as data from "../../src/events/index.js";
import * as G from "../kit/library.js";
import { random } from "../kit/random.js";
import { runs } from "../kit/runs.js";

beforeAll(() => G.init());

/** One of each kind; the text names no file that there is, and none that there could be. */
const kinds: readonly unknown[] = [undefined, null, 1.5, "no/such/place.csv", [1, 2], { a: 1 }, () => 1];

/** Only the library makes these. */
const internal = new Set(["Tensor"]);

type Any = (...args: readonly unknown[]) => unknown;
const isClass = (f: object) => /^class\s/.test(Function.prototype.toString.call(f));
const functions = [G, data].flatMap((library, i) =>
  Object.entries(library).flatMap(([name, f]): [string, Any, number][] => {
    if (typeof f !== "function" || internal.has(name) || f.prototype instanceof Error) return [];
    const call: Any = isClass(f)
      ? (...args) => Reflect.construct(f, args)
      : (...args) => Reflect.apply(f as Any, undefined, args);
    return [[`${i ? "data " : ""}${name}`, call, f.length + 1]];
  }),
);

/** What is thrown; null where the call returns. What is waited for is waited for. */
async function thrown(call: Any, args: readonly unknown[]): Promise<unknown> {
  try {
    await call(...args);
    return null;
  } catch (error) {
    return error ?? new Error("nothing was thrown");
  }
}

const words = (args: readonly unknown[]) =>
  args.map((x) => (typeof x === "function" ? "function" : JSON.stringify(x))).join(", ");
const family = [G.GradcutError, G.CutError, data.DataError, G.TreeError] as const;

describe("arguments of a wrong kind", () => {
  it.each(functions)("%s refuses in a sentence, or takes", async (name, call, places) => {
    const draw = random(name.length);
    const mixed = () => Array.from({ length: places }, () => kinds[Math.floor(draw() * kinds.length)]);
    const same = kinds.flatMap((kind) => [1, places - 1, places].map((n) => Array(n).fill(kind)));
    for (const args of [[], ...same, ...Array.from({ length: runs(20) }, mixed)]) {
      const error = await thrown(call, args);
      if (error === null) continue;
      const what = `${name}(${words(args)}): ${String(error)}`;
      expect(
        family.some((type) => error instanceof type),
        what,
      ).toBe(true);
      // What was given is at fault, and not the library.
      expect(error, what).not.toBeInstanceOf(G.InternalError);
      const { message, code } = error as InstanceType<typeof G.CutError>;
      expect(message.trim().split(/\s+/).length, what).toBeGreaterThan(3);
      expect(code, what).toMatch(/./);
    }
  });

  it("are named with what they are", () => {
    const wrong = (f: unknown, ...args: unknown[]) => expect(() => (f as Any)(...args));
    wrong(G.mlp, "x").toThrow("'sizes' of 'mlp' is an array of numbers, not 'x'");
    wrong(G.splitTables, {}, 0.5).toThrow("'options' of 'splitTables' is an object, not undefined");
    wrong(G.minos, [1], { parameters: 1 }).toThrow("is a model, as histfactory(…) makes it, not an object");
    wrong(G.limitScan, 1).toThrow("is a model, as histfactory(…) makes it, not");
  });
});
