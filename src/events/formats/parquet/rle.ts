import { Damage } from "../../damage.js";

/**
 * Fills `out` with small whole numbers of `width` bits in Parquet's hybrid of runs and packed groups of eight.
 *
 * Whatever the bytes say, this writes no more than `out` holds.
 *
 * @throws Damage when the bytes end too soon
 */
export function readHybrid(bytes: Uint8Array, width: number, out: Uint8Array | Int32Array): void {
  if (!(width >= 0 && width <= 32)) throw new Damage("numbers of more than 32 bits");
  let at = 0;
  for (let done = 0; done < out.length; ) {
    let header = 0;
    for (let shift = 0, more = true; more; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw new Damage("a run is cut off");
      header |= (byte & 0x7f) << shift;
      more = byte > 0x7f;
    }
    const groups = header >>> 1;
    if ((header & 1) === 0) {
      let value = 0;
      const size = (width + 7) >> 3;
      if (at + size > bytes.length) throw new Damage("a run is cut off");
      for (let i = 0; i < size; i++) value |= bytes[at++]! << (8 * i);
      const end = Math.min(done + groups, out.length);
      out.fill(value, done, end);
      done = end;
    } else {
      const count = Math.min(8 * groups, out.length - done);
      if (at + Math.ceil((count * width) / 8) > bytes.length) throw new Damage("a packed group is cut off");
      unpack(bytes, at, width, out, done, count);
      at += groups * width;
      done += count;
    }
  }
}

function unpack(
  bytes: Uint8Array,
  at: number,
  width: number,
  out: Uint8Array | Int32Array,
  from: number,
  count: number,
): void {
  let byte = 0;
  let used = 8;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let got = 0; got < width; ) {
      if (used === 8) {
        byte = bytes[at++]!;
        used = 0;
      }
      const take = Math.min(8 - used, width - got);
      value |= ((byte >>> used) & ((1 << take) - 1)) << got;
      used += take;
      got += take;
    }
    out[from + i] = value;
  }
}
