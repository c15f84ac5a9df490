/** How far an answer is, and what to do where it failed. */

import { cancel, keyOf } from "../ask.js";
import type { Answer } from "../state.js";
import type { TaskName } from "../worker/tasks/index.js";

/** Nothing where the answer is there. */
export function Working({
  answer,
  task,
  args,
  again,
  what,
}: {
  answer: Answer | null;
  task: TaskName;
  args: unknown;
  again(): void;
  what: string;
}) {
  if (answer === null) return null;
  switch (answer.status) {
    case "running": {
      const { progress } = answer;
      return (
        <div class="working" aria-busy="true">
          <progress aria-label={what} {...(progress ? { value: progress.done, max: progress.of } : {})} />
          <span>{what}</span>
          <button type="button" class="small" onClick={() => cancel(keyOf(task, args))}>
            Cancel
          </button>
        </div>
      );
    }
    case "failed":
      return (
        <p class="notice" role="alert" data-code={answer.failure.code}>
          {answer.failure.message}
        </p>
      );
    case "cancelled":
      return (
        <p class="note">
          Cancelled.{" "}
          <button type="button" class="small" onClick={again}>
            Again
          </button>
        </p>
      );
    case "done":
      return null;
    default:
      return answer satisfies never;
  }
}
