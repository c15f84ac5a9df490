/** The names of records, in their order. */
export const recordNames = <K extends string>(records: Readonly<Record<K, unknown>>): readonly K[] =>
  Object.keys(records) as K[];
