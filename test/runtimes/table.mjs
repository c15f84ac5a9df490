// The table of docs/runtimes.md: a row for every place, with the times of each task.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

const page = resolve(import.meta.dirname, "../../docs/runtimes.md");
const head =
  "| place | ready | step | histogram | fit | limit | objects | files | kB |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";

/** The rows of the page by the names of their places, and where they stand. */
function read() {
  const text = readFileSync(page, "utf8");
  const start = text.indexOf(head) + head.length;
  if (start < head.length) throw new Error("docs/runtimes.md has no table of places");
  const end = text.indexOf("\n\n", start) + 1;
  const rows = new Map();
  for (const line of text.slice(start, end).split("\n").filter(Boolean)) {
    const cells = line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    rows.set(cells[0], cells);
  }
  return { text, start, end, rows };
}

const number = (x, digits) =>
  x === undefined || x === null ? "" : x < 10 ? x.toPrecision(digits) : x.toFixed(0);

function row(name, { ready, ms = {}, size }) {
  const { step, histogram, fit, limit, objects, files } = ms;
  const times = [step, histogram, fit, limit, objects, files].map((x) => number(x, 2));
  return [name, number(ready, 3), ...times, size ? (size / 1000).toFixed(0) : ""];
}

/** Faults of the table: each place has its row, in the order of the list, with a time for each task unless it refuses. */
export function check(places) {
  const { rows } = read();
  const names = places.map(({ name }) => name);
  if (JSON.stringify([...rows.keys()]) !== JSON.stringify(names))
    return ["docs/runtimes.md has other places than the list; write it with UPDATE_DOCS=1"];
  return places
    .filter(({ name, refuses }) => {
      const [, ...cells] = rows.get(name);
      const times = cells.slice(0, 7).every((cell) => (refuses ? cell === "" : /^\d+(\.\d+)?$/.test(cell)));
      return cells.length !== 8 || !times || !/^\d*$/.test(cells[7]);
    })
    .map(({ name }) => `docs/runtimes.md: the row of ${name} is not one of times`);
}

/** Writes what was measured; places that were not tried keep their rows. */
export function update(places, measured) {
  const { text, start, end, rows } = read();
  const lines = places.map(({ name }) => {
    const cells = measured.has(name) ? row(name, measured.get(name)) : (rows.get(name) ?? row(name, {}));
    return `| ${cells.join(" | ")} |\n`;
  });
  writeFileSync(page, text.slice(0, start) + lines.join("") + text.slice(end));
  return check(places);
}
