/** How an answer is given: lines or JSON on standard output, JSON, pictures and one HTML page as files. */

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { requireWritable } from "../../events/atomic.js";
import type { Shown } from "../../plot/figures/index.js";
import type { Drawn, TextTable } from "../../plot/pages/answerpage.js";
import { giveText, writeFile } from "../documents/documentfiles.js";
import type { AnswerValues } from "../groups/answeroptions.js";
import type { Io } from "../io.js";
import { UsageError } from "../line/usageerror.js";
import { align } from "../training/resulttable.js";
import { version } from "../version.js";
import { warn } from "./asked.js";

export interface Answer {
  /** What is printed and written as JSON. */
  json: object;
  /** The answer in one line, for the terminal and the page. */
  summary: string;
  tables: readonly TextTable[];
  warnings: readonly string[];
  /** Whether something that was asked for was not found: the status is then 1, the sentences are among the warnings. */
  failed?: boolean;
  title: string;
  facts?: readonly (readonly [name: string, value: string])[];
  /** Called only where something is to be drawn. */
  figures(): readonly Shown[];
}

/** The files of a command. */
type Outputs = Partial<Pick<AnswerValues, "output-file" | "html" | "plot">>;

/** Checks files that are to be written before an answer is worked for. Throws UsageError and DataError. */
export async function checkOutputs(options: Outputs): Promise<void> {
  const places = new Map<string, string>();
  for (const option of ["output-file", "html", "plot"] as const)
    for (const file of [options[option] ?? []].flat()) {
      if (option !== "plot" && file === "-") continue;
      const other = places.get(resolve(file));
      if (other !== undefined && (await isPlain(file)))
        throw new UsageError(
          "conflict",
          option,
          file,
          `--${option} ${file}: --${other} goes there too; name another file`,
        );
      places.set(resolve(file), option);
      await requireWritable(file);
    }
}

/** What is or will be a file that holds one thing; into a device or a pipe may go more. */
const isPlain = async (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => true,
  );

/** Prints and writes. The status of the program. */
export async function give(answer: Answer, options: AnswerValues, io: Io): Promise<number> {
  const { json, summary, tables, warnings } = answer;
  warn(warnings, io);
  const text = JSON.stringify(json, null, 4);
  const { "output-file": file, plot: plots, html, theme } = options;
  if (options.json || file === "-") io.out.write(`${text}\n`);
  else io.out.write(`${[summary, ...tables.flatMap((table) => ["", ...tableLines(table)])].join("\n")}\n`);
  if (file !== null && file !== "-") await giveText(text, file, io);
  const status = answer.failed ? 1 : 0;
  if (plots.length === 0 && html === null) return status;
  const shown = answer.figures();
  // The drawing library takes a while to load.
  const { drawn } = await import("../../plot/figures/index.js");
  const figures = shown.map(drawn);
  const written: string[] = [];
  if (html !== null) {
    await writeFile(html, await pageOf(answer, figures, theme ?? "auto"));
    written.push(html);
  }
  if (figures.length === 0) io.err.write("note: there is nothing to draw\n");
  for (const plot of plots) written.push(...(await writePlot(plot, figures, theme ?? "light")));
  if (written.length > 0) io.err.write(`wrote ${written.join(", ")}\n`);
  return status;
}

type Theme = NonNullable<AnswerValues["theme"]>;

async function pageOf(answer: Answer, figures: readonly Drawn[], theme: Theme): Promise<string> {
  const { answerPage } = await import("../../plot/pages/answerpage.js");
  return answerPage({ ...answer, figures, program: `gradcut ${version}`, theme });
}

/** The first figure has the name that was given, others also their own. The names of the files. */
async function writePlot(file: string, figures: readonly Drawn[], theme: Theme): Promise<string[]> {
  const ending = file.slice(file.lastIndexOf("."));
  const drawn = await writerOf(ending.toLowerCase(), theme === "dark" ? "dark" : "light");
  const { standalone } = await import("../../plot/kit/theme.js");
  const paths: string[] = [];
  for (const [i, { name, svg }] of figures.entries()) {
    const path = i === 0 ? file : `${file.slice(0, -ending.length)}-${name}${ending}`;
    await writeFile(path, drawn ? drawn(svg) : standalone(svg, theme));
    paths.push(path);
  }
  return paths;
}

/** What draws PNG or PDF; null for SVG. */
async function writerOf(
  ending: string,
  theme: "light" | "dark",
): Promise<((svg: string) => Uint8Array) | null> {
  if (ending === ".svg") return null;
  const { PictureError } = await import("../../plot/kit/renderer.js");
  try {
    if (ending === ".pdf") return await (await import("../../plot/kit/pdf.js")).pdfWriter({ theme });
    return await (await import("../../plot/kit/png.js")).pngWriter({ theme });
  } catch (error) {
    if (error instanceof PictureError)
      throw new UsageError("conflict", "plot", undefined, `--plot: ${error.message}`);
    throw error;
  }
}

/** More rows than this are for programs. */
const mostRows = 1000;

function tableLines({ heads, rows }: TextTable): string[] {
  const shown = rows.slice(0, mostRows).map((row) => [...row]);
  const more = rows.length - shown.length;
  return [...align([[...heads], ...shown], 1), ...(more > 0 ? [`${more} more rows: see --json`] : [])];
}
