/** Names in a sentence: "a, b or c", or with another word before the last. */
export const alternatives = (names: readonly string[], word = "or"): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
