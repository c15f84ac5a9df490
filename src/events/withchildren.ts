import {
  type AboutEvents,
  aboutEvents,
  type Columns,
  childrenOf,
  type Events,
  isChild,
  isJagged,
  type Jagged,
  makeEvents,
} from "../core/events.js";
import { type ChildPath, childPath } from "./childnames.js";
import { column, numbersOf, unknownColumn } from "./columns.js";
import { DataError } from "./dataerror.js";

/** What a format knows of the child tables of a file beside the names of its columns. */
export interface Known {
  /** Where a column belongs whose name alone does not say it. */
  readonly paths?: ReadonlyMap<string, ChildPath> | undefined;
  /** Names of columns that must become those of child tables: they were asked for as such. */
  readonly required?: ReadonlySet<string> | undefined;
  readonly file?: string | undefined;
}

/**
 * The table of columns of a file, with child tables beside them. Jagged columns whose names say that they belong
 * together, and which have equally many numbers in each row, are the columns of one child table: with the same arrays, and
 * their flat names stay. Of columns that differ in their numbers those are taken of which there are most; the others
 * stay flat only, as does what would have the name of a column.
 *
 * @throws DataError where columns that are required as those of one child table differ in their numbers
 */
export function withChildren(
  columns: Columns,
  about: Partial<AboutEvents> & Pick<AboutEvents, "rows">,
  { paths, required = new Set(), file }: Known = {},
): Events {
  const groups = new Map<string, Member[]>();
  for (const [flat, values] of Object.entries(columns)) {
    const path = paths?.get(flat) ?? childPath(flat);
    if (path === null || isChild(values) || !isJagged(values)) continue;
    const [child, name] = path;
    if (Object.hasOwn(columns, child)) continue;
    const members = groups.get(child) ?? [];
    groups.set(child, members);
    if (members.every((member) => member.name !== name)) members.push({ flat, name, values });
  }
  const views = new Map<string, ChildPath>();
  const children = Array.from(groups, ([child, members]): [string, Events] => {
    const together = ofEqualNumbers(child, members, required, file);
    for (const { flat, name } of together) views.set(flat, [child, name]);
    const nulls = together.flatMap(({ flat, name }): [string, number][] => {
      const count = about.nulls?.get(flat);
      return count === undefined ? [] : [[name, count]];
    });
    const { offsets, content } = together[0]!.values;
    const made = makeEvents(
      together.map(({ name, values }) => [name, values.content]),
      {
        rows: content.length,
        dtype: about.dtype ?? "f32",
        offsets,
        ...(nulls.length > 0 && { nulls: new Map(nulls) }),
      },
    );
    return [child, made];
  });
  const names = about.names ?? Object.keys(columns).filter((name) => !isChild(columns[name]));
  return makeEvents<Columns[string]>([...Object.entries(columns), ...children], { ...about, names, views });
}

/** A column that may be one of a child table. */
interface Member {
  readonly flat: string;
  readonly name: string;
  readonly values: Jagged;
}

/** Those that have equally many numbers in each row: the required ones, or the most. */
function ofEqualNumbers(
  child: string,
  members: readonly Member[],
  required: ReadonlySet<string>,
  file: string | undefined,
): readonly Member[] {
  const sets: Member[][] = [];
  for (const member of members) {
    const like = sets.find(([first]) => differentRow(first!.values, member.values) < 0);
    if (like) like.push(member);
    else sets.push([member]);
  }
  const wanted = sets.filter((set) => set.some(({ flat }) => required.has(flat)));
  const [one, other] = wanted;
  if (one && other) {
    const [a, b] = [one[0]!, other[0]!];
    const row = differentRow(a.values, b.values);
    const [n, m] = [a, b].map(({ values: { offsets } }) => offsets[row + 1]! - offsets[row]!);
    const sentence = `Columns ${a.flat} and ${b.flat} are not of one child table ${child}: they have ${n} and ${m} numbers in row ${row + 1}.`;
    throw new DataError("data.mismatch", sentence, { file, column: b.flat });
  }
  return one ?? sets.reduce((most, set) => (set.length > most.length ? set : most));
}

