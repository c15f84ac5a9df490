import { quoted as inQuotes, leaves, type Node, type Offer, type Shell } from "./shell.js";

const quoted = (text: string): string => inQuotes(text.replaceAll("\\", "\\\\"), "\\'");

const at = (path: readonly string[]): string => `-n ${quoted(`__gradcut_at ${path.join(" ")}`)}`;

function offering(offer: Offer): string {
  if (offer === "file") return "-r -F";
  if (offer === "folder") return "-x -a '(__fish_complete_directories)'";
  return offer === "nothing" ? "-x" : `-x -a ${quoted(offer.map(quoted).join(" "))}`;
}

function linesOf({ path, options, words }: Node): string[] {
  const rest = words === "file" ? "-F" : words === "nothing" || words === "folder" ? null : offering(words);
  return [
    ...(rest === null ? [] : [`complete -c gradcut ${at(path)} ${rest.replace("-x ", "-f ")}`]),
    ...options.map(({ long, short, values, offer, words }) =>
      [
        `complete -c gradcut ${at(path)} -l ${long}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(values > 0 ? [offering(offer)] : []),
        `-d ${quoted(words)}`,
      ].join(" "),
    ),
  ];
}

const nameLines = (nodes: readonly Node[], above: readonly string[]): string[] =>
  nodes.map(
    ({ path, summary }) =>
      `complete -c gradcut -n ${quoted(`__gradcut_in ${above.join(" ")}`.trim())} -a ${path.at(-1)} -d ${quoted(summary)}`,
  );

export const fish: Shell = {
  words: "gradcut completion fish > ~/.config/fish/completions/gradcut.fish",
  script(commands) {
    const families = commands.filter(({ below }) => below.length > 0);
    return `# Completion of gradcut in fish.

function __gradcut_at --description 'Whether the words after gradcut begin with these'
    set -l words (commandline -opc)
    for name in $argv
        set -e words[1]
        test "$words[1]" = $name; or return 1
    end
end

function __gradcut_in --description 'Whether the words after gradcut are these'
    __gradcut_at $argv; and test (count (commandline -opc)) -eq (math (count $argv) + 1)
end

complete -c gradcut -f
${[
  ...nameLines(commands, []),
  "complete -c gradcut -n __gradcut_in -a help -d 'the help of a command'",
  ...families.flatMap(({ path, below }) => nameLines(below, path)),
  ...leaves(commands).flatMap(linesOf),
].join("\n")}
`;
  },
};
