// gradcut digest: the fingerprint of a workspace.

import { type HashName, hashNames } from "../../histfactory/hash.js";
import { writeJson } from "../../histfactory/write.js";
import type { Command } from "../command.js";
import { Documents } from "../document.js";
import { workspaceHelp } from "./options.js";

export const digest: Command = {
  options: {
    algorithm: { values: 1, short: "a", choices: hashNames },
    json: { values: 0, short: "j", off: "plaintext", offShort: "p" },
  },
  words: 1,
  help: `usage: gradcut digest [WORKSPACE] [options]

Prints the digest of a workspace, equal to pyhf's. It does not depend on
the order of keys and on spaces; it does on the order of channels: see sort.
${workspaceHelp}
  -a, --algorithm NAME      ${hashNames.join(", ")}; repeatable
                            (default sha256)
  -j, --json                as a JSON object
  -p, --plaintext           as algorithm:digest (default)
  -h, --help                this text
`,
  async run(words, io) {
    const workspace = await new Documents(io).workspace(words.free[0]);
    const algorithms = words.has("algorithm") ? (words.many("algorithm") as HashName[]) : ["sha256" as const];
    const digests = Object.fromEntries(algorithms.map((name) => [name, workspace.digest(name)]));
    const lines = Object.entries(digests).map(([name, text]) => `${name}:${text}`);
    io.out.write(`${words.flag("json") ? writeJson(digests, { indent: 4 }) : lines.join("\n")}\n`);
    return 0;
  },
};
