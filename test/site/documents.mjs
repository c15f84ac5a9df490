/** Documents that the cases drop: archives by their formats' rules, and workspaces of any size. */
import { deflateRawSync, gzipSync } from "node:zlib";

const bytesOf = (content) => (typeof content === "string" ? Buffer.from(content) : content);

/** A tar archive of files by path; `size` may lie about the first one's. */
export function tarOf(files, { size } = {}) {
  const parts = Object.entries(files).flatMap(([path, content], i) => {
    const bytes = bytesOf(content);
    const header = Buffer.alloc(512);
    header.write(path.slice(0, 100), 0);
    header.write(
      `${(i === 0 && size !== undefined ? size : bytes.length).toString(8).padStart(11, "0")}\0`,
      124,
    );
    header.write("        0", 148);
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

/** A zip archive; `lie` changes the sizes that the directory tells of each file. */
export function zipOf(files, lie = (sizes) => sizes) {
  const [locals, directory] = [[], []];
  let at = 0;
  for (const [path, content] of Object.entries(files)) {
    const [name, bytes] = [Buffer.from(path), bytesOf(content)];
    const packed = deflateRawSync(bytes, { level: 9 });
    const sizes = lie({ packed: packed.length, size: bytes.length, local: at });
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(sizes.packed, 20);
    entry.writeUInt32LE(sizes.size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(sizes.local, 42);
    locals.push(local, name, packed);
    directory.push(entry, name);
    at += 30 + name.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, listed, end]);
}

export const gz = (content) => gzipSync(bytesOf(content), { level: 9 });

/** A workspace of one channel a signal and backgrounds, each with `systs` normalisations; names may be anything. */
export function workspaceOf({
  bins = 4,
  systs = 2,
  channels = 1,
  name = (text) => text,
  signal = true,
} = {}) {
  const list = (f) => Array.from({ length: bins }, (_, i) => f(i));
  const sample = (own, scale, modifiers) => ({
    name: name(own),
    data: list((i) => scale * (1 + (i % 5))),
    modifiers,
  });
  const normsys = (i) => ({
    ...{ name: name(`syst${i}`), type: "normsys" },
    data: { hi: 1 + 0.02 + (i % 7) / 100, lo: 1 - 0.02 - (i % 5) / 100 },
  });
  const all = Array.from({ length: systs }, (_, i) => normsys(i));
  const mu = { name: "mu", type: "normfactor", data: null };
  const specs = Array.from({ length: channels }, (_, c) => ({
    name: name(`channel${c}`),
    samples: [
      ...(signal ? [sample("signal", 3, [mu])] : []),
      sample("background", 40, all),
      sample("other", 15, all.slice(0, systs >> 1)),
    ],
  }));
  return {
    channels: specs,
    observations: specs.map((channel) => ({
      name: channel.name,
      data: list((i) => 60 * (1 + (i % 5)) + (i % 3)),
    })),
    measurements: [{ name: name("measurement"), config: { poi: "mu", parameters: [] } }],
    version: "1.0.0",
  };
}
