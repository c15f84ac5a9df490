/** All that is seen, and all that was answered, as one file. */

import { packed } from "../documents/pack.js";
import { textOf } from "../made.js";
import { type State, say, store, studyOf } from "../state.js";
import { fileName, jsonOf, type Made, saveBlob } from "./download.js";
import { type Drawn, loadPlot } from "./figure.js";
import { short } from "./number.js";
import type { Cell, Sheet } from "./sheet.js";

/** A block of the page, as a report has it. */
interface Shown {
  readonly title: string;
  readonly files: readonly Made[];
  readonly drawn?: Drawn | undefined;
  readonly sheet?: Sheet | undefined;
}

/** Blocks that are on the page. */
const shown = new Map<string, Shown>();

/** Keeps a block as long as it is on the page. */
export function show(id: string, block: Shown): () => void {
  shown.set(id, block);
  return () => {
    if (shown.get(id) === block) shown.delete(id);
  };
}

/** Answers by what was asked, with what they are about. */
function answersOf({ drop, answers }: State): unknown {
  return {
    program: `gradcut ${__VERSION__}`,
    document: { name: drop!.name, sha256: drop!.digest },
    link: location.href,
    answers: [...answers].flatMap(([key, answer]) => {
      if (answer.status !== "done") return [];
      const [task, asked] = [key.slice(0, key.indexOf(" ")), key.slice(key.indexOf(" ") + 1)];
      return [{ task, asked: JSON.parse(asked) as unknown, answer: answer.result }];
    }),
  };
}

const said = (cell: Cell): string => (typeof cell === "number" ? short(cell) : (cell ?? ""));

/** The view as a page of the library's. */
async function reportOf(state: State): Promise<string> {
  const plot = await loadPlot();
  const { drop, view } = state;
  const blocks = [...shown];
  return plot.answerPage({
    title: studyOf(state)?.name ?? drop!.name,
    summary: `${view.panel[0]!.toUpperCase()}${view.panel.slice(1)} of ${drop!.name}`,
    figures: blocks.flatMap(([name, { title, drawn }]) =>
      drawn ? [{ name, svg: drawn(plot, { theme: "light", width: 560 }), caption: title }] : [],
    ),
    tables: blocks.flatMap(([, { title, sheet }]) =>
      sheet ? [{ heading: title, heads: sheet.heads, rows: sheet.rows.map((row) => row.map(said)) }] : [],
    ),
    facts: [
      ["document", drop!.name],
      ["sha256", drop!.digest],
      ["link", location.href],
    ],
    program: `the likelihood explorer, gradcut ${__VERSION__}`,
    theme: "light",
  });
}

/** Saves a ZIP: a report and files of the view, all answers, and the workspaces that were made here. */
export async function saveEverything(): Promise<void> {
  const { drop, view } = store.state;
  if (!drop) return;
  const files = new Map<string, string>();
  for (const made of [...shown.values()].flatMap((block) => block.files))
    files.set(`${view.panel}/${fileName(made)}`, await made.content());
  files.set("report.html", await reportOf(store.state));
  files.set("answers.json", jsonOf(answersOf(store.state)));
  for (const recipe of view.made)
    files.set(`made/${fileName({ name: recipe.name, kind: "json" })}`, await textOf(recipe));
  files.set("link.txt", `${location.href}\n`);
  saveBlob(new Blob(packed(files), { type: "application/zip" }), `${stemOf(drop.name)}.zip`);
  say(`${files.size} files are saved.`);
}

const stemOf = (name: string): string =>
  `${fileName({ name: name.replace(/(\.(json|gz|tgz|tar|zip))+$/i, ""), kind: "json" }).replace(/\.json$/, "")}-explored`;
