/** An archive as analyses publish them, made up: two regions with a workspace of backgrounds and patches of signals. */
import { gzipSync } from "node:zlib";

const normsys = (name, hi, lo) => ({ name, type: "normsys", data: { hi, lo } });

function workspaceOf(region) {
  const samples = [
    {
      name: "background",
      data: [52 + region, 21, 6],
      modifiers: [
        normsys("scale", 1.06, 0.95),
        { name: "stat", type: "staterror", data: [2.1, 1.4, 0.8] },
        { name: "tilt", type: "histosys", data: { hi_data: [53, 22, 7], lo_data: [51, 20, 5.4] } },
      ],
    },
  ];
  const poi = { poi: "mu", parameters: [{ name: "mu", bounds: [[0, 40]], inits: [1] }] };
  return {
    channels: [{ name: "SR", samples }],
    observations: [{ name: "SR", data: [50, 23, 5] }],
    measurements: [{ name: "main", config: poi }],
    version: "1.0.0",
  };
}

/** Heavier signals are rarer; those of little difference are soft. Regions see one or the other better. */
function patchOf(region, heavy, light) {
  const rate = 60 * Math.exp(-(heavy - 300) / 160);
  const hard = Math.min(1, (heavy - light) / 400);
  const shape = region === 0 ? [0.2, 0.3, 0.5 * hard] : [0.1, 0.5 * (1 - hard), 0.3 * (1 - hard)];
  const modifiers = [{ name: "mu", type: "normfactor", data: null }, normsys("scale", 1.06, 0.95)];
  const value = { name: `stop_${heavy}_${light}`, data: shape.map((s) => rate * s), modifiers };
  return [{ op: "add", path: "/channels/0/samples/0", value }];
}

/** Masses of signals: few, or as many as take a while. */
const gridOf = (heavies, lights) =>
  heavies.flatMap((heavy) => lights.filter((light) => light < heavy).map((light) => [heavy, light]));
export const few = gridOf([300, 400, 500, 600, 700], [50, 150, 250, 350]);
export const many = gridOf(
  Array.from({ length: 35 }, (_, i) => 400 + 10 * i),
  Array.from({ length: 10 }, (_, i) => 20 * i),
);

/** Its documents as text by path. */
export function documents(masses = few) {
  const all = { "README.md": "Files are called `patch.stop_mstop_mlsp.json`.\n" };
  for (const [region, name] of ["A", "B"].entries()) {
    all[`Region${name}/BkgOnly.json`] = JSON.stringify(workspaceOf(region));
    for (const [heavy, light] of masses)
      all[`Region${name}/patch.stop_${heavy}_${light}.json`] = JSON.stringify(patchOf(region, heavy, light));
  }
  return all;
}

/** The same as a patch set of one region. */
export const patchSet = () => ({
  metadata: {
    references: { hepdata: "ins1234567" },
    description: "made up",
    labels: ["mstop", "mlsp"],
    digests: { md5: "0".repeat(32) },
  },
  patches: few.map(([heavy, light]) => ({
    metadata: { name: `stop_${heavy}_${light}`, values: [heavy, light] },
    patch: patchOf(0, heavy, light),
  })),
  version: "1.0.0",
});

function header(path, size) {
  const bytes = Buffer.alloc(512);
  bytes.write(path, 0);
  bytes.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  bytes.write("        ", 148);
  bytes.write("0", 156);
  const sum = bytes.reduce((a, b) => a + b, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** Files as a .tar.gz. */
export function packed(files = documents()) {
  const parts = Object.entries(files).flatMap(([path, text]) => {
    const content = Buffer.from(text);
    return [header(path, content.length), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}
