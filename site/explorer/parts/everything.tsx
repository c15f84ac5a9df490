/** All that is seen, and all that was answered, as one file. */

import { packed } from "../documents/pack.js";
import { textOf } from "../made.js";
import { type State, say, store } from "../state.js";
import { fileName, jsonOf, type Made, saveBlob } from "./download.js";

/** Files of the blocks that are on the page, by block. */
const shown = new Map<string, readonly Made[]>();

/** Keeps the files of a block as long as it is on the page. */
export function show(id: string, files: readonly Made[]): () => void {
  shown.set(id, files);
  return () => {
    if (shown.get(id) === files) shown.delete(id);
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

/** Saves a ZIP: files of the view, all answers, and the workspaces that were made here. */
export async function saveEverything(): Promise<void> {
  const { drop, view } = store.state;
  if (!drop) return;
  const files = new Map<string, string>();
  for (const made of [...shown.values()].flat())
    files.set(`${view.panel}/${fileName(made)}`, await made.content());
  files.set("answers.json", jsonOf(answersOf(store.state)));
  for (const recipe of view.made)
    files.set(`made/${fileName({ name: recipe.name, kind: "json" })}`, await textOf(recipe));
  files.set("link.txt", `${location.href}\n`);
  saveBlob(new Blob(packed(files), { type: "application/zip" }), `${stemOf(drop.name)}.zip`);
  say(`${files.size} files are saved.`);
}

const stemOf = (name: string): string =>
  `${fileName({ name: name.replace(/(\.(json|gz|tgz|tar|zip))+$/i, ""), kind: "json" }).replace(/\.json$/, "")}-explored`;
