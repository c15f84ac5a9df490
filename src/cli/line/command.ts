import type { Io } from "../io.js";
import type { groups } from "./helpgroups.js";
import type { Options } from "./option.js";
import { type Arguments, type Given, parse } from "./parseline.js";

/** What a command is, but for what it does. */
interface Words {
  /** As it is called, `patchset apply` too. */
  readonly name: string;
  readonly group: keyof typeof groups;
  /** In a few words, for the list of commands. */
  readonly summary: string;
  /** What comes after the name, in one line or several. */
  readonly usage: readonly string[];
  /** Paragraphs. */
  readonly intro: readonly string[];
  readonly arguments: Arguments;
  readonly examples?: readonly string[];
}

/** A command as its file has it. Files are light: what works is loaded by `run`. */
export interface CommandRecord<O extends Options> extends Words {
  /** May be loaded when they are asked for: those of `train` have names out of other records. */
  options(): O | Promise<O>;
  /** The status of the program. Throws GradcutError. */
  run(given: Given<O>, io: Io): Promise<number>;
}

/** A command of whatever options. */
export interface Command extends Words {
  options(): Options | Promise<Options>;
  /** Reads the words after its name and runs, or prints the help. */
  start(args: readonly string[], io: Io): Promise<number>;
}

/** What the list of commands says of one. */
export type Listed = Pick<Words, "name" | "group" | "summary">;

/** A command of commands. */
export interface Family extends Listed {
  readonly commands: Readonly<Record<string, Command>>;
}

export function command<O extends Options>(record: CommandRecord<O>): Command {
  const { options, run, ...words } = record;
  const self: Command = {
    ...words,
    options,
    async start(args, io) {
      const given = parse(args, await options(), record.arguments);
      if (given !== "help") return run(given, io);
      io.out.write(await (await import("./help.js")).commandHelp(self));
      return 0;
    },
  };
  return self;
}
