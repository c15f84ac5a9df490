// The program as a function: arguments and streams in, exit status out.

import { DataError } from "../data/errors.js";
import { CutError } from "../expr/errors.js";
import { apply } from "./apply.js";
import { parseTrainArgs, readCommand } from "./args.js";
import { demo } from "./demo.js";
import { applyHelp, demoHelp, mainHelp, plotHelp, trainHelp } from "./help.js";
import type { Io } from "./io.js";
import { UsageError } from "./options.js";
import { parseApplyArgs, parseDemoArgs, parsePlotArgs } from "./otherargs.js";
import { plot } from "./plot.js";
import { train } from "./train.js";
import { version } from "./version.js";

/**
 * Runs one command. The status is 0, or 2 when the command line or the data cannot be used, 130 when the
 * training was interrupted (its best was reported), and 1 for everything else. Never throws.
 */
export async function cli(args: string[], io: Io): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    io.err.write(`${describe(error, io.debug === true)}\n`);
    return isUserError(error) ? 2 : 1;
  }
}

async function run([word, ...rest]: string[], io: Io): Promise<number> {
  const command = readCommand(word);
  const commands = {
    train: () => runOrHelp(parseTrainArgs(rest), train, trainHelp),
    apply: () => runOrHelp(parseApplyArgs(rest), apply, applyHelp),
    plot: () => runOrHelp(parsePlotArgs(rest), plot, plotHelp),
    demo: () => runOrHelp(parseDemoArgs(rest), demo, demoHelp),
  };
  if (command !== "version" && command !== "help") return commands[command]();
  io.out.write(command === "version" ? `${version}\n` : mainHelp);
  return 0;

  function runOrHelp<Args>(
    parsed: Args | "help",
    action: (args: Args, io: Io) => Promise<number>,
    help: string,
  ): Promise<number> | number {
    if (parsed !== "help") return action(parsed, io);
    io.out.write(help);
    return 0;
  }
}

const isUserError = (error: unknown): boolean =>
  error instanceof UsageError || error instanceof DataError || error instanceof CutError;

/** Errors that know what they are speak for themselves; others say how to tell us. */
function describe(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return `gradcut: ${String(error)}`;
  if (debug) return `gradcut: ${error.stack ?? error.message}`;
  if ("code" in error) return `gradcut: ${error.message}`;
  const report =
    "This is a fault of gradcut. GRADCUT_DEBUG=1 shows where; please report it with your command.";
  return `gradcut: ${error.message}\n${report}`;
}
