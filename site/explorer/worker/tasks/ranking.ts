import { ranking as impactsOf } from "gradcut/stats";
import { type Question, task } from "../task.js";

/** By how much each parameter moves that of interest. */
export interface Ranked {
  readonly poi: string;
  readonly poiStdev: number;
  readonly failure: string | null;
  readonly warnings: readonly string[];
  readonly impacts: ReturnType<typeof impactsOf>["impacts"];
}

export const ranking = task<Question, Ranked>("ranking", async (question, context) => {
  const { model, data } = context.model(question);
  await context.progress(0, 1);
  const { poi, poiStdev, failure, warnings, impacts } = impactsOf(data, model);
  return { poi, poiStdev, failure, warnings, impacts };
});
