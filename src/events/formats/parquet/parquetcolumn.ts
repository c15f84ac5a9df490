import type { ColumnMetaData, Compressors } from "hyparquet";
import type { Column, Text } from "../../../core/events.js";
import { Builder, type Nulls } from "../../builder.js";
import { maxContent, tooManyElements } from "../../concatenate.js";
import { Damage } from "../../damage.js";
import type { DataPlace } from "../../dataerror.js";
import type { Field } from "./parquetfields.js";
import { type Page, readPages } from "./parquetpage.js";

/**
 * A column that grows page by page.
 *
 * Faults of the file are plain errors here; the caller says which file is damaged.
 */
export class ParquetColumn {
  readonly field: Field;
  readonly #numbers: Builder;
  readonly #words: (string | null)[] = [];
  readonly #offsets: Int32Array | undefined;
  /** Of lists in lists: where the elements of each element begin, of every list but the outer one. */
  readonly #inner: readonly Int32Array[];
  /** Elements of each list so far, but of the inner one. */
  readonly #counts: number[];
  #row = 0;

  /** `entries` as {@link entriesOf} says. */
  constructor(field: Field, rows: number, entries: number, nulls: Nulls, place: DataPlace) {
    const lists = field.elements.length;
    if (lists > 0 && entries > maxContent) throw tooManyElements(field.name, place.file);
    this.field = field;
    const kind = field.kind === "text" ? "bool" : field.kind;
    const capacity = field.kind === "text" ? 0 : lists > 0 ? entries : rows;
    this.#numbers = new Builder(kind, capacity, nulls, { ...place, column: field.name });
    if (lists > 0) this.#offsets = new Int32Array(rows + 1);
    const inner = field.elements.slice(1);
    this.#inner = inner.map(() => new Int32Array(entries + 1));
    this.#counts = inner.map(() => 0);
  }

  get nulls(): number {
    return this.#numbers.nulls;
  }

  /** The column, when all rows have come; of lists in lists the numbers alone, see {@link begins}. */
  finish(rows: number): Column | Text {
    if (this.#row !== rows) throw new Damage("rows are missing");
    if (this.field.kind === "text") return this.#words;
    const values = this.#numbers.finish();
    if (this.#offsets === undefined || this.#inner.length > 0) return values;
    return { offsets: this.#offsets, content: values };
  }

  /** Where the elements of each list begin, from the outer list on, when all rows have come. */
  get begins(): readonly Int32Array[] {
    const inner = this.#inner.map((offsets, i) => offsets.slice(0, this.#counts[i]! + 1));
    return this.#offsets === undefined ? [] : [this.#offsets, ...inner];
  }

  /** Adds the pages of one row group. */
  add(bytes: ArrayBuffer, meta: ColumnMetaData, compressors: Compressors | undefined): void {
    for (const page of readPages(bytes, meta, this.field, compressors)) {
      if (this.#offsets !== undefined && this.#inner.length > 0) this.#addNested(page, this.#offsets);
      else if (this.#offsets !== undefined) this.#addLists(page, this.#offsets);
      else if (this.field.kind === "text") this.#addWords(page);
      else this.#addNumbers(page);
    }
  }

  #addNumbers({ entries, values, definition }: Page): void {
    const numbers = this.#numbers;
    if (definition === undefined) numbers.append(values as number[], 0, entries);
    else {
      const { defined } = this.field;
      // Runs of numbers between nulls are copied at once.
      for (let entry = 0, from = 0; entry < entries; ) {
        let to = from;
        while (entry < entries && definition[entry] === defined) {
          to++;
          entry++;
        }
        if (to > from) numbers.append(values as number[], from, to);
        from = to;
        for (; entry < entries && definition[entry] !== defined; entry++)
          numbers.appendNull(this.#row + entry);
      }
    }
    this.#row += entries;
  }

  #addWords({ entries, values, definition }: Page): void {
    for (let entry = 0, at = 0; entry < entries; entry++) {
      const isNull = definition !== undefined && definition[entry] !== this.field.defined;
      this.#words.push(isNull ? null : String(values[at++]));
    }
    this.#row += entries;
  }

  #addLists({ entries, values, definition, repetition }: Page, offsets: Int32Array): void {
    const numbers = this.#numbers;
    const { defined, elements } = this.field;
    const [element = 0] = elements;
    // Numbers of rows that follow one another are copied at once.
    let from = 0;
    let to = 0;
    let length = numbers.length;
    const flush = () => {
      if (to > from) numbers.append(values as number[], from, to);
      from = to;
    };
    for (let entry = 0; entry < entries; entry++) {
      if (repetition?.[entry] === 0) this.#row++;
      if (this.#row === 0 || this.#row >= offsets.length) throw new Damage("a list is outside the rows");
      const level = definition?.[entry] ?? defined;
      if (level === defined) {
        to++;
        length++;
      } else if (level >= element) {
        flush();
        numbers.appendNull(this.#row - 1);
        length++;
      }
      offsets[this.#row] = length;
    }
    flush();
  }

  /** Lists in lists: an entry begins a new element of its list, which its repetition level says, and of all inside. */
  #addNested({ entries, values, definition, repetition }: Page, offsets: Int32Array): void {
    const numbers = this.#numbers;
    const counts = this.#counts;
    const { defined, elements } = this.field;
    const innermost = elements.length - 1;
    for (let entry = 0, at = 0; entry < entries; entry++) {
      const repeated = repetition?.[entry] ?? 0;
      const level = definition?.[entry] ?? defined;
      if (repeated > elements.length) throw new Damage("a list is nested too deeply");
      if (repeated === 0) this.#row++;
      if (this.#row === 0 || this.#row >= offsets.length) throw new Damage("a list is outside the rows");
      for (let k = Math.max(0, repeated - 1); k < innermost && level >= elements[k]!; k++) counts[k]!++;
      if (level === defined) numbers.append(values as number[], at, ++at);
      else if (level >= elements[innermost]!) numbers.appendNull(this.#row - 1);
      // Behind the last element of each list stand as many of the next one as there are.
      offsets[this.#row] = counts[0]!;
      for (let k = 0; k < innermost; k++)
        this.#inner[k]![counts[k]!] = k + 1 < innermost ? counts[k + 1]! : numbers.length;
    }
  }
}
