import { having, type Legal } from "../core/legal.js";

export const aCut: Legal = having("a cut, as cut(…) makes it", "thresholds", "hard", "soft");
