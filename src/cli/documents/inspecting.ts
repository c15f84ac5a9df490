/** `gradcut inspect`: what is in a workspace. */

import { inspectionText } from "../../histfactory/document/inspection.js";
import { writeJson } from "../../histfactory/document/writejson.js";
import type { inspectOptions } from "../commands/inspect.js";
import type { Io } from "../io.js";
import type { Given } from "../line/parseline.js";
import { Documents, named, writeFile } from "./documentfiles.js";

export async function inspect(given: Given<typeof inspectOptions>, io: Io): Promise<number> {
  const { options } = given;
  const [path = "-"] = given.words;
  const workspace = await new Documents(io).workspace(path);
  const summary = named(path, () => workspace.inspect());
  io.out.write(inspectionText(summary));
  const file = options["output-file"];
  if (file !== null) await writeFile(file, writeJson(summary, { indent: 4 }));
  return 0;
}
