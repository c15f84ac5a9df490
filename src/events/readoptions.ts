import type { Known } from "../text/unknownoption.js";
import type { CsvOptions } from "./formats/csv/csvoptions.js";
import type { ParquetOptions } from "./formats/parquet/readparquet.js";

/** What a reader of tables can be told; each format says which of these it takes. */
export interface ReadOptions
  extends Pick<ParquetOptions, "nulls" | "allowEmpty">,
    Pick<CsvOptions, "names" | "separator"> {
  /** What stands for no number: words in CSV, and numbers such as -999 in any file. */
  missing?: readonly string[] | undefined;
  /** A ROOT file without the tree is a table without rows and columns, not an error. */
  allowTreeless?: boolean | undefined;
}

export type ReadOption = keyof ReadOptions;

export const readOptions: Known<ReadOptions> = {
  ...{ nulls: true, allowEmpty: true, names: true, separator: true },
  ...{ missing: true, allowTreeless: true },
};
