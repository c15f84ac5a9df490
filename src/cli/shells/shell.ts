/** What shells complete, out of the records of commands. */

import type { Command, Family } from "../line/command.js";
import { meaning } from "../line/help.js";
import type { Option } from "../line/option.js";

/** What stands where a value or a word does. */
export type Offer = readonly string[] | "file" | "folder" | "nothing";

export interface Spelling {
  readonly long: string;
  readonly short?: string;
  readonly values: 0 | 1 | 2;
  readonly offer: Offer;
  readonly placeholder: string;
  readonly words: string;
  /** Whether it can be given again. */
  readonly again: boolean;
}

/** A command, or a family of commands, which has neither options nor words of its own. */
export interface Node {
  readonly path: readonly string[];
  readonly summary: string;
  readonly options: readonly Spelling[];
  readonly words: Offer;
  readonly below: readonly Node[];
}

/** What a shell is, and how its script is made and loaded. */
export interface Shell {
  /** How the script is loaded, in words. */
  readonly words: string;
  script(commands: readonly Node[]): string;
}

const helpOption: Spelling = {
  long: "help",
  short: "h",
  values: 0,
  offer: "nothing",
  placeholder: "",
  words: "this text",
  again: false,
};

function spellingsOf([name, option]: readonly [string, Option<unknown>]): Spelling[] {
  const { short, off, values, placeholder, value, repeat } = option;
  const offer: Offer = value?.choices ?? value?.offers ?? "nothing";
  const on = {
    ...{ long: name, values, placeholder, words: meaning(option), again: repeat === "all" },
    offer,
    ...(short === undefined ? {} : { short }),
  };
  if (off === undefined) return [on];
  const { name: long, help: words, short: letter } = off;
  const { short: _, ...same } = on;
  return [on, { ...same, long, words, ...(letter === undefined ? {} : { short: letter }) }];
}

async function nodeOf(command: Command): Promise<Node> {
  const { name, summary, arguments: words } = command;
  return {
    path: name.split(" "),
    summary,
    options: [...Object.entries(await command.options()).flatMap(spellingsOf), helpOption],
    words: words.rows?.map(([name]) => name) ?? words.offers ?? "nothing",
    below: [],
  };
}

export async function nodesOf(commands: readonly (Command | Family)[]): Promise<Node[]> {
  return Promise.all(
    commands.map(async (one) => {
      if (!("commands" in one)) return nodeOf(one);
      const below = await Promise.all(Object.values(one.commands).map(nodeOf));
      return {
        path: [one.name],
        summary: one.summary,
        options: [helpOption],
        words: "nothing" as const,
        below,
      };
    }),
  );
}

/** Every command with options, those of families too. */
export const leaves = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node) => (node.below.length > 0 ? node.below : [node]));

/** A text in single quotes; `quote` is how one is written within. */
export const quoted = (text: string, quote = "'\\''"): string => `'${text.replaceAll("'", quote)}'`;
