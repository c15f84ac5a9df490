import { InternalError } from "../../text/gradcuterror.js";
import { InputError } from "../errors.js";
import { type Axis, rootOf } from "../graph/axis.js";

/** Where the rows of each parent begin, of all children of a table. */
export type Offsets = ReadonlyMap<Axis, Int32Array>;

/** Combinations that a parent may have, and those that a chunk of events may have: each value of them takes room. */
const MOST = 2 ** 24;
const MOST_OF_CHUNK = 2 ** 26;
/** Rows that 32-bit offsets count. */
const MOST_OF_TABLE = 2 ** 31 - 1;

/** Throws an InputError where combinations in the chunk of the events [from, to) are more than there is room for. */
export function requireRows({ rows, table }: Axis, count: number, from: number, to: number): void {
  if (rows === "columns" || count <= MOST_OF_CHUNK) return;
  throw new InputError(
    "table.combinations",
    `events ${from} to ${to - 1} have ${count} rows of '${table}', and are worked on at once: at most ${MOST_OF_CHUNK} have room; combine fewer, as the leading ones alone`,
    { table, from, to, count, most: MOST_OF_CHUNK },
  );
}

/**
 * Where the combinations of each parent begin, from where its rows do; shared where these are. Offsets of child tables are
 * never written, so those of earlier calls serve again.
 *
 * @throws InputError where a parent, or the table, has too many
 */
export function combinedOffsets(axis: Axis, offsets: Offsets): Int32Array {
  const { rows, table } = axis;
  if (rows === "columns") throw new InternalError("internal.plan", `rows of '${table}' are not known`);
  const [base, other] = "comb" in rows ? [rows.of, rows.of] : rows.cross;
  const [a, b] = [offsets.get(base)!, offsets.get(other)!];
  const kind = "comb" in rows ? rows.comb : 0;
  const before = known.get(a)?.find((made) => made.kind === kind && made.others.deref() === b);
  if (before) return before.begins;
  requireFew(axis, base, a, b, kind);
  const begins = int32Like(a, kind ? a.length : a.at(-1)! + 1);
  let end = 0;
  for (let p = 0; p + 1 < a.length; p++) {
    const [n, m] = [a[p + 1]! - a[p]!, b[p + 1]! - b[p]!];
    if (kind) begins[p + 1] = end += count(kind, n, m);
    else for (let i = a[p]!; i < a[p + 1]!; i++) begins[i + 1] = end += m;
  }
  known.set(a, [...(known.get(a) ?? []), { kind, others: new WeakRef(b), begins }]);
  return begins;
}

interface Made {
  readonly kind: 0 | 2 | 3;
  readonly others: WeakRef<Int32Array>;
  readonly begins: Int32Array;
}

/** Offsets of combinations by those of the rows that they are made of. */
const known = new WeakMap<Int32Array, readonly Made[]>();

/** How many combinations n rows have, with m others where it is one of each. */
const count = (kind: 0 | 2 | 3, n: number, m: number): number =>
  kind === 0 ? n * m : kind === 2 ? (n * (n - 1)) / 2 : (n * (n - 1) * (n - 2)) / 6;

function requireFew({ table }: Axis, base: Axis, a: Int32Array, b: Int32Array, kind: 0 | 2 | 3): void {
  let all = 0;
  for (let p = 0; p + 1 < a.length; p++) {
    const [n, m] = [a[p + 1]! - a[p]!, b[p + 1]! - b[p]!];
    const own = count(kind, n, m);
    all += own;
    if (own <= MOST && all <= MOST_OF_TABLE) continue;
    const parent = base.parent === rootOf(base) ? `event ${p}` : `row ${p} of '${base.parent!.table}'`;
    const sentence =
      own > MOST
        ? `${parent} has ${own} rows of '${table}', made of ${n}${kind ? "" : ` and ${m}`}; it may have ${MOST}`
        : `up to ${parent} there are ${all} rows of '${table}'; a table may have ${MOST_OF_TABLE}`;
    throw new InputError("table.combinations", `${sentence}: combine fewer, as the leading ones alone`, {
      ...{ table, row: p, count: own, most: own > MOST ? MOST : MOST_OF_TABLE },
    });
  }
}

/** So many zeros, in shared memory where `like` is. */
const int32Like = ({ buffer }: Int32Array, n: number): Int32Array =>
  buffer[Symbol.toStringTag] === "SharedArrayBuffer"
    ? new Int32Array(new SharedArrayBuffer(n * 4))
    : new Int32Array(n);
