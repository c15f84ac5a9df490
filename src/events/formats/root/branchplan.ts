import type { Column, Events, Jagged, Values } from "../../../core/events.js";
import { Damage } from "../../damage.js";
import { DataError } from "../../dataerror.js";
import { askedFor, someOf, withChildren } from "../../withchildren.js";
import type { BasketReader, Branch } from "./basket.js";
import { isList, leafKind, memberKind, vectorKinds } from "./branchkinds.js";
import type { Tree } from "./roottree.js";
import { type Kind, kinds } from "./storedkinds.js";

/** What is wanted of a tree. */
interface Wanted {
  readonly columns?: readonly string[] | undefined;
  readonly file?: string | undefined;
  readonly allowEmpty?: boolean | undefined;
}

/** What reads the next entries of a branch. */
type Reader<C> = (rows: number) => Promise<C>;

/** What reads the branches that are wanted, some entries at a time. */
export function planBranches(reader: BasketReader, tree: Tree, options: Wanted) {
  const total = Number(tree.fEntries);
  if (!Number.isSafeInteger(total) || total < 0) throw new Damage("its number of entries is none");
  const branches = new Map(allBranches(tree.fBranches.arr).map((branch) => [branch.fName, branch]));
  const plans = new Readers(reader, total, branches);
  const { columns: wanted, file } = options;
  const lists = Array.from(branches.values()).filter(isList);
  const asked =
    wanted &&
    askedFor(
      wanted,
      branches.keys(),
      lists.map(({ fName }) => fName),
      { file },
    );
  const known = { required: asked?.required, file };
  const readers = new Map<string, Reader<Column>>();
  const skipped: string[] = [];
  for (const name of asked?.names ?? branches.keys()) {
    const branch = branches.get(name)!;
    const read = plans.of(branch);
    if (read !== undefined) readers.set(name, read);
    else if (wanted !== undefined) throw miscounted(branch, tree, file) ?? unsupported(branch, file);
    else if (branch.fBranches.arr.length === 0) skipped.push(name);
  }
  const wrong = skipped.map((name) => miscounted(branches.get(name)!, tree, file)).find(Boolean);
  if (readers.size === 0 && wrong) throw wrong;
  if (total === 0 && !options.allowEmpty)
    throw new DataError("data.empty", `Tree ${tree.fName} has no entries.`, { file });
  return {
    branches: readers.size,
    next: async (rows: number): Promise<Events> => {
      plans.move();
      const columns = new Map<string, Column>();
      for (const [name, read] of readers) columns.set(name, await read(rows));
      const about = { rows, names: [...columns.keys()], ...(skipped.length > 0 && { skipped }) };
      const table = withChildren(Object.fromEntries(columns), about, known);
      return wanted === undefined ? table : someOf(table, wanted, file);
    },
  };
}

/** Readers of the branches of a tree, piece after piece. */
class Readers {
  readonly #reader: BasketReader;
  readonly #total: number;
  readonly #branches: ReadonlyMap<string, Branch>;
  readonly #counters = new Map<string, Reader<Values>>();
  /** Where each entry's elements begin, of the piece that is being read; branches with the same counter share the array. */
  readonly #offsets = new Map<string, Int32Array>();

  constructor(reader: BasketReader, total: number, branches: ReadonlyMap<string, Branch>) {
    this.#reader = reader;
    this.#total = total;
    this.#branches = branches;
  }

  /** To the next piece. */
  move(): void {
    this.#offsets.clear();
  }

  /** Undefined for what is no column. */
  of(branch: Branch): Reader<Column> | undefined {
    const reader = this.#reader;
    if (Number(branch.fEntries) !== this.#total) return undefined;
    const vector = /^vector<(.*)>$/.exec(branch.fClassName ?? "")?.[1];
    if (vector !== undefined) {
      const kind = vectorKinds.get(vector.trim());
      return kind === undefined || branch.fBranches.arr.length > 0 ? undefined : reader.vectors(branch, kind);
    }
    const objects = branch.fBranchCount;
    if (objects) {
      const member = memberKind(branch);
      if (member === undefined || Number(objects.fEntries) !== this.#total) return undefined;
      return this.#countedBy(objects.fName, branch, member, () => reader.flat(objects, kinds.i32));
    }
    const kind = leafKind(branch);
    if (kind === undefined) return undefined;
    const { fLen, fLeafCount } = branch.fLeaves.arr[0]!;
    if (fLeafCount) {
      const counter = fLeafCount.fName;
      const counts = this.#branches.get(counter);
      const countKind = counts && leafKind(counts);
      if (fLen !== 1 || countKind === undefined || Number(counts?.fEntries) !== this.#total) return undefined;
      return this.#countedBy(counter, branch, kind, () => reader.flat(counts!, countKind));
    }
    const flat = reader.flat(branch, kind, fLen);
    if (fLen === 1) return flat;
    return async (rows) => ({
      offsets: Int32Array.from({ length: rows + 1 }, (_, row) => row * fLen),
      content: await flat(rows),
    });
  }

  #countedBy(counter: string, branch: Branch, kind: Kind, counts: () => Reader<Values>): Reader<Jagged> {
    if (!this.#counters.has(counter)) this.#counters.set(counter, counts());
    const counted = this.#reader.counted(branch, kind);
    return async (rows) => counted(await this.#offsetsOf(branch, counter, rows));
  }

  async #offsetsOf(branch: Branch, counter: string, rows: number): Promise<Int32Array> {
    const known = this.#offsets.get(counter);
    if (known !== undefined) return known;
    const made = this.#reader.offsets(branch, await this.#counters.get(counter)!(rows));
    this.#offsets.set(counter, made);
    return made;
  }
}

/** The error for a branch of numbers that is not as long as its tree; undefined for others. */
function miscounted(branch: Branch, tree: Tree, file: string | undefined): DataError | undefined {
  if (leafKind(branch) === undefined || Number(branch.fEntries) === Number(tree.fEntries)) return undefined;
  const sentence = `Tree ${tree.fName} says that it has ${tree.fEntries} entries, but its branch ${branch.fName} has ${branch.fEntries}.`;
  return new DataError("data.corrupt", sentence, { file, column: branch.fName });
}

function unsupported(branch: Branch, file: string | undefined): DataError {
  const what =
    branch.fClassName || branch.fLeaves.arr.map((leaf) => leaf._typename).join(", ") || branch._typename;
  const sentence = `Branch ${branch.fName} (${what}) is not a number, an array or a vector of numbers per entry.`;
  return new DataError("data.unsupported", sentence, { file, column: branch.fName });
}

function allBranches(branches: readonly Branch[]): Branch[] {
  return branches.flatMap((branch) => [branch, ...allBranches(branch.fBranches.arr)]);
}
