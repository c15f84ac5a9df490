/** A point on the ray x + a·d: loss, slope along d, and whether loss and gradient are finite. */
export interface Trial {
  readonly a: number;
  readonly f: number;
  readonly slope: number;
  readonly finite: boolean;
}

export interface LineSearchOptions {
  /** Losses nearer than this count as equal, and the slopes decide. */
  readonly noise: number;
  readonly maxTrials?: number;
}

const sufficientDecrease = 0.1;
const curvature = 0.9;

/**
 * A step length after Hager and Zhang (SIAM J. Optim. 16, 170, 2005; ACM TOMS 32, 113, 2006).
 *
 * Accepts a point by Wolfe's conditions, or by their approximate form, which needs only slopes once
 * losses agree to within `noise`: near a minimum f − f* is quadratic in the distance and drowns in
 * rounding at √ε, the slope is linear and does not. Yields step lengths, is sent trials. Returns the
 * accepted one, else the best that lowered the loss by more than the noise, else undefined. Points
 * that are not finite are never accepted: the search backs off from them.
 */
export function* lineSearch<T extends Trial>(
  start: { readonly f: number; readonly slope: number },
  firstStep: number,
  { noise, maxTrials = 40 }: LineSearchOptions,
): Generator<number, T | undefined, T> {
  const accept = (t: Trial): boolean => {
    if (t.slope < curvature * start.slope) return false;
    if (t.f <= start.f + sufficientDecrease * t.a * start.slope) return true;
    return t.slope <= (2 * sufficientDecrease - 1) * start.slope && t.f <= start.f + noise;
  };

  // The minimum lies beyond `low`, where the loss still falls, and before `high`.
  let low: Trial = { a: 0, f: start.f, slope: start.slope, finite: true };
  let high: Trial | undefined;
  let wall = Number.POSITIVE_INFINITY;
  let best: T | undefined;
  let a = firstStep;
  let width = Number.POSITIVE_INFINITY;

  for (let n = 0; n < maxTrials; n++) {
    const trial = yield a;
    if (!trial.finite) {
      wall = a;
      a = low.a + 0.25 * (a - low.a);
      if (a === low.a) break;
      continue;
    }
    if (accept(trial)) return trial;
    if (trial.f < (best?.f ?? start.f - noise)) best = trial;

    const previous = low;
    if (trial.slope < 0 && trial.f <= start.f + noise) low = trial;
    else high = trial;

    const next: number = high === undefined ? expand(previous, low, wall) : contract(low, high, width);
    if (high !== undefined) width = high.a - low.a;
    if (!(next > low.a) || !(next < (high?.a ?? Number.POSITIVE_INFINITY))) break;
    a = next;
  }
  return best;
}

/** Beyond `low`: where the line through the last two slopes reaches zero, 2 to 10 times as far. */
function expand(previous: Trial, low: Trial, wall: number): number {
  const secant = zeroOfSlope(previous, low);
  const far = secant > low.a ? Math.min(Math.max(secant, 2 * low.a), 10 * low.a) : 10 * low.a;
  return far < wall ? far : low.a + 0.5 * (wall - low.a);
}

/** Between the two: by the slopes if they enclose a zero and the interval was halved, else the middle. */
function contract(low: Trial, high: Trial, lastWidth: number): number {
  const width = high.a - low.a;
  const middle = low.a + 0.5 * width;
  if (high.slope < 0 || width > 0.5 * lastWidth) return middle;
  return Math.min(Math.max(zeroOfSlope(low, high), low.a + 0.05 * width), high.a - 0.05 * width);
}

const zeroOfSlope = (p: Trial, q: Trial): number => p.a - (p.slope * (q.a - p.a)) / (q.slope - p.slope);
