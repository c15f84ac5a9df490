// gradcut demo: one of the demonstrations, written to a folder.

import { demos } from "./demos/index.js";
import type { Io } from "./io.js";
import type { DemoArgs } from "./otherargs.js";
import { holdingOutputs } from "./outputs.js";

/** The status of the program. */
export async function demo(args: DemoArgs, io: Io): Promise<number> {
  const run = await demos[args.name].load();
  return holdingOutputs(args, () => run(args, io));
}
