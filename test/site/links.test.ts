import fc from "fast-check";
import { expect, it } from "vitest";
import { parseLink, plain, printLink, themes, type View } from "../../site/explorer/link.js";

const name = fc.string({ unit: "grapheme", minLength: 1 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const view: fc.Arbitrary<View> = fc.record({
  ...{ file: orNull(name), url: orNull(name), panel: name, workspace: orNull(name), channel: orNull(name) },
  signal: orNull(fc.record({ document: name, patch: orNull(name) })),
  ...{ measurement: orNull(name), theme: fc.constantFrom(...themes), log: fc.boolean(), plane: orNull(name) },
  pars: fc.dictionary(fc.nat(3000).map(String), number),
  level: fc.double({ min: 0.5, max: 0.999, noNaN: true }),
  axes: orNull(fc.tuple(fc.nat(5), fc.nat(5))),
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
  for (const odd of ["t=pink", "l=7", "x=1:a", "x=__proto__:1", "a=1", "s=[1]", "s={", "zzz=1", "%"])
    expect(parseLink(`#${odd}`), odd).toEqual(plain);
});
