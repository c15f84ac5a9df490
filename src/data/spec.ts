/** The file and the tree of `file.root:Tree`; other specs are paths, which may hold colons. */
export function splitSpec(spec: string): { path: string; tree: string | undefined } {
  const match = /^(.*\.root):(.*)$/is.exec(spec);
  return match === null ? { path: spec, tree: undefined } : { path: match[1]!, tree: match[2]! };
}
