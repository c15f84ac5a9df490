/** Trains one of the cases and writes checkpoints; `killAt` is a step in whose checkpoint the process kills itself. */

import { Buffer } from "node:buffer";
import { writeAtomically } from "../../src/events/atomic.js";
import { init } from "../../src/index.js";
import { cases } from "./traincases.js";

const [, , name, file, killAt, slow] = process.argv as unknown as [
  string,
  string,
  string,
  string,
  string,
  string,
];
await init();
const pause = new Int32Array(new SharedArrayBuffer(4));
await cases[name]!({
  onStep: () => void Atomics.wait(pause, 0, 0, Number(slow)),
  checkpoint: {
    every: 5,
    save: async (bytes, step) => {
      await writeAtomically(file, async (append) => {
        const half = bytes.length >> 1;
        await append(bytes.subarray(0, half));
        if (step === Number(killAt)) process.kill(process.pid, "SIGKILL");
        await append(bytes.subarray(half));
      });
    },
  },
});
process.stdout.write(Buffer.from("ended"));
