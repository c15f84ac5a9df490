// The objectives of the command line by name: what reads options needs no more of them.

/** Losses of the scores of single events, the smaller the better. */
export const losses = ["softmax", "bce", "squared"] as const;
/** Significances of yields, the larger the better. */
export const significances = ["sOverSqrtB", "sOverSqrtSB", "asimov"] as const;
/** What the model of a histogram expects before data are seen. */
export const expectations = ["discovery", "cls", "poiUncert"] as const;
export const objectives = [...losses, ...significances, ...expectations] as const;

export type Loss = (typeof losses)[number];
export type Expectation = (typeof expectations)[number];
export type Objective = (typeof objectives)[number];

/** σ of the background: σ² = (relative·B)² + absolute², absolute in events. */
export type BackgroundError = { relative: number; absolute: number };

/** What is done with negative weights where an event's own loss would have no lower bound. */
export const negativePolicies = ["clip", "keep", "refuse"] as const;
export type NegativePolicy = (typeof negativePolicies)[number];

export const isLoss = (objective: Objective): objective is Loss =>
  (losses as readonly string[]).includes(objective);

export const isExpectation = (objective: Objective): objective is Expectation =>
  (expectations as readonly string[]).includes(objective);
