/** A sentence in which no name is longer than a line. */
export function shorten(sentence: string): string {
  return sentence.replace(/\S{81,}/g, (word) => `${word.slice(0, 80)}…`);
}
