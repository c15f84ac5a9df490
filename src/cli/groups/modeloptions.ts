import { section, type Values } from "../line/option.js";
import { document, verbatim } from "../line/optionvalue.js";

const { last, many } = section("");
const ignored = "accepted as by pyhf, and ignored: there is one way to compute here, with exact derivatives";

/** Which model of a workspace, of commands that fit. */
export const modelOptions = {
  measurement: last(verbatim, {
    placeholder: "NAME",
    help: "which measurement",
    otherwise: "the first",
  }),
  patch: many(document, {
    short: "p",
    placeholder: "FILE",
    help: "a JSON patch of channels and parameters; repeatable",
  }),
  backend: last(verbatim, { placeholder: "NAME", help: ignored }),
  optimizer: last(verbatim, { placeholder: "NAME", help: "the same" }),
  optconf: last(verbatim, { placeholder: "KEY=VALUE", help: "the same" }),
} as const;

export type ModelValues = Values<typeof modelOptions>;
