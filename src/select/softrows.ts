/** Rows that are likely: what soft cuts make of them. */

import { fullLike } from "../core/elementary/align.js";
import { add, eq, mul, safeMul, sub, where } from "../core/elementary/arith.js";
import { log } from "../core/elementary/exp.js";
import { stack } from "../core/elementary/join.js";
import { nth } from "../core/elementary/nth.js";
import { takeAlong } from "../core/elementary/takealong.js";
import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { argmax } from "../ops/argmax.js";
import { argsort } from "../ops/order.js";
import type { Levels } from "./levels.js";
import type { Held, Picker } from "./logic.js";
import { type Num, ones } from "./objects.js";
import { inOrder, logSum, passing } from "./passing.js";
import {
  type ConditionRecord,
  type Found,
  type NumberRecord,
  not,
  type SoftUp,
  swapped,
  type Up,
  type Weight,
} from "./reducers.js";

/** What soft cuts make of rows, with their weights in logarithms. */
export abstract class SoftRows {
  both(a: Weight, b: Weight): Weight {
    return {
      get pass() {
        return add(a.pass, b.pass);
      },
      get fail() {
        return either(a, b);
      },
    };
  }

  flag(x: Num): Weight {
    return sure(not(eq(x.value, 0)));
  }

  number(rule: NumberRecord, x: Tensor, among: Weight | null, up: Up): Found {
    return rule.soft(x, among, this.#soft(up));
  }

  holds(rule: ConditionRecord, { weight, among }: Held, up: Up): Weight {
    return rule.soft(among ? this.#held(rule, weight, among) : weight, this.#soft(up));
  }

  /** Rows that a mask takes away count as if the condition held, or as if it did not. */
  #held({ outside }: ConditionRecord, weight: Weight, among: Weight): Weight {
    return outside ? swapped(this.both(swapped(weight), among)) : this.both(weight, among);
  }

  at(axis: Axis, among: Weight | null, place: number): Picker {
    if (!among) return { there: null, of: (x) => nth(x, place) };
    const k = place < 0 ? -place : place + 1;
    const w = onAxis(axis, among);
    return likely(inOrder(w, k, place < 0).passesAs(k), passing(w, k).atLeast(k));
  }

  best(axis: Axis, among: Weight | null, key: Tensor): Picker {
    const keys = mul(key, ones(axis));
    if (!among) {
      const places = argmax(keys, "parent");
      return { there: null, of: (x) => takeAlong(x, places, "parent") };
    }
    const w = onAxis(axis, among);
    const places = argsort(keys, "parent", { descending: true });
    const order = (x: Tensor) => takeAlong(x, places, "parent");
    const first = inOrder({ pass: order(w.pass), fail: order(w.fail) }, 1, false).passesAs(1);
    const { there, of } = likely(first, passing(w, 1).atLeast(1));
    return { there, of: (x) => of(order(x)) };
  }

  firstOf(axis: Axis, among: Weight | null, count: number): Weight {
    const rows = inOrder(among ? onAxis(axis, among) : sure(ones(axis)), count, false);
    const pass = logSum(Array.from({ length: count }, (_, i) => rows.passesAs(i + 1)));
    return {
      pass,
      get fail() {
        return log(sub(1, pass.exp()));
      },
    };
  }

  #soft(up: Up | Levels): SoftUp {
    const between = "between" in up ? up.between : [];
    return {
      ...up,
      some: (w) =>
        between.length === 0
          ? someBeside(w)
          : between.reduce((of: Weight, axis) => passing(onAxis(axis, of), 1).atLeast(1), w),
      largest: (x, w) => {
        let [value, there] = [x, w];
        for (const axis of between) {
          const picker = this.best(axis, there, value);
          value = picker.of(mul(value, ones(axis)));
          there = picker.there!;
        }
        return { value, there };
      },
    };
  }
}

/** What holds or does not, by a mask. */
export const sure = (mask: Tensor): Weight => ({
  get pass() {
    return log(mask);
  },
  get fail() {
    return log(sub(1, mask));
  },
});

/** A or B fails: A does, or it passes and B fails. */
const either = (a: Weight, b: Weight): Tensor => stack([a.fail, add(a.pass, b.fail)]).logsumexp(-1);

/** Weights for each row of an axis, where they are those of what is above it. */
export function onAxis(axis: Axis, w: Weight): Weight {
  if (w.pass.axis === axis) return w;
  const nothing = fullLike({ shape: [], dtype: axis.dtype, axis }, 0);
  return { pass: add(w.pass, nothing), fail: add(w.fail, nothing) };
}

/** One row of each parent by how likely each is it. */
function likely(logs: Tensor, there: Weight): Picker {
  const shares = logs.softmax("parent");
  const some = there.pass.sub(there.pass).eq(0);
  return { there, of: (x) => where(some, safeMul(shares, x).sum("parent"), Number.NaN) };
}

/** Some of what lies beside each other, along the last inner axis. */
function someBeside({ pass, fail }: Weight): Weight {
  const k = pass.shape.at(-1)!;
  const ways: Tensor[] = [];
  let before: Tensor | undefined;
  for (let i = 0; i < k; i++) {
    ways.push(before ? add(before, pass.at(i)) : pass.at(i));
    before = before ? add(before, fail.at(i)) : fail.at(i);
  }
  return { pass: logSum(ways), fail: before! };
}
