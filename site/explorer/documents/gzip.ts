import { type Container, inflate } from "./container.js";

/** One file, packed by gzip. */
export const gzip: Container = {
  name: "gzip",
  is: (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b,
  async open({ path, bytes }, budget) {
    return [
      {
        path: path.replace(/\.tgz$/i, ".tar").replace(/\.gz$/i, ""),
        bytes: await inflate(bytes, "gzip", budget),
      },
    ];
  },
};
