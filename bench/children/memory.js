/** A fresh process: how much memory a step needs beyond the columns. Usage: memory.js EVENTS (node --expose-gc). */

import { setTimeout } from "node:timers/promises";
import { init } from "../../dist/src/index.js";
import { step } from "../step.js";

await init();

/** Resident bytes once garbage is gone and the engine's own threads have rested. */
async function resident() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.();
    await setTimeout(100);
  }
  return process.memoryUsage().rss;
}

const before = await resident();
const { events, run } = step(Number(process.argv[2]));
for (let i = 0; i < 5; i++) run();
const columns = Object.values(events).reduce((sum, column) => sum + column.byteLength, 0);
console.log(JSON.stringify({ columns, bytes: (await resident()) - before - columns }));
