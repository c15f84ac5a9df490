/**
 * Which parameters a rule is for: a label (or yes and no) per leaf, said by a tree that may end above
 * the leaves, or by a function of the leaf's path.
 */

import { type Flat, flatten, TreeError, unflatten } from "../core/tree.js";
import { isNumeric, type NumericLeaf, numericWords } from "./transformation.js";

/** A tree like the parameters, or like the upper part of it: a label counts for all leaves below. */
export type LabelTree<L> = L | readonly LabelTree<L>[] | { readonly [key: string]: LabelTree<L> };

/** Labels of parameters; a function gets paths as `cuts.ptMin` or `net[0].w`. */
export type Labels<L> = LabelTree<L> | ((path: string) => L);

/** The parameters that a rule is for. */
export type Mask = Labels<boolean>;

/** The label of every leaf, in the order of the leaves. Throws a `TreeError` where one has none or a label no leaf. */
export function labelsOf<L extends string | boolean>(
  flat: Flat<NumericLeaf>,
  labels: Labels<L>,
  kind: "string" | "boolean",
): L[] {
  const root = "params";
  if (typeof labels === "function") {
    return flat.paths.map((path) => {
      const label = labels(path.slice(root.length).replace(/^\./, ""));
      if (typeof label !== kind) throw wrong(path, `a ${kind}`, `a ${typeof label}`);
      return label;
    });
  }
  const isLabel = (value: unknown): value is L => typeof value === kind;
  const given = flatten(labels, isLabel, root, `${kind}s`);
  const used = new Set<number>();
  const found = flat.paths.map((path) => {
    const i = given.paths.findIndex(
      (above) => path.startsWith(above) && /^($|[.[])/.test(path.slice(above.length)),
    );
    if (i < 0) throw wrong(path, "a label", "none");
    used.add(i);
    return given.leaves[i]!;
  });
  const idle = given.paths.findIndex((_, i) => !used.has(i));
  if (idle >= 0) {
    const path = given.paths[idle]!;
    const sentence = `${path} has the label ${JSON.stringify(given.leaves[idle])}, but no parameter is there: remove it.`;
    throw new TreeError("extra-key", path, "a parameter", "none", sentence);
  }
  return found;
}

function wrong(path: string, expected: string, got: string): TreeError {
  const sentence = `${path} needs ${expected} as its label, but got ${got}: name it in the tree or by the function.`;
  return new TreeError("missing-key", path, expected, got, sentence);
}

/** Numbers of a tree with names for messages, in the order of their leaves. */
export const flattenNumbers = (tree: unknown, name: string): Flat<NumericLeaf> =>
  flatten(tree, isNumeric, name, numericWords);

/** The tree with only the leaves that `keep` marks; in place of the others stand empty objects, so paths stay. */
export function prune(flat: Flat<NumericLeaf>, keep: readonly boolean[]): unknown {
  return unflatten(
    flat.structure,
    flat.leaves.map((leaf, i) => (keep[i] ? leaf : {})),
  );
}
