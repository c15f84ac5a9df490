import { conform } from "./program.js";

conform().then(
  (result) => postMessage(result),
  (error) => postMessage({ bits: {}, error: String(error?.stack ?? error) }),
);
