/** Objects of PDF in a file, and the matrices that they are placed by. */

import { deflateSync } from "node:zlib";
import { InternalError } from "../../text/gradcuterror.js";

/** The matrix [a b c d e f] of SVG and PDF: x' = a x + c y + e, y' = b x + d y + f. */
export type Matrix = readonly [number, number, number, number, number, number];

/** Of "matrix(a b c d e f)". */
export function matrixOf(text: string): Matrix {
  const [a, b, c, d, e, f, ...more] = (/^matrix\((.*)\)$/.exec(text)?.[1] ?? "").split(/[\s,]+/).map(Number);
  const all = [a, b, c, d, e, f].map((x) => x ?? Number.NaN);
  if (more.length > 0 || !all.every(Number.isFinite))
    throw new InternalError("internal.picture", `a figure has the transform ${text}`);
  return [a!, b!, c!, d!, e!, f!];
}

/** First `inner`, then `outer`. */
export function times(outer: Matrix, inner: Matrix): Matrix {
  const [a, b, c, d, e, f] = outer;
  const [p, q, r, s, t, u] = inner;
  return [a * p + c * q, b * p + d * q, a * r + c * s, b * r + d * s, a * t + c * u + e, b * t + d * u + f];
}

/** A compressed stream with these entries of its dictionary. */
export function stream(entries: string, content: string): Uint8Array {
  const packed = deflateSync(content, { level: 9 });
  const head = `<< ${entries} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), packed, Buffer.from("\nendstream")]);
}

/** A text string: UTF-16 with its mark. */
export const utf16 = (text: string): string =>
  `<FEFF${[...Array(text.length).keys()].map((i) => text.charCodeAt(i).toString(16).padStart(4, "0")).join("")}>`;

/** The file of objects 1, 2, …: the first is its catalog, the last says what it is. */
export function assembled(objects: readonly (string | Uint8Array)[]): Uint8Array {
  // The second line says that there are bytes beyond ASCII.
  const parts = [Buffer.from("%PDF-1.4\n%âãÏÓ\n", "latin1")];
  let length = parts[0]!.length;
  const offsets = objects.map((object, i) => {
    const at = length;
    const part = Buffer.concat([
      Buffer.from(`${i + 1} 0 obj\n`),
      Buffer.from(object),
      Buffer.from("\nendobj\n"),
    ]);
    parts.push(part);
    length += part.length;
    return at;
  });
  const rows = offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`);
  const size = objects.length + 1;
  parts.push(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${rows.join("")}` +
        `trailer\n<< /Size ${size} /Root 1 0 R /Info ${size - 1} 0 R >>\nstartxref\n${length}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}
