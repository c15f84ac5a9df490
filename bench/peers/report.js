/** What a peer process prints: one JSON line, as the Python peers do. */

/** Times `step` once for the first call and then `rounds` times, in seconds, and prints the line. */
export async function report(fields, rounds, step) {
  const seconds = async () => {
    const start = performance.now();
    const loss = await step();
    return [(performance.now() - start) / 1e3, loss];
  };
  const [first] = await seconds();
  const times = [];
  let loss = Number.NaN;
  for (let i = 0; i < rounds; i++) {
    const [t, value] = await seconds();
    times.push(t);
    loss = value;
  }
  times.sort((a, b) => a - b);
  const line = {
    ...fields,
    loss,
    first_s: first,
    best_s: times[0],
    median_s: times[rounds >> 1],
    times_s: times,
  };
  console.log(JSON.stringify(line));
}

/** Event count and rounds from the command line. */
export function options() {
  const [events = "131072", rounds = "6"] = process.argv.slice(2);
  return { events: Number(events), rounds: Number(rounds) };
}
