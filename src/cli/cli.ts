/** The program as a function: arguments and streams in, exit status out. */

import { GivenError } from "../text/gradcuterror.js";
import { type Io, withPrintable } from "./io.js";
import { version } from "./version.js";

/**
 * Runs one command. The status is 0, or 2 when the command line or the data cannot be used, 130 when the
 * training was interrupted (its best was reported), and 1 for everything else. Never throws.
 */
export async function cli(args: string[], streams: Io): Promise<number> {
  const io = withPrintable(streams);
  try {
    return await run(args, io);
  } catch (error) {
    io.err.write(`${describe(error, io.debug === true)}\n`);
    return error instanceof GivenError || isMemory(error) ? 2 : 1;
  }
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const [word, ...rest] = args;
  if (word === "version" || word === "--version") {
    io.out.write(`${version}\n`);
    return 0;
  }
  if (word === "help" && rest.length > 0) return run([...rest, "--help"], io);
  const { allCommands, commandOf } = await import("./registry.js");
  if (word === undefined || word === "help" || word === "--help" || word === "-h") {
    const { mainHelp } = await import("./line/help.js");
    io.out.write(mainHelp(await allCommands()));
    return 0;
  }
  const found = await commandOf(args);
  if ("command" in found) return found.command.start(found.args, io);
  io.out.write((await import("./line/help.js")).familyHelp(found.family));
  return 0;
}

/** Errors of the library and of the system speak for themselves; others say how to tell us. */
function describe(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `gradcut: ${String(error)}`;
  if (debug) return `gradcut: ${error.stack ?? error.message}`;
  if ("code" in error) return `gradcut: ${error.message}`;
  if (isMemory(error)) {
    const held = (process.memoryUsage.rss() / 1e9).toPrecision(3);
    return `gradcut: There is not enough memory (${error.message}). The program holds ${held} GB; read fewer events or columns.`;
  }
  const report =
    "This is a fault of gradcut. GRADCUT_DEBUG=1 shows where; please report it with your command.";
  return `gradcut: ${error.message}\n${report}`;
}

/** Whether an array, or the kernels, could not have the memory that they need. */
const isMemory = (error: unknown): boolean =>
  error instanceof RangeError && /allocation|array length|gives no more/i.test(error.message);
