import { recordNames } from "../../text/recordnames.js";
import { bash } from "./bash.js";
import { fish } from "./fish.js";
import type { Shell } from "./shell.js";
import { zsh } from "./zsh.js";

const records = { bash, zsh, fish } satisfies Record<string, Shell>;

export type ShellName = keyof typeof records;
export const shells: Readonly<Record<ShellName, Shell>> = records;
export const shellNames = /*#__PURE__*/ recordNames(records);
