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
  #row = 0;

  /** `entries` as {@link entriesOf} says. */
  constructor(field: Field, rows: number, entries: number, nulls: Nulls, place: DataPlace) {
    if (field.jagged && entries > maxContent) throw tooManyElements(field.name, place.file);
    this.field = field;
    const kind = field.kind === "text" ? "bool" : field.kind;
    const capacity = field.kind === "text" ? 0 : field.jagged ? entries : rows;
    this.#numbers = new Builder(kind, capacity, nulls, { ...place, column: field.name });
    if (field.jagged) this.#offsets = new Int32Array(rows + 1);
  }

  get nulls(): number {
    return this.#numbers.nulls;
  }

  /** The column, when all rows have come. */
  finish(rows: number): Column | Text {
    if (this.#row !== rows) throw new Damage("rows are missing");
    if (this.field.kind === "text") return this.#words;
    const values = this.#numbers.finish();
    return this.#offsets === undefined ? values : { offsets: this.#offsets, content: values };
  }

  /** Adds the pages of one row group. */
  add(bytes: ArrayBuffer, meta: ColumnMetaData, compressors: Compressors | undefined): void {
    for (const page of readPages(bytes, meta, this.field, compressors)) {
      if (this.#offsets !== undefined) this.#addLists(page, this.#offsets);
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
    const { defined, element } = this.field;
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
}
