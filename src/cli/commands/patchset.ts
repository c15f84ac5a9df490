import { outputFile } from "../groups/workspaceoptions.js";
import { command, type Family } from "../line/command.js";
import { section } from "../line/option.js";
import { verbatim } from "../line/optionvalue.js";
import type { Arguments } from "../line/parseline.js";

const { flag, last } = section("");

export const oneOfSet = {
  name: last(verbatim, { placeholder: "NAME", help: "the name of the patch" }),
  ...outputFile,
} as const;

export const extractOptions = {
  ...oneOfSet,
  "with-metadata": flag({
    help: "with the metadata of the set and of the patch",
    off: { name: "without-metadata", help: "without them (default)" },
  }),
} as const;

const load = () => import("../documents/patching.js");

const oneSet: Arguments = {
  most: 1,
  offers: "file",
  help: "PATCHSET is a set of patches (JSON); without it, or for -, standard input.",
};
const workspaceAndSet: Arguments = {
  most: 2,
  offers: "file",
  help: "One of the two may be -, standard input.",
};

const extract = command({
  name: "patchset extract",
  group: "workspaces",
  summary: "one patch of a set",
  usage: ["[PATCHSET] --name NAME [options]"],
  intro: ["Prints one patch (RFC 6902) of a set."],
  arguments: oneSet,
  options: () => extractOptions,
  run: async (given, io) => (await load()).extract(given, io),
});

const apply = command({
  name: "patchset apply",
  group: "workspaces",
  summary: "a background-only workspace with one patch",
  usage: ["WORKSPACE PATCHSET --name NAME [options]"],
  intro: [
    "Prints the background-only workspace with one patch of the set, after verifying that the set is for it.",
  ],
  arguments: workspaceAndSet,
  options: () => oneOfSet,
  run: async (given, io) => (await load()).apply(given, io),
});

const verify = command({
  name: "patchset verify",
  group: "workspaces",
  summary: "whether a set is for a workspace",
  usage: ["WORKSPACE PATCHSET"],
  intro: ['Says "All good." if the digests of the set are those of the workspace.'],
  arguments: workspaceAndSet,
  options: () => ({}),
  run: async (given, io) => (await load()).verify(given, io),
});

const inspect = command({
  name: "patchset inspect",
  group: "workspaces",
  summary: "the names of the patches",
  usage: ["[PATCHSET]"],
  intro: ["Lists the names of the patches."],
  arguments: oneSet,
  options: () => ({}),
  run: async (given, io) => (await load()).inspect(given, io),
});

export const patchset: Family = {
  name: "patchset",
  group: "workspaces",
  summary: "sets of patches: extract, apply, verify, inspect",
  commands: { extract, apply, verify, inspect },
};
