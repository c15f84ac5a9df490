/** How many cases a property test draws: `normal` of them, times GRADCUT_RUNS where that is set. */
export const runs = (normal: number): number => Math.ceil(normal * Number(process.env.GRADCUT_RUNS ?? 1));
