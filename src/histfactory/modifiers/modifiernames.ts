/** The types of modifiers, in pyhf's order of their parameters. Apart from what they are, so that help is quick. */
export const modifierTypes = [
  "histosys",
  "lumi",
  "normfactor",
  "normsys",
  "shapefactor",
  "shapesys",
  "staterror",
] as const;

export type ModifierType = (typeof modifierTypes)[number];
