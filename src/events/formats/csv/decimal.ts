const minus = 45;
const dot = 46;
const zero = 48;
const nine = 57;

/** Powers of ten that are exact in f64. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Reads decimal numbers out of bytes, each rounded to the nearest f64. */
export class DecimalReader {
  /** The number read last. */
  value = 0;
  /** Where the byte after it is. */
  end = 0;
  /** Whether it was written without a point and an exponent. */
  whole = true;
  /** Whether it is a whole number of more than 15 digits in 64 bits, which is {@link exact}; `read` was then false. */
  long = false;
  exact = 0n;

  /**
   * Reads the number that starts at `at`. False when that is not a decimal number, or a rare one for which
   * this reader does not know the nearest f64 (more than 19 digits, large exponents, a tie within 2^-100), or a
   * whole number of more than 15 digits, which may have to be kept in 64 bits: see `long`.
   *
   * Some byte that is not part of a number must follow.
   */
  read(bytes: Uint8Array, at: number): boolean {
    this.long = false;
    let i = at;
    let byte = bytes[i]!;
    const negative = byte === minus;
    if (negative) byte = bytes[++i]!;
    const first = i;
    // The number without its point: 15 digits from the first that is not 0, and those that follow.
    let head = 0;
    let tail = 0;
    let digits = 0;
    let point = -1;
    for (;;) {
      if (byte >= zero && byte <= nine) {
        if (digits < 15) {
          head = head * 10 + (byte - zero);
          if (head !== 0) digits++;
        } else {
          tail = tail * 10 + (byte - zero);
          digits++;
        }
      } else if (byte === dot && point < 0) point = i;
      else break;
      byte = bytes[++i]!;
    }
    let places = point < 0 ? 0 : i - point - 1;
    if (digits > 19 || i - first === (point < 0 ? 0 : 1)) return false;
    this.whole = point < 0;
    if ((byte | 32) === 101) {
      this.whole = false;
      byte = bytes[++i]!;
      const negativeExponent = byte === minus;
      if (negativeExponent || byte === 43) byte = bytes[++i]!;
      let exponent = 0;
      const start = i;
      while (byte >= zero && byte <= nine && i - start < 4) {
        exponent = exponent * 10 + (byte - zero);
        byte = bytes[++i]!;
      }
      if (i === start) return false;
      places += negativeExponent ? exponent : -exponent;
    }
    if (this.whole && digits > 15) {
      const exact = BigInt(head) * BigInt(powersOfTen[digits - 15]!) + BigInt(tail);
      this.exact = negative ? -exact : exact;
      this.long = exact < 2n ** 63n;
      this.end = i;
      return false;
    }
    if (places < 0 || places > 22) return false;
    const power = powersOfTen[places]!;
    // One rounding of exact operands gives the nearest f64; with more digits the quotient needs a second part.
    const value = digits <= 15 ? head / power : longQuotient(head, tail, powersOfTen[digits - 15]!, power);
    if (value < 0) return false;
    this.value = negative ? -value : value;
    this.end = i;
    return true;
  }
}

/**
 * (head * shift + tail) / power rounded to the nearest f64, or -1 when that is too close to a tie to tell.
 *
 * Numerator and quotient are unevaluated sums of two f64 (Dekker 1971). The numerator is exact; the second part
 * of the quotient has a relative error below 2^-50, so if both ends of that interval round to one f64, the
 * quotient does.
 */
function longQuotient(head: number, tail: number, shift: number, power: number): number {
  const product = head * shift;
  const rest = productError(head, shift, product) + tail;
  const numerator = product + rest;
  const numeratorRest = rest - (numerator - product);
  const quotient = numerator / power;
  const back = quotient * power;
  const remainder = numerator - back - productError(quotient, power, back) + numeratorRest;
  const correction = remainder / power;
  const margin = correction * 2 ** -50;
  const low = quotient + (correction - margin);
  return low === quotient + (correction + margin) ? low : -1;
}

/** a * b - product without error, for product = a * b rounded. */
function productError(a: number, b: number, product: number): number {
  const splitter = 2 ** 27 + 1;
  const a1 = splitter * a - (splitter * a - a);
  const a2 = a - a1;
  const b1 = splitter * b - (splitter * b - b);
  const b2 = b - b1;
  return a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2);
}
