/**
 * The candidate nearest to `name` by edit distance, or undefined when none is close.
 *
 * Close means: equal but for case, or at most a third of the characters changed (insertions,
 * deletions, substitutions and swaps of neighbours count one each). Ties go to the first candidate.
 * Where none is, the first one that begins with three letters or more of it.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? (name.length < 3 ? undefined : firstBeginning(name, candidates));
}

function firstBeginning(start: string, candidates: Iterable<string>): string | undefined {
  for (const candidate of candidates) if (candidate.startsWith(start)) return candidate;
  return undefined;
}

/** `Did you mean "pt"?`, or the names there are; a remedy for any unknown name. */
export function didYouMean(name: string, candidates: readonly string[], what: string): string {
  const nearest = nearestName(name, candidates);
  if (nearest !== undefined) return `Did you mean ${nearest}?`;
  if (candidates.length === 0) return `There are no ${what}.`;
  return `The ${what} are: ${listed(candidates)}.`;
}

/** Optimal string alignment distance, or `limit` as soon as it is known to be no smaller. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, before[j - 2]! + 1);
      }
      row.push(cost);
      least = Math.min(least, cost);
    }
    // A swap reaches back two rows, so two rows must be past the limit.
    if (least >= limit && Math.min(...previous) >= limit) return limit;
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** Names in a sentence, of many the first. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return "none";
  return `${names.slice(0, 20).join(", ")}${names.length > 20 ? `, … (${names.length} in all)` : ""}`;
}
