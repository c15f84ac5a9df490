/** Numbers as people read them, with all their digits beside. */

/** A few significant digits, without zeros that say nothing. */
export function short(x: number, digits = 4): string {
  if (Number.isNaN(x)) return "–";
  if (!Number.isFinite(x)) return x > 0 ? "∞" : "−∞";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const text =
    size >= 1e6 || size < 1e-4 ? x.toExponential(digits - 1) : String(Number(x.toPrecision(digits)));
  const [mantissa, exponent] = text.split("e");
  return (exponent === undefined ? text : `${Number(mantissa)}e${Number(exponent)}`).replaceAll("-", "−");
}

/** A number with its full digits as its value, for programs, and as its title. */
export function Num({ x, digits = 4, id }: { x: number; digits?: number; id?: string }) {
  return (
    <data value={String(x)} title={String(x)} data-id={id}>
      {short(x, digits)}
    </data>
  );
}
