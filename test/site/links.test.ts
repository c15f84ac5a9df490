import fc from "fast-check";
import { expect, it } from "vitest";
import { joins, type Recipe } from "../../site/explorer/documents/recipes.js";
import { parseLink, plain, printLink, themes, type View } from "../../site/explorer/link.js";

const name = fc.string({ unit: "grapheme", minLength: 1 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const source = fc.record({
  workspace: name,
  signal: orNull(fc.record({ document: name, patch: orNull(name) })),
});
const lists = fc.record({ channels: fc.array(name), modifierTypes: fc.array(name) }, { requiredKeys: [] });
const renames = fc.record(
  { samples: fc.dictionary(name, name, { noNullPrototype: true }) },
  { requiredKeys: [] },
);
const recipe: fc.Arbitrary<Recipe> = fc.record({
  ...{ name, of: source, prune: lists, rename: renames },
  with: orNull(
    fc.record({
      ...{ of: source, rename: renames },
      ...{ join: fc.constantFrom(...joins), mergeChannels: fc.boolean() },
    }),
  ),
});
const view: fc.Arbitrary<View> = fc.record({
  ...{ file: orNull(name), url: orNull(name), panel: name, workspace: orNull(name), channel: orNull(name) },
  signal: orNull(fc.record({ document: name, patch: orNull(name) })),
  ...{
    measurement: orNull(name),
    theme: fc.constantFrom(...themes),
    log: fc.boolean(),
    plane: orNull(name),
    best: fc.boolean(),
  },
  pars: fc.dictionary(fc.nat(3000).map(String), number),
  level: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
  axes: orNull(fc.tuple(fc.nat(5), fc.nat(5))),
  made: fc.array(recipe, { maxLength: 3 }),
  ...{ draft: orNull(recipe), other: orNull(source) },
});

it("a link gives back the view that it was made of", () => {
  fc.assert(
    fc.property(view, (v) => {
      expect(parseLink(`#${printLink(v)}`)).toEqual(v);
    }),
  );
});

it("a view as usual has an empty link, and what no view can be is left as usual", () => {
  expect(printLink(plain)).toBe("");
  for (const odd of [
    "t=pink",
    "l=7",
    "x=1:a",
    "x=__proto__:1",
    "a=1",
    "s=[1]",
    "s={",
    "zzz=1",
    "%",
    "e=[1]",
    'e=[["a",["b"],{"x":[]},{}]]',
    'f=["a",["b"],{},{}, 1]',
    "o=[]",
    "o=[1]",
  ])
    expect(parseLink(`#${odd}`), odd).toEqual(plain);
});
