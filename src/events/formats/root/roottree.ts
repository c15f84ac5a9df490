import type { RootFile } from "jsroot/io";
import { didYouMean } from "../../../text/nearest.js";
import { DataError, type DataErrorCode } from "../../dataerror.js";
import type { Branch } from "./basket.js";

/** What jsroot makes of a TTree. */
export interface Tree {
  readonly _typename: string;
  readonly fName: string;
  readonly fEntries: number | bigint;
  readonly fBranches: { readonly arr: readonly Branch[] };
}

/**
 * The tree of that name, or the only one where it is left out: at the top, else in the directories.
 *
 * @throws DataError
 */
export async function findTree(
  file: RootFile,
  tree: string | undefined,
  name: string | undefined,
): Promise<Tree> {
  const fail = (code: DataErrorCode, sentence: string) => new DataError(code, sentence, { file: name });
  const top = treesOf(file.fKeys);
  const inside = async () => (top.length > 0 ? top : treesOf(await keysBelow(file)));
  if (tree === undefined) {
    const trees = await inside();
    if (trees.length === 1) return readTree(file, trees[0]!, name);
    if (trees.length === 0) throw noTree(file, await keysBelow(file), undefined, name);
    const sentence = `Say which tree to read, as in file.root:${trees[0]}. ${didYouMean("", trees, "trees")}`;
    throw fail("data.manyTrees", sentence);
  }
  const found = (await file.readObject(tree).catch(() => null)) as Tree | null;
  if (found !== null && isTree(found._typename)) return found;
  const keys = [...file.fKeys, ...(await keysBelow(file))];
  const type = keys.find((key) => key.fName === tree)?.fClassName ?? found?._typename;
  if (type === undefined || isDirectory(type)) {
    const trees = treesOf(await keysBelow(file));
    if (trees.length === 0) throw noTree(file, keys, tree, name);
    const what = type === undefined ? `There is no tree ${tree}` : `${tree} is a directory`;
    throw fail("data.unknownTree", `${what}. ${didYouMean(tree, trees, "trees")}`);
  }
  if (isTree(type)) throw fail("data.corrupt", `Tree ${tree} is damaged; get the file again.`);
  if (isTuple(type)) throw fail("data.unsupported", `${tree} is an RNTuple, not a TTree. ${wayOut(tree)}`);
  throw fail("data.unsupported", `${tree} is a ${type}, not a TTree.`);
}

async function readTree(file: RootFile, tree: string, name: string | undefined): Promise<Tree> {
  const found = (await file.readObject(tree).catch(() => null)) as Tree | null;
  if (found !== null && isTree(found._typename)) return found;
  throw new DataError("data.corrupt", `Tree ${tree} is damaged; get the file again.`, { file: name });
}

/** The error for a file without trees; RNTuples are named, and what to do about them. */
function noTree(
  file: RootFile,
  keys: readonly Key[],
  wanted: string | undefined,
  name: string | undefined,
): DataError {
  const tuple = [...file.fKeys, ...keys].find((key) => isTuple(key.fClassName))?.fName;
  if (tuple !== undefined && wanted === undefined) {
    const sentence = `${tuple} is an RNTuple, not a TTree. ${wayOut(tuple)}`;
    return new DataError("data.unsupported", sentence, { file: name });
  }
  const others = [
    ...new Set(
      keys.filter((key) => key.fName !== "StreamerInfo").map((key) => `${key.fName} (${key.fClassName})`),
    ),
  ];
  const shown = others.slice(0, 5).join(", ");
  const holds = others.length === 0 ? "is empty" : `holds ${shown}${others.length > 5 ? ", …" : ""}`;
  const what = wanted === undefined ? "There are no trees" : `There is no tree ${wanted}, nor any other`;
  return new DataError("data.unknownTree", `${what}: the file ${holds}.`, { file: name });
}

/** What to do about an RNTuple. */
const wayOut = (tuple: string) =>
  `RNTuples are not read yet; write a TTree: in uproot, file.mktree("${tuple}", arrays) instead of file["${tuple}"] = arrays.`;

interface Key {
  readonly fName: string;
  readonly fClassName: string;
}

const treesOf = (keys: readonly Key[]) => [
  ...new Set(keys.filter((key) => isTree(key.fClassName)).map((key) => key.fName)),
];

/** Directories that are looked into, at most; a damaged file may have one that holds itself. */
const mostDirectories = 1000;

/** The keys of all directories but the directories themselves, named by their paths. */
async function keysBelow(file: RootFile): Promise<Key[]> {
  const found: Key[] = [];
  let left = mostDirectories;
  const walk = async (keys: readonly Key[], path: string): Promise<void> => {
    const seen = new Set<string>();
    for (const { fName, fClassName } of keys) {
      const name = path + fName;
      if (!isDirectory(fClassName)) found.push({ fName: name, fClassName });
      else if (!seen.has(fName) && left-- > 0) {
        seen.add(fName);
        const inside = await file.readDirectory(name).catch(() => null);
        if (inside?.fKeys) await walk(inside.fKeys, `${name}/`);
      }
    }
  };
  await walk(file.fKeys, "");
  return found;
}

const isDirectory = (className: string) => /^TDirectory(File)?$/.test(className);

const isTuple = (className: string) => /^ROOT::(Experimental::)?RNTuple$/.test(className);

function isTree(className: string): boolean {
  return className === "TTree" || className === "TNtuple" || className === "TNtupleD";
}
