import { type Node, type Offer, quoted, type Shell, type Spelling } from "./shell.js";

/** What a description may hold between brackets and colons. */
const plain = (text: string): string => text.replace(/[[\]:\\]/g, "\\$&");

function action(offer: Offer): string {
  if (offer === "file") return "_files";
  if (offer === "folder") return "_files -/";
  return offer === "nothing" ? " " : `(${offer.map((word) => word.replace(/[ |()]/g, "\\$&")).join(" ")})`;
}

function specOf({ long, short, values, offer, placeholder, words, again }: Spelling): string {
  const names = [`--${long}`, ...(short === undefined ? [] : [`-${short}`])];
  const what = values === 2 ? placeholder.split(" ") : [placeholder];
  const value = values === 0 ? "" : what.map((name) => `:${plain(name)}:${action(offer)}`).join("");
  // Each of two spellings shuts out the other, unless both may come again.
  const prefix = again ? "*" : names.length > 1 ? `(${names.join(" ")})` : "";
  return names.map((name) => quoted(`${prefix}${name}[${plain(words)}]${value}`)).join(" ");
}

function functionOf({ path, options, words, below }: Node): string {
  const name = `_gradcut_${path.join("_")}`;
  if (below.length > 0) return `${below.map(functionOf).join("\n\n")}\n\n${chooser(name, below)}`;
  const rest = words === "nothing" ? [] : [quoted(`*: :${action(words)}`)];
  return `function ${name} {
  _arguments -s -S \\
    ${[...options.map(specOf), ...rest].join(" \\\n    ")}
}`;
}

function chooser(name: string, nodes: readonly Node[], more: readonly string[] = []): string {
  const described = nodes.map(({ path, summary }) => quoted(`${path.at(-1)}:${plain(summary)}`));
  return `function ${name} {
  local curcontext=$curcontext state line
  local -a names
  _arguments -C '1: :->name' '*:: :->rest'
  case $state in
    name)
      names=(
        ${[...described, ...more.map((text) => quoted(text))].join("\n        ")}
      )
      _describe command names ;;
    rest)
      case $words[1] in
${nodes.map(({ path }) => `        ${path.at(-1)}) _gradcut_${path.join("_")} ;;`).join("\n")}
      esac ;;
  esac
}`;
}

export const zsh: Shell = {
  words: "gradcut completion zsh > _gradcut, in a folder of $fpath",
  script: (commands) => `#compdef gradcut

${commands.map(functionOf).join("\n\n")}

${chooser("_gradcut", commands, ["help:the help of a command", "version:the version"])}

case $zsh_eval_context[-1] in
  loadautofunc) _gradcut "$@" ;;
  *) compdef _gradcut gradcut ;;
esac
`,
};
