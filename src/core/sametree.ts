import { joinPath, type Node, type Structure, TreeError } from "./tree.js";

/**
 * Throws a {@link TreeError} at the first difference unless the two structures are the same.
 *
 * `names` are what the two trees are called in the message: "grads.cuts lacks 'ptMin' that params.cuts has".
 */
export function sameStructure(
  got: Structure,
  expected: Structure,
  names: { got?: string; expected?: string } = {},
): void {
  if (got.key === expected.key) return;
  compare(got.root, expected.root, names.got ?? "tree", names.expected ?? "the reference");
}

function compare(got: Node, want: Node, path: string, wantPath: string): void {
  const where = wantPath === path ? "the tree it must match" : wantPath;
  if (got.kind !== want.kind) {
    const [is, should] = [describeNode(got), describeNode(want)];
    const sentence = `${path} is ${is} where ${where} is ${should}: make it ${should}.`;
    throw new TreeError("kind", path, should, is, sentence);
  }
  if (got.kind === "leaf" || want.kind === "leaf") return;
  if (got.kind === "object" && want.kind === "object") {
    const missing = want.keys.filter((key) => !got.keys.includes(key));
    const extra = got.keys.filter((key) => !want.keys.includes(key));
    const instead = extra.length > 0 ? ` (it has ${quote(extra)} instead)` : "";
    if (missing.length > 0) {
      const sentence = `${path} lacks ${quote(missing)} that ${where} has${instead}: give it the same keys.`;
      throw new TreeError("missing-key", path, quote(want.keys), quote(got.keys), sentence);
    }
    if (extra.length > 0) {
      const sentence = `${path} has ${quote(extra)} that ${where} lacks: give it the same keys.`;
      throw new TreeError("extra-key", path, quote(want.keys), quote(got.keys), sentence);
    }
    got.keys.forEach((key, i) => {
      compare(got.children[i]!, want.children[i]!, joinPath(path, key), joinPath(wantPath, key));
    });
    return;
  }
  const [n, m] = [got.children.length, want.children.length];
  if (n !== m) {
    const sentence = `${path} has ${elements(n)} where ${where} has ${m}: make them equally long.`;
    throw new TreeError("length", path, elements(m), elements(n), sentence);
  }
  got.children.forEach((child, i) => {
    compare(child, want.children[i]!, `${path}[${i}]`, `${wantPath}[${i}]`);
  });
}

const describeNode = (node: Node): string =>
  node.kind === "leaf" ? "a leaf" : node.kind === "array" ? "an array" : "an object";
const quote = (keys: readonly string[]): string => keys.map((key) => `'${key}'`).join(", ");
const elements = (n: number): string => (n === 1 ? "1 element" : `${n} elements`);
