import { hashNames } from "../../histfactory/document/hash.js";
import { oneWorkspace } from "../groups/workspaceoptions.js";
import { command } from "../line/command.js";
import { section } from "../line/option.js";
import { choice } from "../line/optionvalue.js";

const { flag, many } = section("");

export const digestOptions = {
  algorithm: many(choice(hashNames), {
    short: "a",
    placeholder: "NAME",
    help: "which digest; repeatable",
    otherwise: "sha256",
  }),
  json: flag({
    short: "j",
    help: "as a JSON object",
    off: { name: "plaintext", short: "p", help: "as algorithm:digest (default)" },
  }),
} as const;

export const digest = command({
  name: "digest",
  group: "workspaces",
  summary: "the fingerprint of a workspace",
  usage: ["[WORKSPACE] [options]"],
  intro: [
    "Prints the digest of a workspace, equal to pyhf's. It does not depend on the order of keys and on spaces; it does on the order of channels: see sort.",
  ],
  arguments: oneWorkspace,
  options: () => digestOptions,
  run: async (given, io) => (await import("../documents/digesting.js")).digest(given, io),
});
