import { RuntimeUnavailableError } from "../core/errors.js";
import type { tables as read } from "../events/tables.js";

/**
 * The events of a training from files, in the tree in which its loss takes them, as `tables` of `gradcut/tables`: in Node and
 * what is like it. Elsewhere it rejects with a RuntimeUnavailableError.
 */
export const tables: typeof read = () =>
  Promise.reject(
    new RuntimeUnavailableError(
      "runtime.files",
      "tables() reads files, which this runtime has not; fetch the columns, and make events of them with table({ … })",
    ),
  );
