// Options and help lines that commands on workspaces share.

import type { WordKind } from "../words.js";

export const outputFile = { "output-file": { values: 1 } } as const satisfies Record<string, WordKind>;

export const outputHelp = `  --output-file FILE        write there (default: standard output)
  -h, --help                this text
`;

export const workspaceHelp = "WORKSPACE is a pyhf workspace (JSON); without it, or for -, standard input.\n";
