// In Node and what is like it: alone, and with threads.
import { threads } from "gradcut/threads";
import { conform, errors, share } from "./program.js";

const alone = await conform();
const { shared, closed } = await share(threads, { count: 2 });
console.log(JSON.stringify({ runs: { alone, threads: shared }, says: { errors: errors(), closed } }));
