/** Workspaces made of others: documents of the session, which every panel works on as on dropped ones. */

import { heavy, quick } from "./ask.js";
import { documentsIn, type Recipe } from "./documents/recipes.js";
import type { Document, Study } from "./documents/studies.js";
import { look, say, store } from "./state.js";

/** A made workspace among the documents. */
interface Made {
  readonly document: Document;
  readonly study: Study;
}

/** Its path is that of its content, so that answers about it are about no other. */
const pathOf = (digest: string): string => `made:${digest.slice(0, 16)}`;

/** Makes a workspace and gives it to the workers. Throws a TaskError where nothing comes of the recipe. */
async function made(recipe: Recipe): Promise<Made> {
  const { text, digest, problem, after } = await quick.ask(
    "edit",
    { recipe, write: true },
    { documents: documentsIn(recipe), urgent: true },
  );
  if (text === null || digest === null || after === null) throw new Error(problem ?? "nothing was made");
  const bytes = new TextEncoder().encode(text);
  const path = pathOf(digest);
  for (const team of [quick, heavy]) team.add(path, bytes);
  const { channels, bins } = after;
  return {
    document: {
      ...{ path, size: bytes.length, digests: [digest] },
      content: { kind: "workspace", channels, bins, measurements: [] },
    },
    // Patches are for the workspace that they were made for, place by place.
    study: { workspace: path, name: recipe.name, labels: [], points: [] },
  };
}

/** Adds what was made, unless it is there. */
function add({ document, study }: Made): void {
  const { drop } = store.state;
  if (!drop || drop.studies.some(({ workspace }) => workspace === study.workspace)) return;
  store.set({
    drop: { ...drop, documents: [...drop.documents, document], studies: [...drop.studies, study] },
  });
}

/** Makes a workspace, and looks at it. Throws where nothing comes of the recipe. */
export async function make(recipe: Recipe): Promise<void> {
  const { drop } = store.state;
  const one = await made(recipe);
  if (store.state.drop !== drop) return;
  const { view } = store.state;
  const known = drop!.studies.some(({ workspace }) => workspace === one.study.workspace);
  add(one);
  look({
    ...{ workspace: one.study.workspace, signal: null, measurement: null, channel: null, pars: {} },
    ...{ draft: null, other: recipe.of, made: known ? view.made : [...view.made, recipe] },
  });
  say(`${recipe.name} is made; all views look at it.`);
}

/** The document that a recipe makes, as text. */
export async function textOf(recipe: Recipe): Promise<string> {
  const { text, problem } = await quick.ask(
    "edit",
    { recipe, write: true },
    { documents: documentsIn(recipe), urgent: true },
  );
  if (text === null) throw new Error(problem ?? "nothing was made");
  return text;
}

/** Makes again what a link says; what cannot be made of these documents is left out. */
export async function remake(recipes: readonly Recipe[]): Promise<readonly Recipe[]> {
  const good: Recipe[] = [];
  for (const recipe of recipes) {
    try {
      add(await made(recipe));
      good.push(recipe);
    } catch {
      say(`${recipe.name} cannot be made of these documents.`);
    }
  }
  return good;
}
