// Scripts of completion, run by the shells that they are for.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Command } from "../../src/cli/line/command.js";
import { shellNames } from "../../src/cli/shells/index.js";
import { failure, run } from "../kit/clirun.js";
import { all, leaves, optionsOf, words } from "../kit/commandleaves.js";
import { scratch } from "../kit/scratch.js";

const { folder: home } = scratch();

describe("completion", () => {
  const scripts = new Map<string, string>();
  beforeAll(async () => {
    for (const shell of shellNames) {
      const { status, out } = await run(["completion", shell]);
      expect(status).toBe(0);
      writeFileSync(join(home, `script.${shell}`), out);
      scripts.set(shell, out);
    }
  });
  const ask = (shell: string, program: string, ...args: string[]) => {
    const { status, stdout, stderr, error } = spawnSync(shell, [...args, program], {
      encoding: "utf8",
      cwd: home,
    });
    if (error) return null;
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.split("--end--\n").map((part) => part.split("\n").filter(Boolean));
  };
  const installed = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;
  const longs = (leaf: Command) =>
    [
      ...Object.entries(optionsOf.get(leaf.name)!).flatMap(([name, { off }]) => [
        name,
        ...(off ? [off.name] : []),
      ]),
      "help",
    ]
      .map((name) => `--${name}`)
      .sort();

  // What Windows calls bash is another system, which knows none of these paths.
  it.skipIf(process.platform === "win32")("in bash offers commands, options and choices", () => {
    const line = (args: string[]) =>
      `COMP_WORDS=(gradcut ${args.map((a) => `'${a}'`).join(" ")}); COMP_CWORD=${args.length}; _gradcut; printf '%s\\n' "\${COMPREPLY[@]}" --end--`;
    const tries = [
      ...leaves.map((leaf) => [...words(leaf), "--"]),
      ["fi"],
      ["help", "pa"],
      ["patchset", "e"],
      ["combine", "--join", "l"],
      ["combine", "--join", "=", "o"],
      ["train", "--objective", "as"],
      ["demo", ""],
    ];
    const found = ask("bash", `source script.bash\n${tries.map(line).join("\n")}`, "-c")!;
    leaves.forEach((leaf, i) => {
      expect(found[i]!.sort(), leaf.name).toEqual(longs(leaf));
    });
    expect(found.slice(leaves.length, -1)).toEqual([
      ...[["fit"], ["patchset"], ["extract"], ["left\\ outer"], ["outer"], ["asimov"], ["search", "watts"]],
    ]);
  });

  it("in fish offers commands and options", (context) => {
    if (!installed("fish")) context.skip("fish is not installed");
    const tries = [...leaves.map((leaf) => `gradcut ${leaf.name} --`), "gradcut fi", "gradcut patchset e"];
    const found = ask(
      "fish",
      `source script.fish\n${tries.map((text) => `complete -C '${text}' | cut -f1\necho --end--`).join("\n")}`,
      "-c",
    )!;
    leaves.forEach((leaf, i) => {
      expect(found[i]!.sort(), leaf.name).toEqual(longs(leaf));
    });
    expect(found.slice(leaves.length, -1)).toEqual([["fit"], ["extract"]]);
  });

  it("in zsh offers options", (context) => {
    if (!installed("zsh")) context.skip("zsh is not installed");
    const calls = leaves.map((leaf) => `_gradcut_${words(leaf).join("_")}; print -r -- --end--`);
    const stubs = 'compdef() { : }\n_arguments() { print -rl -- "$@" }';
    const found = ask("zsh", `${stubs}\nsource ./script.zsh\n${calls.join("\n")}`, "-f", "-c")!;
    leaves.forEach((leaf, i) => {
      const names = found[i]!.map((spec) => /^(?:\([^)]*\)|\*)?(--[\w-]+)\[/.exec(spec)?.[1]);
      expect(names.filter((found) => found !== undefined).sort(), leaf.name).toEqual(longs(leaf));
    });
  });

  it("is said where a shell is not known", async () => {
    expect(await failure("completion")).toMatch(/no shell: name bash, zsh or fish/);
    expect(await failure("completion", "tcsh")).toMatch(/there is no completion for "tcsh"/);
    for (const shell of shellNames) for (const { name } of all) expect(scripts.get(shell)).toContain(name);
  });
});
