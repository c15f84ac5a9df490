/** The error of this kind that a function throws; any other one goes on. */
export function thrown<E extends Error>(Kind: abstract new (...args: never[]) => E, run: () => unknown): E {
  try {
    run();
  } catch (error) {
    if (error instanceof Kind) return error;
    throw error;
  }
  throw new Error(`nothing threw a ${Kind.name}`);
}
