import type { Bins, Modifier, Num } from "./config.js";

/** A free factor, such as a signal strength. */
export const normfactor = (name: string): Modifier => ({ name, type: "normfactor", data: null });

/** A free factor for each bin. */
export const shapefactor = (name: string): Modifier => ({ name, type: "shapefactor", data: null });

/** The luminosity; its value and width stand in the specification's `parameters`. */
export const lumi = (): Modifier => ({ name: "lumi", type: "lumi", data: null });

/** A normalisation uncertainty: the factors at +1 and -1 of its parameter. */
export const normsys = (name: string, hi: Num, lo: Num): Modifier => ({
  name,
  type: "normsys",
  data: { hi, lo },
});

/** A shape uncertainty: the bins at +1 and -1 of its parameter. */
export const histosys = (name: string, up: Bins, down: Bins): Modifier => ({
  name,
  type: "histosys",
  data: { hi_data: up, lo_data: down },
});

/** Uncorrelated absolute uncertainties of the bins, with Poisson constraints. */
export const shapesys = (name: string, uncertainty: Bins): Modifier => ({
  name,
  type: "shapesys",
  data: uncertainty,
});

/** Statistical uncertainties of the bins: square roots of sums of squared weights. One name for all samples of a channel. */
export const staterror = (name: string, uncertainty: Bins): Modifier => ({
  name,
  type: "staterror",
  data: uncertainty,
});

/** A modifier of a type of one's own; see `CustomModifier`. */
export const custom = (type: string, name: string, data: unknown = null): Modifier =>
  ({ name, type, data }) as unknown as Modifier;
