/** The value below which a fraction `q` of ascending values lies, between neighbours on a straight line; NaN of none. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const at = q * (ascending.length - 1);
  const low = Math.floor(at);
  const [a, b] = [ascending[low], ascending[Math.min(low + 1, ascending.length - 1)]];
  return a === undefined || b === undefined ? Number.NaN : a + (at - low) * (b - a);
}
