// Every op of the library with what it is tested against, as the op files export it. The library itself keeps no list: what
// a program does not call is not in its bundle.
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Oracle } from "../../src/core/graph/oracle.js";
import type { Op } from "../../src/core/graph/record.js";

const root = resolve(import.meta.dirname, "../..");
const folders = ["src/ops", "src/core/elementary", "src/core/graph", "src/core/derive"];
/** Source files in which records may stand. */
export const opFiles = folders.flatMap((folder) =>
  readdirSync(join(root, folder)).flatMap((name) => (name.endsWith(".ts") ? [join(root, folder, name)] : [])),
);

const found: Oracle[] = [];
for (const file of opFiles) {
  const module: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(file).href);
  for (const [name, value] of Object.entries(module))
    if (name.endsWith("Oracle") && name !== "elementwiseOracle") found.push((value as () => Oracle)());
}

/** Every op, by name. */
export const registry: ReadonlyMap<string, Op> = new Map(found.map(({ op }) => [op.name, op]));
/** What each is tested against. */
export const oracles: ReadonlyMap<Op, Oracle> = new Map(found.map((oracle) => [oracle.op, oracle]));
if (registry.size !== found.length) throw new Error("two ops have one name");

/** The oracle of an op by its name. */
export const oracleOf = (op: Op): Oracle => {
  const oracle = oracles.get(op);
  if (!oracle) throw new Error(`'${op.name}' has no oracle`);
  return oracle;
};
