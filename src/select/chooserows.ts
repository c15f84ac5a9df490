/** Rows that are chosen: by a condition, a place or a key. */

import { takeAlong } from "../core/elementary/takealong.js";
import { atan2, cos, sin } from "../core/elementary/trig.js";
import type { Axis } from "../core/graph/axis.js";
import type { Tensor } from "../core/graph/tensor.js";
import { argsort } from "../ops/order.js";
import type { Expr, MaskNode, PickNode } from "./grammar/ast.js";
import { type Finder, nameOf, type Picker, type Sorter } from "./logic.js";
import { changed, deeper, type Got, type Num, num, type Objects, ones } from "./objects.js";

/** In which rows bare names are looked up behind something: in combinations, else where that stands. */
const inside = (got: Got, scope: Objects | null): Objects | null =>
  got.kind === "objects" && got.parts ? got : scope;

/** `jets.pt[jets.pt > 30]`. */
export function masked({ of, where }: MaskNode, scope: Objects | null, finder: Finder): Got {
  const got = finder.got(of, scope);
  const own = got.kind === "objects" ? got.axis : finder.meet(of, [got]);
  if (!own?.parent) {
    const remedy = "Write a condition beside it, joined by &&.";
    return finder.fail(
      "expr.level",
      of,
      "Brackets choose rows of a table, and this is one per event.",
      remedy,
    );
  }
  const { weight, among } = finder.logic.condition(where, inside(got, scope));
  if (deeper(own, weight.pass.axis) !== own) {
    const remedy = `Write a condition of each of ${nameOf(own)}, as in jets.pt[abs(jets.eta) < 2].`;
    return finder.fail("expr.level", where, `This is no condition of rows of ${nameOf(own)}.`, remedy);
  }
  return { ...got, among: finder.both(got.among, finder.both(weight, among)) };
}

/** `jets.pt[0]` of anything, `jets.pt[argmax(jets.btag)]`. */
export function picked(node: PickNode, scope: Objects | null, finder: Finder): Got {
  const got = finder.got(node.of, scope);
  if (typeof node.place === "number") return at(node, got, node.place, finder);
  return best(node, got, finder.number(node.place, inside(got, scope)), finder);
}

/** The row at a place. */
export function at(node: Expr, of: Got, place: number, finder: Finder): Got {
  const axis = rowsOf(node, of, finder);
  return choose(of, axis, finder.logic.at(axis, of.among, place), finder);
}

/** The row with the largest key. */
export function best(node: Expr, of: Got, key: Num, finder: Finder): Got {
  const axis = rowsOf(node, of, finder);
  requireKey(node, axis, key, finder);
  const among = finder.both(of.among, key.among);
  return choose(of, axis, finder.logic.best(axis, among, key.value), finder);
}

/** Rows in the order of a key. */
export function sorted(node: Expr, of: Got, key: Num, descending: boolean, finder: Finder): Got {
  const axis = rowsOf(node, of, finder);
  requireKey(node, axis, key, finder);
  const places = argsort(key.value.mul(ones(axis)), "parent", { descending });
  const order = (x: Tensor) => takeAlong(x.axis === axis ? x : x.mul(ones(axis)), places, "parent");
  if (of.kind === "objects") return gathered(of, axis, order);
  const among = finder.both(of.among, key.among);
  return {
    ...of,
    value: order(of.value),
    among: among && { pass: order(among.pass), fail: order(among.fail) },
  };
}

/** The first of what there are several of. */
export function firstOf(node: Expr, of: Got, count: number, finder: Finder): Got {
  return { ...of, among: finder.logic.firstOf(rowsOf(node, of, finder), of.among, count) };
}

/** `f` of each member of rows, and of what says which of them masks leave. */
export function gathered(of: Objects, axis: Axis, f: Sorter): Objects {
  const among = of.among && { pass: f(of.among.pass), fail: f(of.among.fail) };
  return changed(of, { axis, among }, (x) => ({ ...x, value: f(x.value), among: null }));
}

/** The axis of what there are several of; a CutError for one number per event. */
function rowsOf(node: Expr, of: Got, finder: Finder): Axis {
  const axis = of.kind === "objects" ? of.axis : finder.meet(node, [of]);
  if (axis?.parent) return axis;
  const remedy = "Leave the brackets out, or write a column of a table.";
  return finder.fail("expr.level", node, "There is one per event, so none is chosen.", remedy);
}

function requireKey(node: Expr, axis: Axis, key: Num, finder: Finder): void {
  if (deeper(axis, finder.meet(node, [key])) === axis) return;
  const remedy = "Write a key of the same rows.";
  finder.fail("expr.level", node, `The key is none of rows of ${nameOf(axis)}.`, remedy);
}

function choose(of: Got, axis: Axis, picker: Picker, finder: Finder): Got {
  const pick = (x: Tensor): Tensor => (x.axis === axis ? picker.of(x) : x);
  const there = finder.both(of.there, picker.there);
  if (of.kind === "number") return num(pick(of.value), null, there);
  return changed(of, { axis: axis.parent!, among: null, there }, ({ value }, name) =>
    // Angles on both sides of π have no mean; their directions have.
    num(name === "phi" && picker.there ? atan2(pick(sin(value)), pick(cos(value))) : pick(value)),
  );
}
