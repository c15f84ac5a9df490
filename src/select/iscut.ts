import { having, type Legal } from "../core/graph/arguments.js";

export const aCut: Legal = having("a cut, as cut(…) makes it", "thresholds", "hard", "soft");
