import { conform } from "./program.js";

conform().then(
  (result) => postMessage(result),
  (error) => postMessage({ error: String(error) }),
);
