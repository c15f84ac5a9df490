// Small workspaces for tests of the statistics.

import { normfactor, readWorkspace, type Workspace } from "../../src/index.js";

interface Channel {
  readonly name: string;
  readonly samples: readonly object[];
}

/** A channel of a signal with strength mu over one background. */
export const one = (
  name: string,
  signal: readonly number[],
  background: readonly number[],
  modifiers: readonly unknown[] = [],
  ofSignal: readonly unknown[] = [],
) => ({
  name,
  samples: [
    { name: "sig", data: signal, modifiers: [normfactor("mu"), ...ofSignal] },
    { name: "bkg", data: background, modifiers },
  ],
});

/** A workspace of channels with what was seen in each. */
export function workspaceOf(
  channels: readonly Channel[],
  seen: readonly (readonly number[])[],
  parameters: readonly unknown[] = [],
  poi = "mu",
): Workspace {
  return readWorkspace(JSON.stringify(documentOf(channels, seen, parameters, poi)));
}

/** The same as a document. */
export const documentOf = (
  channels: readonly Channel[],
  seen: readonly (readonly number[])[],
  parameters: readonly unknown[] = [],
  poi = "mu",
) => ({
  channels,
  observations: channels.map(({ name }, i) => ({ name, data: seen[i] })),
  measurements: [{ name: "m", config: { poi, parameters } }],
  version: "1.0.0",
});
