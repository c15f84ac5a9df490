/** How names of files say which jagged columns belong together as the columns of one child table. */

/** A child table and a column of it. */
export type ChildPath = readonly [child: string, column: string];

/** One way in which such names are made. */
export interface Naming {
  /** Which names, in words. */
  readonly words: string;
  /** What stands between the name of the child table and that of its column, where it stands first. */
  readonly separator: string;
}

/** The first whose separator a name has says what it is. */
export const namings = {
  dotted: {
    words: "`Jet.PT` as in Delphes, `AnalysisJetsAuxDyn.pt` as in ATLAS",
    separator: ".",
  },
  underscored: {
    words: "`Jet_pt` as in NanoAOD, `el_eta`",
    separator: "_",
  },
} as const satisfies Record<string, Naming>;

/** The child table that a jagged column of this name belongs to and what it is called there, or null. */
export function childPath(name: string): ChildPath | null {
  for (const { separator } of Object.values(namings)) {
    const at = name.indexOf(separator);
    if (at > 0 && at < name.length - separator.length)
      return [name.slice(0, at), name.slice(at + separator.length)];
  }
  return null;
}
