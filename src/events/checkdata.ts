import { tableInfo } from "../core/events.js";
import { having, type Legal } from "../text/legal.js";

export const someEvents: Legal = {
  words: "events, as readTable(…) and table(…) make them",
  accepts: (value) => tableInfo(value) !== null,
};
export const aJagged: Legal = having("a jagged column", "offsets", "content");
export const aMap: Legal = { words: "a Map", accepts: (value) => value instanceof Map };
export const aSource: Legal = {
  words: "bytes with byteLength and slice, as an ArrayBuffer",
  accepts: (value) =>
    typeof value === "object" && value !== null && "byteLength" in value && "slice" in value,
};
export const pieces: Legal = {
  words: "an AsyncIterable of them",
  accepts: (value) =>
    typeof value === "object" &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value),
};
