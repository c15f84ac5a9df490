/** Files in one: a ZIP whose files are not squeezed. */

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function crcOf(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Fields of a header one after the other: pairs of a number and its bytes. */
function header(fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(fields.reduce((sum, [, n]) => sum + n, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, n] of fields) {
    if (n === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += n;
  }
  return bytes;
}

/** Names are UTF-8; times are the first that a ZIP knows, so that the same files are the same bytes. */
const utf8 = 0x0800;
const firstDay = 0x0021;

/** Texts by name as the parts of a ZIP. */
export function packed(files: ReadonlyMap<string, string>): Uint8Array<ArrayBuffer>[] {
  const encoder = new TextEncoder();
  const [bodies, directory]: [Uint8Array<ArrayBuffer>[], Uint8Array<ArrayBuffer>[]] = [[], []];
  let at = 0;
  for (const [path, text] of files) {
    const [name, content] = [encoder.encode(path), encoder.encode(text)];
    const about = [
      ...[[utf8, 2] as const, [0, 2] as const, [0, 2] as const, [firstDay, 2] as const],
      ...[[crcOf(content), 4] as const, [content.length, 4] as const, [content.length, 4] as const],
      ...[[name.length, 2] as const, [0, 2] as const],
    ];
    const local = header([[0x04034b50, 4], [20, 2], ...about]);
    directory.push(
      header([
        ...[[0x02014b50, 4] as const, [20, 2] as const, [20, 2] as const, ...about],
        ...[[0, 2] as const, [0, 2] as const, [0, 2] as const, [0, 4] as const, [at, 4] as const],
      ]),
      name,
    );
    bodies.push(local, name, content);
    at += local.length + name.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = header([
    ...[[0x06054b50, 4] as const, [0, 2] as const, [0, 2] as const],
    ...[
      [files.size, 2] as const,
      [files.size, 2] as const,
      [size, 4] as const,
      [at, 4] as const,
      [0, 2] as const,
    ],
  ]);
  return [...bodies, ...directory, end];
}
