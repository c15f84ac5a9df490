// gradcut patchset: sets of patches, mostly signals, for a background-only workspace.

import type { Command } from "../command.js";
import { runCommand } from "../command.js";
import { Documents, giveText } from "../document.js";
import type { Io } from "../io.js";
import { nearest, shown, UsageError } from "../options.js";
import type { Words } from "../words.js";
import { outputFile, outputHelp } from "./options.js";

const nameHelp = "  --name NAME               the name of the patch\n";

const extract: Command = {
  options: {
    ...outputFile,
    name: { values: 1 },
    "with-metadata": { values: 0, off: "without-metadata" },
  },
  words: 1,
  help: `usage: gradcut patchset extract [PATCHSET] --name NAME [options]

Prints one patch (RFC 6902) of a set. Without PATCHSET, or for -, the set is
read from standard input.

${nameHelp}  --with-metadata           with the metadata of the set and of the patch;
                            --without-metadata is the default
${outputHelp}`,
  async run(words, io) {
    const set = await new Documents(io).patchSet(words.free[0]);
    const text = set.extract(patchName(words), { metadata: words.flag("with-metadata") });
    await giveText(text, words.one("output-file"), io);
    return 0;
  },
};

const apply: Command = {
  options: { ...outputFile, name: { values: 1 } },
  words: 2,
  help: `usage: gradcut patchset apply WORKSPACE PATCHSET --name NAME [options]

Prints the background-only workspace with one patch of the set, after verifying
that the set is for it. One of the two may be -, standard input.

${nameHelp}${outputHelp}`,
  async run(words, io) {
    const { workspace, set } = await both(words, io);
    const patched = set.apply(workspace, patchName(words));
    await giveText(patched.write(), words.one("output-file"), io);
    return 0;
  },
};

const verify: Command = {
  options: {},
  words: 2,
  help: `usage: gradcut patchset verify WORKSPACE PATCHSET

Says "All good." if the digests of the set are those of the workspace. One of
the two may be -, standard input.

  -h, --help                this text
`,
  async run(words, io) {
    const { workspace, set } = await both(words, io);
    set.verify(workspace);
    io.out.write("All good.\n");
    return 0;
  },
};

const inspect: Command = {
  options: {},
  words: 1,
  help: `usage: gradcut patchset inspect [PATCHSET]

Lists the names of the patches. Without PATCHSET, or for -, the set is read from
standard input.

  -h, --help                this text
`,
  async run(words, io) {
    const set = await new Documents(io).patchSet(words.free[0]);
    io.out.write(set.inspect());
    return 0;
  },
};

const subcommands: ReadonlyMap<string, Command> = new Map(
  Object.entries({ extract, apply, verify, inspect }),
);

const help = `usage: gradcut patchset COMMAND [options]

  extract   one patch of a set
  apply     a background-only workspace with one patch
  verify    whether a set is for a workspace
  inspect   the names of the patches

  gradcut patchset COMMAND --help   the options of a command
`;

/** Runs one of the four, or prints what they are. Throws UsageError and what they throw. */
export async function patchset([word, ...rest]: string[], io: Io): Promise<number> {
  if (word === undefined || word === "--help" || word === "-h") {
    io.out.write(help);
    return 0;
  }
  const command = subcommands.get(word);
  if (command !== undefined) return runCommand(command, rest, io);
  const near = nearest(word, [...subcommands.keys()]);
  const hint = near ? `did you mean ${near}?` : `commands: ${[...subcommands.keys()].join(", ")}`;
  throw new UsageError("unexpected-argument", "", word, `unknown command patchset ${shown(word)}, ${hint}`);
}

async function both(words: Words, io: Io) {
  const documents = new Documents(io);
  const workspace = await documents.workspace(words.free[0]);
  return { workspace, set: await documents.patchSet(words.free[1]) };
}

function patchName(words: Words): string {
  const name = words.one("name");
  if (name !== undefined) return name;
  throw new UsageError("missing-option", "name", undefined, "--name NAME is missing: which patch of the set");
}
