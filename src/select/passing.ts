/** How many rows of each event pass, each on its own as likely as its weight says, in logarithms. */

import { fullLike } from "../core/elementary/align.js";
import { log, logSigmoid } from "../core/elementary/exp.js";
import { stack } from "../core/elementary/join.js";
import type { Tensor } from "../core/graph/tensor.js";
import { nonePasses, passedBefore } from "../ops/recurrence.js";
import type { Up, Weight } from "./reducers.js";

/** Likelihoods of numbers of rows. */
export interface Passing {
  atLeast(k: number): Weight;
  exactly(k: number): Weight;
}

/** log Σ exp of some numbers. */
export const logSum = (all: readonly Tensor[]): Tensor =>
  all.length === 1 ? all[0]! : stack(all).logsumexp(-1);

/** Beyond so many rows their exact distribution is no longer worked out. */
export const mostStates = 64;

/** Rows of each parent in their order; see {@link passing}. */
interface Ordered {
  /** log of how likely a row passes as the k-th, from 1. */
  passesAs(k: number): Tensor;
  /** The same for any row; `behind`, how likely none behind it passes, for the last that does. */
  anyAs(k: number, behind?: Tensor): Tensor;
}

/**
 * The first `most` of the rows that pass, in their order or from the end. Weights are taken relative to the largest of each
 * parent, so rows however far from passing keep their slopes.
 */
export function inOrder({ pass, fail }: Weight, most: number, backward: boolean): Ordered {
  const limit = pass.dtype === "f32" ? 3e38 : 1.7e308;
  const largest = pass.max("parent").stopGradient().clip(-limit, limit);
  const relative = pass.sub(largest).exp();
  const before = passedBefore(fail.exp(), relative, most, backward);
  const likely = (k: number) => relative.mul(before.at(k - 1));
  return {
    passesAs: (k) => log(likely(k)).add(largest.mul(k)),
    anyAs: (k, behind) => {
      const each = behind ? likely(k).mul(behind) : likely(k);
      return log(each.sum("parent")).add(largest.mul(k));
    },
  };
}

/** The exact distribution for the rows of each parent. */
export function passing(w: Weight, most: number): Passing {
  const rows = inOrder(w, most, false);
  const behind = nonePasses(w.fail.exp(), true);
  const none = w.fail.sum("parent");
  const exact = (k: number): Tensor => (k === 0 ? none : rows.anyAs(k, behind));
  return distribution(none, exact, (k) => rows.anyAs(k));
}

function distribution(like: Tensor, exact: (k: number) => Tensor, tail: (k: number) => Tensor): Passing {
  const below = (k: number): Tensor =>
    k <= 0 ? fullLike(like, Number.NEGATIVE_INFINITY) : logSum(Array.from({ length: k }, (_, i) => exact(i)));
  const atLeast = (k: number): Weight => ({
    get pass() {
      return k <= 0 ? fullLike(like, 0) : tail(k);
    },
    get fail() {
      return below(k);
    },
  });
  return {
    atLeast,
    exactly: (k) => ({
      get pass() {
        return exact(k);
      },
      get fail() {
        return logSum([below(k), atLeast(k + 1).pass]);
      },
    }),
  };
}

/** The distribution of the sum of two numbers of rows. */
export function addedPassing(a: Passing, b: Passing): Passing {
  const exact = (k: number): Tensor =>
    logSum(Array.from({ length: k + 1 }, (_, i) => a.exactly(i).pass.add(b.exactly(k - i).pass)));
  const tail = (k: number): Tensor =>
    logSum([
      a.atLeast(k).pass,
      ...Array.from({ length: k }, (_, i) => a.exactly(i).pass.add(b.atLeast(k - i).pass)),
    ]);
  return distribution(a.exactly(0).pass, exact, tail);
}

/** A logistic distribution of the same mean and variance: for rows of several levels, or very many. */
export function nearlyPassing(w: Weight, up: Up): Passing {
  const likely = w.pass.exp();
  const mean = up.sum(likely);
  // A width that is not 0 where every row passes or fails for sure.
  const width = up.sum(likely.mul(w.fail.exp())).add(1e-6).mul(3).sqrt().div(Math.PI);
  const distance = (k: number): Tensor => mean.sub(k - 0.5).div(width);
  const exact = (k: number): Tensor =>
    log(
      distance(k)
        .sigmoid()
        .sub(distance(k + 1).sigmoid()),
    );
  return {
    atLeast: (k) => ({
      get pass() {
        return k <= 0 ? fullLike(mean, 0) : logSigmoid(distance(k));
      },
      get fail() {
        return k <= 0 ? fullLike(mean, Number.NEGATIVE_INFINITY) : logSigmoid(distance(k).neg());
      },
    }),
    exactly: (k) => ({
      get pass() {
        return exact(k);
      },
      get fail() {
        return logSum([logSigmoid(distance(k).neg()), logSigmoid(distance(k + 1))]);
      },
    }),
  };
}
