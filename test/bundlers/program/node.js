import { threads } from "gradcut/threads";
import { conform, errors, share } from "./program.js";

console.log(
  JSON.stringify({ ...(await conform()), errors: errors(), share: await share(threads, { count: 2 }) }),
);
