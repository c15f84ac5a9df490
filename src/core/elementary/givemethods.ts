import type { Methods } from "../graph/methods.js";
import type { Rank } from "../graph/rank.js";
import { Tensor } from "../graph/tensor.js";
import {
  abs,
  add,
  clip,
  div,
  eq,
  floor,
  ge,
  gt,
  le,
  lt,
  maximum,
  minimum,
  mul,
  neg,
  sign,
  sqrt,
  square,
  sub,
} from "./arith.js";
import { exp, expm1, log, log1p, logSigmoid, pow, relu, sigmoid, softplus, tanh } from "./exp.js";
import { logsumexp, max, mean, min, softmax, sum } from "./fold.js";
import { at, broadcast, cast, pad, reshape, slice, stopGradient, transpose } from "./reshape.js";
import { atan2, cos, cosh, hypot, sin, sinh } from "./trig.js";

type All = Methods<Rank>;
type Functions = { [K in keyof All]: (self: Tensor, ...args: Parameters<All[K]>) => Tensor };

/**
 * Gives Tensor its methods, once. Ops are made of Tensors and Tensors of ops, so neither can load first: whoever makes the
 * first Tensor calls it, and a program that makes none has none of this in its bundle.
 */
export function giveMethods(): void {
  if ("add" in Tensor.prototype) return;
  const all: Functions = {
    ...{ add, sub, mul, div, neg, abs, sign, sqrt, square, floor, minimum, maximum, clip },
    ...{ lt, le, gt, ge, eq },
    ...{ exp, expm1, log, log1p, pow, sigmoid, logSigmoid, softplus, relu, tanh },
    ...{ sin, cos, sinh, cosh, atan2, hypot },
    ...{ sum, mean, max, min, logsumexp, softmax },
    ...{ broadcast, reshape, transpose, slice, pad, at, cast, stopGradient },
  };
  for (const [name, f] of Object.entries<(self: Tensor, ...args: never[]) => Tensor>(all)) {
    Object.defineProperty(Tensor.prototype, name, {
      value: function (this: Tensor, ...args: never[]) {
        return f(this, ...args);
      },
    });
  }
}
