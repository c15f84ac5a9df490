import { checkArgument, object } from "../core/graph/arguments.js";
import { sameStructure } from "../core/sametree.js";
import { TreeError, unflatten } from "../core/tree.js";
import { flattenNumbers, type Labels, labelsOf, type Mask, prune } from "./labels.js";
import { aLabelTree, updateRule } from "./settings.js";
import { type GradientTransformation, taking } from "./transformation.js";

/** Runs a rule on some of the leaves; what it made of the others is left out, as `{}` stands in their places. */
function onPart<P>(
  rule: GradientTransformation,
  keep: readonly boolean[],
  grads: P,
  state: unknown,
  params: P,
): { leaves: readonly unknown[]; state: unknown } {
  const [g, p] = [flattenNumbers(grads, "grads"), flattenNumbers(params, "params")];
  sameStructure(g.structure, p.structure, { got: "grads", expected: "params" });
  const part = rule.update(prune(g, keep), state, prune(p, keep));
  return { leaves: flattenNumbers(part.updates, "updates").leaves, state: part.state };
}

export interface MaskedState {
  readonly inner: unknown;
}

/** Applies a rule to the parameters that `mask` marks; gradients of the others pass through (optax's `masked`). */
export function masked(rule: GradientTransformation, mask: Mask): GradientTransformation<MaskedState> {
  checkArgument("masked", "rule", rule, updateRule);
  checkArgument("masked", "mask", mask, aLabelTree);
  return {
    ...taking(rule),
    init: (params) => {
      const flat = flattenNumbers(params, "params");
      return { inner: rule.init(prune(flat, labelsOf(flat, mask, "boolean"))) };
    },
    update: (grads, state, params) => {
      const flat = flattenNumbers(params, "params");
      const keep = labelsOf(flat, mask, "boolean");
      const part = onPart(rule, keep, grads, state.inner, params);
      const g = flattenNumbers(grads, "grads");
      let next = 0;
      const leaves = g.leaves.map((leaf, i) => (keep[i] ? part.leaves[next++] : leaf));
      return { updates: unflatten(g.structure, leaves), state: { inner: part.state } };
    },
  };
}

export interface MultiState {
  /** The state of each rule, by label. */
  readonly inner: Readonly<Record<string, unknown>>;
}

/**
 * A rule for each label: thresholds at one rate and weights at another (optax's `multi_transform`).
 *
 *     multiTransform({ cuts: sgd(0.5), net: adam(1e-3) }, { cuts: "cuts", net: "net" })
 *
 * `labels` is a tree of labels, which may end above the leaves, or a function of paths as `cuts.ptMin` and
 * `net[0].w`. Throws a `TreeError` for a parameter without label and for a label without rule.
 */
export function multiTransform(
  rules: Readonly<Record<string, GradientTransformation>>,
  labels: Labels<string>,
): GradientTransformation<MultiState> {
  checkArgument("multiTransform", "rules", rules, object);
  for (const [name, rule] of Object.entries(rules))
    checkArgument("multiTransform", `rules.${name}`, rule, updateRule);
  checkArgument("multiTransform", "labels", labels, aLabelTree);
  const names = Object.keys(rules);
  const find = (params: unknown) => {
    const flat = flattenNumbers(params, "params");
    const found = labelsOf(flat, labels, "string");
    found.forEach((label, i) => {
      if (names.includes(label)) return;
      const path = flat.paths[i]!;
      const known = names.map((n) => `'${n}'`).join(", ");
      const sentence = `${path} has the label '${label}', but there are rules for ${known}: add one, or change the label.`;
      throw new TreeError("missing-key", path, known, `'${label}'`, sentence);
    });
    return { flat, found };
  };
  return {
    ...taking(...Object.values(rules)),
    init: (params) => {
      const { flat, found } = find(params);
      const parts = names.map((name) => {
        const keep = found.map((label) => label === name);
        return [name, rules[name]!.init(prune(flat, keep))];
      });
      return { inner: Object.fromEntries(parts) };
    },
    update: (grads, state, params) => {
      const { flat, found } = find(params);
      const leaves: unknown[] = new Array(found.length);
      const inner = names.map((name) => {
        const keep = found.map((label) => label === name);
        const part = onPart(rules[name]!, keep, grads, state.inner[name], params);
        let next = 0;
        keep.forEach((mine, i) => {
          if (mine) leaves[i] = part.leaves[next++];
        });
        return [name, part.state];
      });
      return { updates: unflatten(flat.structure, leaves), state: { inner: Object.fromEntries(inner) } };
    },
  };
}
