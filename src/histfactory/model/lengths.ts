import { ShapeError } from "../../core/errors.js";

/** Most parameters of a Hessian: its computation takes seven matrices of them, and memory is 4 GiB. */
const MOST = 8192;

/** Throws a ShapeError unless `x` has as many numbers as the model has of `what`. */
export function requireLength(what: string, expected: number, { size }: { readonly size: number }): void {
  if (size === expected) return;
  throw new ShapeError("model.length", `the model has ${expected} ${what}, but got ${size} numbers`, {
    expected,
    got: size,
  });
}

/** Throws a ShapeError if a matrix of all parameters does not fit in memory. */
export function requireMatrix(npars: number): void {
  if (npars <= MOST) return;
  const size = ((npars * npars * 8) / 2 ** 30).toFixed(1);
  throw new ShapeError(
    "model.hessian",
    `the Hessian of ${npars} parameters needs ${size} GiB; at most ${MOST} parameters fit in memory: combine bins, or minimise nll with lbfgs`,
    { npars, most: MOST },
  );
}
