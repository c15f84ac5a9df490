#!/usr/bin/env node
// npm run gallery: out/gallery.html, a page with every figure, drawn from the fixtures of the tests.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gallery, specimen } from "../../dist/src/plot/pages/gallery.js";

const theme = process.argv[2] ?? "auto";
const folder = new URL("../fixtures/figures/", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
const specimens = files.map((file) => specimen(file, readFileSync(new URL(file, folder), "utf8")));
mkdirSync("out", { recursive: true });
writeFileSync("out/gallery.html", gallery(specimens, theme));
process.stdout.write("wrote out/gallery.html\n");
