/**
 * In what the answers of a place differ from those of Node. A place that `refuses` has none, and must say why not; every
 * other one has some.
 */
export function differences(place, { error, runs = {}, says = {} }, reference) {
  if (error) return [error];
  const due = reference.runs.alone.bits;
  const faults = [];
  if (Object.keys(due).length === 0) faults.push("Node itself has no answers");
  if ((Object.keys(runs).length === 0) !== Boolean(place.refuses))
    faults.push(place.refuses ? "computes, where it should refuse" : "no answers");
  for (const [run, { bits, error }] of Object.entries(runs)) {
    const paths = new Set([...Object.keys(due), ...Object.keys(bits)]);
    const wrong = [...paths].filter((path) => bits[path] !== due[path]);
    if (error) faults.push(`${run}: ${error}`);
    else if (wrong.length)
      faults.push(`${run}: ${wrong.length} of ${paths.size} numbers differ, the first ${wrong[0]}`);
  }
  const expected = { ...("errors" in says && { errors: reference.says.errors }), ...place.says };
  for (const key of new Set([...Object.keys(expected), ...Object.keys(says)])) {
    const [found, wanted] = [says[key], expected[key]].map((value) => JSON.stringify(value));
    if (found !== wanted) faults.push(`${key}: ${found}, not ${wanted}`);
  }
  return faults;
}
