/** The figures of a training with their data, as the records say. */

import type { Picture, Section } from "../figures/figure.js";
import { type FigureName, figureNames, figures } from "../figures/index.js";
import type { PlotData } from "../plotdata.js";
import type { Run } from "../rundata.js";

export interface RunPicture extends Picture<unknown> {
  readonly figure: FigureName;
  readonly section: Section;
}

/** All pictures of a run, in the order of a report: those of one section and one column stand together. */
export function picturesOf(run: Run, plot: PlotData | undefined): RunPicture[] {
  const all = figureNames.flatMap((figure): RunPicture[] => {
    const { training } = figures[figure];
    if (!training) return [];
    const { section } = training;
    return training.pictures(run, plot).map((picture) => ({ ...picture, figure, section }));
  });
  const groups = new Map<string, RunPicture[]>();
  for (const picture of all) {
    const key = JSON.stringify([picture.section, picture.of]);
    const group = groups.get(key);
    if (group) group.push(picture);
    else groups.set(key, [picture]);
  }
  return [...groups.values()].flat();
}
