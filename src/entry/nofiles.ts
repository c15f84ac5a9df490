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
      "this runtime has no files; tables() of gradcut/tables reads a File, a Blob, bytes and URLs here, too",
    ),
  );
