/** How the functions of rows are written; what they mean stands beside the reducers and functions of `select`. */

/** What a reducer goes over and gives: numbers or conditions. */
export interface ReducerSyntax {
  readonly takes: "number" | "condition";
  readonly gives: "number" | "condition";
}

export const numberReducers = {
  count: { takes: "condition", gives: "number" },
  sum: { takes: "number", gives: "number" },
  mean: { takes: "number", gives: "number" },
  max: { takes: "number", gives: "number" },
  min: { takes: "number", gives: "number" },
} as const satisfies Record<string, ReducerSyntax>;

export const conditionReducers = {
  any: { takes: "condition", gives: "condition" },
  all: { takes: "condition", gives: "condition" },
} as const satisfies Record<string, ReducerSyntax>;

export type NumberReducer = keyof typeof numberReducers;
export type ConditionReducer = keyof typeof conditionReducers;
export type ReducerName = NumberReducer | ConditionReducer;

export const isNumberReducer = (name: string): name is NumberReducer => Object.hasOwn(numberReducers, name);
export const isConditionReducer = (name: string): name is ConditionReducer =>
  Object.hasOwn(conditionReducers, name);

/** How a function of rows is written. */
export interface RowSyntax {
  readonly takes: readonly [least: number, most: number];
  /**
   * What it makes: a number, rows without a name, rows as those of its first argument, one object, or a place, which stands
   * in brackets.
   */
  readonly gives: "number" | "combinations" | "rows" | "object" | "place";
  /** Members that it asks its arguments for, where these are objects. */
  readonly members: readonly string[];
}

export const rowFunctions = {
  mass: { takes: [1, 1], gives: "number", members: ["mass"] },
  pt: { takes: [1, 1], gives: "number", members: ["pt"] },
  eta: { takes: [1, 1], gives: "number", members: ["eta"] },
  phi: { takes: [1, 1], gives: "number", members: ["phi"] },
  energy: { takes: [1, 1], gives: "number", members: ["pt", "eta", "phi", "mass"] },
  deltaPhi: { takes: [2, 2], gives: "number", members: ["phi"] },
  deltaR: { takes: [2, 2], gives: "number", members: ["eta", "phi"] },
  pairs: { takes: [1, 1], gives: "combinations", members: [] },
  triples: { takes: [1, 1], gives: "combinations", members: [] },
  cross: { takes: [2, 2], gives: "combinations", members: [] },
  leading: { takes: [2, 2], gives: "object", members: [] },
  nearest: { takes: [3, 3], gives: "object", members: [] },
  sort: { takes: [2, 2], gives: "rows", members: [] },
  topK: { takes: [2, 2], gives: "rows", members: [] },
  argmax: { takes: [1, 1], gives: "place", members: [] },
  argmin: { takes: [1, 1], gives: "place", members: [] },
} as const satisfies Record<string, RowSyntax>;

export type RowFunctionName = keyof typeof rowFunctions;

export const rowSyntax: Readonly<Record<RowFunctionName, RowSyntax>> = rowFunctions;
export const isRowFunction = (name: string): name is RowFunctionName => Object.hasOwn(rowFunctions, name);
