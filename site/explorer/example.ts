/** An example of our own: a search for pairs of heavy particles, made up, as a workspace of backgrounds with a patch set. */

import type { Entry } from "./documents/container.js";

const bins = 5;
const normsys = (name: string, hi: number, lo: number) => ({ name, type: "normsys", data: { hi, lo } });
const scaled = (values: readonly number[], by: (bin: number) => number) => values.map((v, i) => v * by(i));

/** A sample that falls along the bins, with an energy scale that tilts it. */
function sample(name: string, events: number, slope: number, ...modifiers: readonly object[]) {
  const data = Array.from({ length: bins }, (_, i) => Number((events * Math.exp(-slope * i)).toFixed(3)));
  const tilt = {
    name: "energy_scale",
    type: "histosys",
    data: { hi_data: scaled(data, (i) => 1 + 0.02 * i), lo_data: scaled(data, (i) => 1 - 0.018 * i) },
  };
  const stat = { name: "", type: "staterror", data: data.map((v) => 0.35 * Math.sqrt(v)) };
  return { name, data, modifiers: [...modifiers, tilt, stat] };
}

function workspace() {
  const top = (events: number, slope: number) =>
    sample("top", events, slope, { name: "top_norm", type: "normfactor", data: null });
  const boson = (events: number, slope: number) =>
    sample("W/Z", events, slope, normsys("boson_theory", 1.12, 0.9));
  const channels = [
    { name: "SR_high", samples: [top(42, 0.75), boson(30, 0.6)] },
    { name: "SR_low", samples: [top(120, 0.9), boson(70, 0.8)] },
    { name: "CR_top", samples: [top(640, 0.5), boson(60, 0.5)] },
  ].map(({ name, samples }) => ({
    name,
    // Statistical uncertainties are those of a channel.
    samples: samples.map(({ modifiers, ...rest }) => ({
      ...rest,
      modifiers: modifiers.map((m) =>
        "type" in m && m.type === "staterror" ? { ...m, name: `stat_${name}` } : m,
      ),
    })),
  }));
  const seen: Record<string, number[]> = {
    SR_high: [75, 37, 17, 6, 5],
    SR_low: [186, 84, 31, 16, 5],
    CR_top: [712, 420, 262, 151, 97],
  };
  const parameters = [{ name: "mu", bounds: [[0, 20]], inits: [1] }];
  return {
    channels,
    observations: channels.map(({ name }) => ({ name, data: seen[name] })),
    measurements: [{ name: "search", config: { poi: "mu", parameters } }],
    version: "1.0.0",
  };
}

/** A signal: rarer the heavier, harder the farther its masses are apart. */
function patch(heavy: number, light: number) {
  const events = 2600 * Math.exp(-heavy / 155);
  const hardness = 1 - Math.exp(-(heavy - light) / 350);
  const shape = (share: number, slope: number) =>
    Array.from({ length: bins }, (_, i) => Number((events * share * Math.exp(-slope * i)).toPrecision(5)));
  const modifiers = [
    { name: "mu", type: "normfactor", data: null },
    normsys("signal_theory", 1 + heavy / 8000, 1 - heavy / 9000),
  ];
  const name = `pair_${heavy}_${light}`;
  const add = (channel: number, data: readonly number[]) => ({
    op: "add",
    path: `/channels/${channel}/samples/-`,
    value: { name, data, modifiers },
  });
  return {
    metadata: { name, values: [heavy, light] },
    patch: [add(0, shape(0.25 * hardness, -0.1)), add(1, shape(0.2 * (1 - 0.6 * hardness), 0.35))],
  };
}

/** The files of the example. */
export function signalExample(): Entry[] {
  const heavies = Array.from({ length: 11 }, (_, i) => 300 + 75 * i);
  const patches = heavies.flatMap((heavy) =>
    [50, 150, 250, 350, 450, 550, 650]
      .filter((light) => light < heavy - 40)
      .map((light) => patch(heavy, light)),
  );
  const metadata = {
    references: { hepdata: "ins0000000" },
    description: "A made-up search for pairs of heavy particles",
    labels: ["m_heavy", "m_light"],
    digests: { md5: "0".repeat(32) },
  };
  const file = (path: string, content: unknown): Entry => ({
    path,
    bytes: new TextEncoder().encode(JSON.stringify(content)),
  });
  return [file("BkgOnly.json", workspace()), file("patchset.json", { metadata, patches, version: "1.0.0" })];
}
