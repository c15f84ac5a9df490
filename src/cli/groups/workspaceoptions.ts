import { section } from "../line/option.js";
import { document } from "../line/optionvalue.js";
import type { Arguments } from "../line/parseline.js";

const { last } = section("");

export const outputFile = {
  "output-file": last(document, {
    placeholder: "FILE",
    help: "write there",
    otherwise: "standard output",
  }),
} as const;

export const oneWorkspace: Arguments = {
  most: 1,
  offers: "file",
  help: "WORKSPACE is a pyhf workspace (JSON); without it, or for -, standard input.",
};
