/** `gradcut demo`: one of the demonstrations, written to a folder. */

import type { demoArgs } from "../commands/demo.js";
import { holdingOutputs } from "../files/outputs.js";
import type { Io } from "../io.js";
import { demos } from "./index.js";

/** The status of the program. */
export async function demo(args: ReturnType<typeof demoArgs>, io: Io): Promise<number> {
  const run = await demos[args.name].load();
  return holdingOutputs(args, () => run(args, io));
}
