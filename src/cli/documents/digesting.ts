/** `gradcut digest`: the fingerprint of a workspace. */

import { writeJson } from "../../histfactory/document/writejson.js";
import type { digestOptions } from "../commands/digest.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents } from "./documentfiles.js";

export async function digest(given: Given<typeof digestOptions>, io: Io): Promise<number> {
  const { options } = given;
  const workspace = await new Documents(io).workspace(given.words[0]);
  const algorithms = options.algorithm.length > 0 ? options.algorithm : ["sha256" as const];
  const digests = Object.fromEntries(algorithms.map((name) => [name, workspace.digest(name)]));
  const lines = Object.entries(digests).map(([name, text]) => `${name}:${text}`);
  io.out.write(`${options.json ? writeJson(digests, { indent: 4 }) : lines.join("\n")}\n`);
  return 0;
}
