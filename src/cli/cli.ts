// The program as a function: arguments and streams in, exit status out.

import { MemoryError } from "../core/errors.js";
import { DataError } from "../data/errors.js";
import { CutError } from "../expr/errors.js";
import { PatchError, SpecError, WorkspaceError } from "../histfactory/errors.js";
import { InferenceError } from "../infer/errors.js";
import { readCommand, runWorkspaceCommand } from "./commands.js";
import { type Io, withPrintable } from "./io.js";
import { mainHelp } from "./mainhelp.js";
import { UsageError } from "./options.js";
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
    return isUserError(error) ? 2 : 1;
  }
}

async function run([word, ...rest]: string[], io: Io): Promise<number> {
  const command = readCommand(word);
  // Each is loaded when it is asked for: what draws figures costs a short command more than its work.
  if (command === "train") {
    const parsed = (await import("./args.js")).parseTrainArgs(rest);
    return runOrHelp(parsed, "trainHelp", async () => (await import("./train.js")).train);
  }
  if (command === "apply" || command === "plot" || command === "demo") {
    const parse = await import("./otherargs.js");
    if (command === "apply")
      return runOrHelp(
        parse.parseApplyArgs(rest),
        "applyHelp",
        async () => (await import("./apply.js")).apply,
      );
    if (command === "plot")
      return runOrHelp(parse.parsePlotArgs(rest), "plotHelp", async () => (await import("./plot.js")).plot);
    return runOrHelp(parse.parseDemoArgs(rest), "demoHelp", async () => (await import("./demo.js")).demo);
  }
  if (command !== "version" && command !== "help") return runWorkspaceCommand(command, rest, io);
  io.out.write(command === "version" ? `${version}\n` : mainHelp);
  return 0;

  async function runOrHelp<Args>(
    parsed: Args | "help",
    help: "trainHelp" | "applyHelp" | "plotHelp" | "demoHelp",
    load: () => Promise<(args: Args, io: Io) => Promise<number>>,
  ): Promise<number> {
    if (parsed !== "help") return (await load())(parsed, io);
    io.out.write((await import("./help.js"))[help]);
    return 0;
  }
}

const userErrors = [
  UsageError,
  DataError,
  CutError,
  SpecError,
  WorkspaceError,
  PatchError,
  InferenceError,
  MemoryError,
];
const isUserError = (error: unknown): boolean =>
  isMemory(error) || userErrors.some((kind) => error instanceof kind);

/** Errors that know what they are speak for themselves; others say how to tell us. */
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
