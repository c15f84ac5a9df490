// A worker at the edge: no file, no page, no bytes to compile. The clock of workerd stands still while it computes.
import { conform, errors } from "./program.js";

const clock = async () => {
  await globalThis.scheduler?.wait(0);
  return performance.now();
};

export default {
  async fetch() {
    const began = await clock();
    const edge = await conform({ now: async () => (await clock()) - began });
    return Response.json({ runs: { edge }, says: { errors: errors() } });
  },
};