/** The first row in which two columns have different counts of numbers, or -1. */
function differentRow({ offsets: a }: Jagged, { offsets: b }: Jagged): number {
  if (a === b) return -1;
  for (let i = 1; i < a.length; i++) if (a[i] !== b[i]) return i - 1;
  return -1;
}

/** What is to be read of a file. */
export interface Asked {
  /** Names of the file. */
  readonly names: readonly string[];
  /** Those that were asked for as columns of child tables. */
  readonly required: ReadonlySet<string>;
}

/**
 * The columns of a file that names stand for: names of the file, `Jet.pt` for one of a child table, or `Jet` for the table
 * with one of its columns. `inChildren` are those that can be columns of child tables.
 *
 * @throws DataError for what there is not
 */
export function askedFor(
  wanted: readonly string[],
  names: Iterable<string>,
  inChildren: Iterable<string>,
  { paths, file }: Known,
): Asked {
  const known = new Set(names);
  const inside = new Map<string, string>();
  for (const flat of inChildren) {
    const path = (paths?.get(flat) ?? childPath(flat))?.join(".");
    if (path !== undefined && !inside.has(path)) inside.set(path, flat);
  }
  const required = new Set<string>();
  const asked = wanted.map((name) => {
    if (known.has(name)) return name;
    // Of a child table alone any column tells the number of its rows.
    const path = inside.has(name) ? name : [...inside.keys()].find((each) => each.startsWith(`${name}.`));
    const flat = inside.get(path ?? name);
    if (flat === undefined) {
      const near = name.includes(".") ? [...inside.keys(), ...known] : [...known];
      throw unknownColumn(name, near, file);
    }
    required.add(flat);
    return flat;
  });
  return { names: [...new Set(asked)], required };
}

/**
 * The columns of a table that names stand for, `Jet.pt` for one of a child table, and `Jet` for the table with one of its
 * columns; a column that has a flat name and is one of a child table, too, is both.
 *
 * @throws DataError for what there is not
 */
export function someOf(table: Events, wanted: readonly string[], file?: string): Events {
  const about = aboutEvents(table);
  const views = new Map(about.views);
  const flat = new Set(wanted.filter((name) => Object.hasOwn(table, name) && !isChild(table[name])));
  const inside = new Map<string, string[]>();
  const want = (child: string, name: string) => inside.set(child, [...(inside.get(child) ?? []), name]);
  // A child table alone comes last: another of its columns may be there already.
  const [alone, others] = [true, false].map((is) =>
    [...new Set(wanted)].filter((name) => isChild(table[name]) === is),
  );
  for (const name of others!) {
    const [child, ...rest] = flat.has(name) ? (views.get(name) ?? []) : name.split(".");
    // Refuses what there is not; a column of a child table may be jagged itself, and is asked for there.
    const below = child !== undefined && rest.length > 0 && isChild(table[child]);
    if (flat.has(name) || !below) column(table, name, file);
    if (child !== undefined) want(child, rest.join("."));
  }
  for (const name of alone!)
    if (!inside.has(name)) inside.set(name, numbersOf(table[name] as Events).slice(0, 1));
  const columns = Array.from(flat, (name) => [name, table[name]!] as const);
  const children = childrenOf(table).flatMap(([name, child]) => {
    const names = inside.get(name);
    if (!names) return [];
    const some = someOf(child, names, file);
    const { offsets } = aboutEvents(child);
    return [[name, makeEvents(Object.entries(some), { ...aboutEvents(some), offsets })] as const];
  });
  for (const name of views.keys()) if (!flat.has(name)) views.delete(name);
  const nulls = [...(about.nulls ?? [])].filter(([name]) => flat.has(name));
  return makeEvents<Columns[string]>([...columns, ...children], {
    ...about,
    ...{ names: [...flat], views },
    ...(about.nulls && { nulls: new Map(nulls) }),
  });
}
