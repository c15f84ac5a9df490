import { leaves, type Node, type Offer, quoted, type Shell, type Spelling } from "./shell.js";

/** What makes COMPREPLY; none is made for files, which readline then completes by itself. */
function offering(offer: Offer): string {
  if (offer === "file") return "return";
  if (offer === "folder") return "compopt -o dirnames 2>/dev/null; return";
  if (offer === "nothing") return "compopt +o default 2>/dev/null; return";
  return `_gradcut_offer ${offer.map((word) => quoted(word)).join(" ")}; return`;
}

const spelled = ({ long, short }: Spelling): string[] => [
  `--${long}`,
  ...(short === undefined ? [] : [`-${short}`]),
];

function caseOf({ path, options, words }: Node): string {
  const values = options.filter(({ values }) => values > 0);
  const patterns = values.map(
    (option) => `        ${spelled(option).join(" | ")}) ${offering(option.offer)} ;;`,
  );
  const names = options.flatMap(spelled).filter((name) => name.startsWith("--"));
  return `    ${quoted(path.join(" "))})
      case $prev in
${patterns.join("\n")}
      esac
      [[ $cur == -* ]] && { _gradcut_offer ${names.join(" ")}; return; }
      ${offering(words)} ;;`;
}

const namesOf = (nodes: readonly Node[]): string => nodes.map(({ path }) => path.at(-1)!).join(" ");

export const bash: Shell = {
  words: "source <(gradcut completion bash), in ~/.bashrc",
  script(commands) {
    const families = commands.filter(({ below }) => below.length > 0);
    return `# Completion of gradcut in bash: source <(gradcut completion bash)

function _gradcut_offer {
  local word
  for word; do
    if [[ $word == "$cur"* ]]; then
      printf -v word %q "$word"
      COMPREPLY+=("$word")
    fi
  done
}

function _gradcut {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  COMPREPLY=()
  # In --option=value the sign is a word of its own.
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    _gradcut_offer ${namesOf(commands)} help version --help --version
    return
  fi
  if [[ $command == help ]]; then
    ((COMP_CWORD == 2)) && _gradcut_offer ${namesOf(commands)}
    return
  fi
  case $command in
${families
  .map(
    ({ path, below }) => `    ${path.join(" ")})
      ((COMP_CWORD == 2)) && { _gradcut_offer ${namesOf(below)} --help; return; }
      command="$command \${COMP_WORDS[2]}" ;;`,
  )
  .join("\n")}
  esac
  case $command in
${leaves(commands).map(caseOf).join("\n")}
  esac
}

complete -o default -F _gradcut gradcut
`;
  },
};
