import { formatNames, formats } from "./formats/index.js";

const withParts = formatNames.flatMap((name) =>
  formats[name].part === undefined ? [] : formats[name].endings,
);
const spelled = withParts.map((ending) => ending.replaceAll(".", "\\.")).join("|");
const pattern = new RegExp(`^(.*(?:${spelled})):(.*)$`, "is");

/** The file and the tree of `file.root:Tree`; other specs are paths, which may hold colons. */
export function splitSpec(spec: string): { path: string; tree: string | undefined } {
  const match = pattern.exec(spec);
  return match === null ? { path: spec, tree: undefined } : { path: match[1]!, tree: match[2]! };
}
