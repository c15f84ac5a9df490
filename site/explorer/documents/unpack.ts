import { Budget, type Container, DocumentError, type Entry } from "./container.js";
import { gzip } from "./gzip.js";
import { tar } from "./tar.js";
import { zip } from "./zip.js";

/** All ways to pack, each in its file. */
export const containers: readonly Container[] = [gzip, zip, tar];

/** What systems leave beside the files that people pack. */
const litter = /(^|\/)(__MACOSX\/|\._|\.DS_Store$)/;

/** The files in a file, however they are packed; a file that is not packed is its own only one. */
export async function unpack(file: Entry): Promise<Entry[]> {
  const budget = new Budget(file.bytes.length);
  const open = async (entry: Entry, depth: number, folder: string, outermost: boolean): Promise<Entry[]> => {
    const container = containers.find(({ is }) => is(entry.bytes));
    if (!container) return [{ ...entry, path: folder + entry.path }];
    budget.depth(depth);
    const inside = (await container.open(entry, budget)).filter(({ path }) => !litter.test(path));
    const all: Entry[] = [];
    // A container within a container is a folder of its name.
    const packed = container === gzip;
    const within = outermost || packed ? folder : `${folder}${entry.path}/`;
    for (const one of inside) all.push(...(await open(one, depth + 1, within, outermost && packed)));
    return all;
  };
  try {
    return await open(file, 1, "", true);
  } catch (error) {
    if (error instanceof DocumentError)
      throw new DocumentError(`${file.path} cannot be opened: ${error.message}.`);
    throw error;
  }
}
