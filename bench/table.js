/** Rows as text. */

const number = (x) =>
  x === undefined || x === null ? "" : x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toPrecision(3);

/** A table of all rows, with how to read it. */
export function format(rows, { node, cpu, pinned, rounds }) {
  const head = ["row", "best", "median", "unit", "ratio", "by rounds", "goal", ""];
  const lines = rows.map((row) => [
    row.name,
    row.skipped ? "skipped" : number(row.value),
    number(row.median),
    row.unit,
    number(row.ratio),
    number(row.roundRatio),
    row.skipped ?? row.goal ?? "",
    row.met === undefined ? "" : row.met ? "met" : "missed",
  ]);
  const widths = head.map((h, i) => Math.max(h.length, ...lines.map((l) => l[i].length)));
  const right = new Set([1, 2, 4, 5]);
  const text = [head, ...lines].map((cells) =>
    cells
      .map((c, i) => (right.has(i) ? c.padStart(widths[i]) : c.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  const peers = [...new Set(rows.map((r) => r.peerVersion).filter(Boolean))];
  return [
    `${cpu}, Node ${node}, ${pinned}; ${rounds} rounds`,
    ...(peers.length ? [`peers: ${peers.join(", ")}`] : []),
    "",
    ...text,
    "",
    "Ratios are of one run, in which gradcut and its peers take turns. `ratio` sets the best of all rounds against the",
    "best of all rounds, `by rounds` is the median over rounds of the best in a round against the best next to it.",
    "On a row of a peer the ratio says how many times faster gradcut is.",
  ].join("\n");
}
