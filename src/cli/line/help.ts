/** Help texts out of records. Every line fits 80 columns. */

import { alternatives } from "../../text/alternatives.js";
import type { Command, Family, Listed } from "./command.js";
import { groups } from "./helpgroups.js";
import type { Option, Options } from "./option.js";

const width = 80;

/** Where what an option is begins. */
const column = 28;

/** A text in lines of a width; words longer than that stay whole. */
function wrapped(text: string, most = width): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + 1 + word.length > most) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

/** A head, and what it is from a column on; a long head has a line of its own. */
export function row(head: string, text: string, from = column): string {
  const lines = wrapped(text, width - from).map((line) => " ".repeat(from) + line);
  if (head.length + 4 > from) return [`  ${head}`, ...lines].join("\n");
  return [`  ${head}`.padEnd(from) + lines[0]!.slice(from), ...lines.slice(1)].join("\n");
}

/** `-c, --channel NAME`: how an option is written. */
export function spelled(
  name: string,
  { short, placeholder }: Pick<Option<unknown>, "short" | "placeholder">,
) {
  return `${short === undefined ? "" : `-${short}, `}--${name}${placeholder === "" ? "" : ` ${placeholder}`}`;
}

/** What an option is, with its choices where the sentence does not name them, and what is taken without it. */
export function meaning({ help, value, listing, otherwise }: Option<unknown>): string {
  const names = (choice: string) =>
    new RegExp(`(?<![\\w-])${choice.replace(/[|\\]/g, "\\$&")}(?![\\w-])`).test(help);
  const unnamed = listing === undefined && value?.choices && !value.choices.every(names);
  const choices = unnamed ? `: ${alternatives(value.choices)}` : "";
  return `${help}${choices}${otherwise === undefined ? "" : ` (default${otherwise.includes(" ") ? ":" : ""} ${otherwise})`}`;
}

/** Every spelling that has a line of its own, with that line's words. */
export function spellingRows(options: Options): { section: string; head: string; text: string }[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const { section, off } = option;
    const on = { section, head: spelled(name, option), text: meaning(option) };
    if (off === undefined) return [on];
    return [on, { section, head: spelled(off.name, { ...off, placeholder: "" }), text: off.help }];
  });
}

/** Headings and lists that stand between the sections of a command. */
export const listings = (options: Options) =>
  Object.values(options).flatMap(({ listing, section }) => (listing ? [{ ...listing, section }] : []));

export async function commandHelp({
  name,
  usage,
  intro,
  arguments: { help, rows: names },
  options: load,
  examples = [],
}: Command): Promise<string> {
  const options = await load();
  const rows = spellingRows(options);
  const lists = listings(options);
  const sections = [...new Set(rows.map(({ section }) => section))];
  const last = sections.at(-1) ?? "";
  const blocks = sections.length === 0 ? [""] : sections;
  const parts = [
    usage.map((line, i) => `${i === 0 ? "usage:" : "      "} gradcut ${`${name} ${line}`.trim()}`).join("\n"),
    ...[...intro, ...(help === undefined ? [] : [help])].map((text) => wrapped(text).join("\n")),
    ...(names ? [table(names)] : []),
    ...blocks.flatMap((section) => [
      [
        ...(section === "" ? [] : [section]),
        ...rows.filter((one) => one.section === section).map(({ head, text }) => row(head, text)),
        ...(section === last ? [row("-h, --help", "this text")] : []),
      ].join("\n"),
      ...lists.filter((one) => one.section === section).map(listingText),
    ]),
    ...(examples.length > 0 ? [["examples", ...examples.map((line) => `  ${line}`)].join("\n")] : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

const listingText = ({ title, rows }: { title: string; rows: readonly (readonly [string, string])[] }) => {
  const from = Math.max(15, ...rows.map(([name]) => name.length + 4));
  return [title, ...rows.map(([name, words]) => row(name, words, from))].join("\n");
};

/** Names and what they are, in columns. */
function table(rows: readonly (readonly [name: string, summary: string])[]): string {
  const from = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.map(([name, summary]) => row(name, summary, from)).join("\n");
}

export const familyHelp = ({ name, commands }: Family): string =>
  `usage: gradcut ${name} COMMAND [options]

${table(Object.entries(commands).map(([word, { summary }]) => [word, summary] as const))}

  gradcut ${name} COMMAND --help   the options of a command
`;

/** The help of the program: commands by groups, whose titles stand above them. */
export function mainHelp(commands: readonly Listed[]): string {
  const parts = Object.entries(groups).flatMap(([group, title]) => {
    const rows = commands.filter((one) => one.group === group);
    if (rows.length === 0) return [];
    return `${title}\n${table(rows.map(({ name, summary }) => [name, summary] as const))}`;
  });
  return `gradcut: cuts and networks trained together on the physics goal

usage: gradcut COMMAND [options]

${parts.join("\n\n")}

  gradcut COMMAND --help      the options of a command; also: help COMMAND
  gradcut --version           the version
`;
}
