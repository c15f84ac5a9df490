/**
 * Writes the events of test/kit/objects.ts for test/peers/objects.py.
 *
 * Run: npx esbuild test/peers/objects.ts --bundle --platform=node --format=esm --outfile=out/objects.mjs
 *      node out/objects.mjs FOLDER [events] [seed]
 */
import { mkdirSync } from "node:fs";
import { objectEvents, writeObjects } from "../kit/objects.js";

const [folder = "out/objects", rows = "2000", seed = "11"] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
writeObjects(folder, objectEvents(Number(rows), Number(seed)));
