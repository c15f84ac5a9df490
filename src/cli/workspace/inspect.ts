// gradcut inspect: what is in a workspace.

import { inspectionText } from "../../histfactory/inspect.js";
import { writeJson } from "../../histfactory/write.js";
import type { Command } from "../command.js";
import { Documents, named, writeFile } from "../document.js";
import { workspaceHelp } from "./options.js";

export const inspect: Command = {
  options: { "output-file": { values: 1 }, measurement: { values: 1 } },
  words: 1,
  help: `usage: gradcut inspect [WORKSPACE] [options]

Prints channels, samples, parameters with their constraints, and measurements;
the first one, marked (*), is what other commands take by default.
${workspaceHelp}
  --output-file FILE        also write all of it as JSON there
  --measurement NAME        accepted as by pyhf, without effect
  -h, --help                this text
`,
  async run(words, io) {
    const [path = "-"] = words.free;
    const workspace = await new Documents(io).workspace(path);
    const summary = named(path, () => workspace.inspect());
    io.out.write(inspectionText(summary));
    const file = words.one("output-file");
    if (file !== undefined) await writeFile(file, writeJson(summary, { indent: 4 }));
    return 0;
  },
};
