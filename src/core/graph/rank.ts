/** What the type of a Tensor says of its axes, and what ops make of that. Types only: at run time there are shapes. */

/** Axes of a small tensor: none, one, two, more. */
export type Small = "scalar" | "vector" | "matrix" | "array";
/** The same, or events, with inner axes or without. */
export type Rank = Small | "events";

// Tables rather than conditional types: looked up by a union they give the union, and Tensor stays covariant.

interface Joins {
  scalar: { scalar: "scalar"; vector: "vector"; matrix: "matrix"; array: "array"; events: "events" };
  vector: { scalar: "vector"; vector: "vector"; matrix: "matrix"; array: "array"; events: "events" };
  matrix: { scalar: "matrix"; vector: "matrix"; matrix: "matrix"; array: "array"; events: "events" };
  array: { scalar: "array"; vector: "array"; matrix: "array"; array: "array"; events: "events" };
  events: { scalar: "events"; vector: "events"; matrix: "events"; array: "events"; events: "events" };
}
/** Two broadcast together. */
export type Joined<A extends Rank, B extends Rank> = Joins[A][B];

interface Products {
  scalar: { scalar: "scalar"; vector: "vector"; matrix: "matrix"; array: "array"; events: never };
  vector: { scalar: "vector"; vector: "matrix"; matrix: "array"; array: "array"; events: never };
  matrix: { scalar: "matrix"; vector: "array"; matrix: "array"; array: "array"; events: never };
  array: { scalar: "array"; vector: "array"; matrix: "array"; array: "array"; events: never };
  events: { scalar: never; vector: never; matrix: never; array: never; events: never };
}
/** The axes of one and then those of the other. */
export type Outer<A extends Rank, B extends Rank> = Products[A][B];

interface MatrixProducts {
  scalar: { scalar: never; vector: never; matrix: never; array: never; events: never };
  vector: { scalar: never; vector: "scalar"; matrix: "vector"; array: "matrix" | "array"; events: never };
  matrix: { scalar: never; vector: "vector"; matrix: "matrix"; array: "array"; events: never };
  array: { scalar: never; vector: "matrix" | "array"; matrix: "array"; array: "array"; events: never };
  events: { scalar: never; vector: never; matrix: never; array: never; events: never };
}
/** NumPy's matmul. */
export type Multiplied<A extends Rank, B extends Rank> = MatrixProducts[A][B];

/** An inner axis more. */
export type More<R extends Rank> = {
  scalar: "vector";
  vector: "matrix";
  matrix: "array";
  array: "array";
  events: "events";
}[R];
/** An inner axis fewer. */
export type Fewer<R extends Rank> = {
  scalar: never;
  vector: "scalar";
  matrix: "vector";
  array: "matrix" | "array";
  events: "events";
}[R];
/** Some inner axes fewer, or none. */
export type AtMost<R extends Rank> = {
  scalar: "scalar";
  vector: "scalar" | "vector";
  matrix: "scalar" | "vector" | "matrix";
  array: Small;
  events: "events";
}[R];

/** Events stay events, and what is small stays small. */
export type PerEvent<R extends Rank> = {
  scalar: Small;
  vector: Small;
  matrix: Small;
  array: Small;
  events: "events";
}[R];

/** One number, or one of each event. */
export type NumberOf<R extends Rank> = {
  scalar: "scalar";
  vector: "scalar";
  matrix: "scalar";
  array: "scalar";
  events: "events";
}[R];

/** The rank of a shape. */
export type RankOf<S extends readonly number[]> = number extends S["length"]
  ? Small
  : S["length"] extends 0
    ? "scalar"
    : S["length"] extends 1
      ? "vector"
      : S["length"] extends 2
        ? "matrix"
        : "array";
/** Other inner axes. */
export type Reshaped<R extends Rank, S extends readonly number[]> = {
  scalar: RankOf<S>;
  vector: RankOf<S>;
  matrix: RankOf<S>;
  array: RankOf<S>;
  events: "events";
}[R];
