/** docs/commands.md out of records. */

import type { Command, Family } from "./command.js";
import { listings, meaning, spelled } from "./help.js";
import { groups } from "./helpgroups.js";
import type { Option, Options } from "./option.js";

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const code = (text: string): string => `\`${text.replaceAll("|", "\\|")}\``;

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** An option has a row, and the spelling that switches it off another one. */
function rowsOf(name: string, option: Option<unknown>): string[][] {
  const { otherwise = "", off } = option;
  const { otherwise: _, ...said } = option;
  return [
    [code(spelled(name, option)), cell(meaning(said)), cell(otherwise)],
    ...(off ? [[code(spelled(off.name, { ...off, placeholder: "" })), cell(off.help), ""]] : []),
  ];
}

function optionTables(options: Options): string[] {
  const sections = [...new Set(Object.values(options).map(({ section }) => section))];
  return sections.flatMap((section) => {
    const rows = Object.entries(options).filter(([, option]) => option.section === section);
    const lists = listings(options).filter((list) => list.section === section);
    return [
      ...(section === "" ? [] : [`**${section}**`]),
      table(
        ["option", "what it is", "default"],
        rows.flatMap(([name, option]) => rowsOf(name, option)),
      ),
      ...lists.flatMap(({ title, rows }) => [`**${title}**`, namesTable(rows)]),
    ];
  });
}

const namesTable = (rows: readonly (readonly [name: string, words: string])[]): string =>
  table(
    ["name", "what it is"],
    rows.map(([name, words]) => [code(name), cell(words)]),
  );

async function commandPart({ name, usage, intro, arguments: words, options, examples }: Command) {
  const block = (lines: readonly string[]) => `\`\`\`text\n${lines.join("\n")}\n\`\`\``;
  return [
    `### ${name}`,
    ...intro,
    block(usage.map((line) => `gradcut ${`${name} ${line}`.trim()}`)),
    ...(words.help === undefined ? [] : [words.help]),
    ...(words.rows ? [namesTable(words.rows)] : []),
    ...optionTables(await options()),
    ...(examples ? [block(examples)] : []),
  ].join("\n\n");
}

/** The page of all commands. */
export async function commandsPage(commands: readonly (Command | Family)[]): Promise<string> {
  const parts: string[] = [];
  for (const [group, title] of Object.entries(groups)) {
    const some = commands.filter((one) => one.group === group);
    if (some.length > 0) parts.push(`## Commands ${title}`);
    for (const one of some)
      for (const leaf of "commands" in one ? Object.values(one.commands) : [one])
        parts.push(await commandPart(leaf));
  }
  return `# Commands

Every command has \`--help\` (\`-h\`), which prints what is here; \`gradcut help COMMAND\` does too. Status 0 is success, 2 a
command line, table, model or question that cannot be used, 130 a training that was interrupted and told its best, 1
everything else. Results go to standard output, what is said of progress to standard error. This page is written by
\`npm run docs:commands\`.

${parts.join("\n\n")}
`;
}
