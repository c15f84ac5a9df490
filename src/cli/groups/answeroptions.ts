import { section, type Values } from "../line/option.js";
import { choice, document, fileWith, finite, verbatim, whole } from "../line/optionvalue.js";

const { flag, last, lastOr, many } = section("");

export const themes = ["light", "dark", "auto"] as const;

/** How an answer is given, and of which data. */
export const answerOptions = {
  asimov: last(finite, {
    placeholder: "X",
    help: "instead of the data, what is expected if the parameter of interest is X",
  }),
  json: flag({ help: "print the answer as JSON" }),
  "output-file": last(document, { placeholder: "FILE", help: "write the JSON there" }),
  plot: many(fileWith(".svg", ".png", ".pdf"), {
    placeholder: "FILE",
    help: "draw it as .svg, .png or .pdf; repeatable; PNG and PDF need npm i @resvg/resvg-js@2.6.2",
  }),
  html: last(document, { placeholder: "FILE", help: "one page with figures and numbers" }),
  label: last(verbatim, {
    placeholder: "TEXT",
    help: 'of pictures and page, in place of the file\'s name; an experiment is bold: "ATLAS Internal"',
  }),
  digits: lastOr(whole(1, 17), 0, {
    placeholder: "N",
    help: "significant digits of printed numbers, and of errors",
    otherwise: "as many as each needs",
  }),
  theme: last(choice(themes), {
    placeholder: "NAME",
    help: "light, dark or auto",
    otherwise: "light; page auto",
  }),
} as const;

export type AnswerValues = Values<typeof answerOptions>;
