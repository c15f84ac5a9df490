import type { ComponentType } from "preact";
import type { Study } from "../documents/studies.js";
import type { Question } from "../worker/task.js";
import type { Description } from "../worker/tasks/describe.js";

/** What every panel is given. */
export interface PanelProps {
  readonly study: Study;
  readonly question: Question;
  readonly model: Description;
}

/** One way to look at a model. */
export interface Panel {
  /** In links. */
  readonly id: string;
  readonly title: string;
  /** Why it has nothing to show of this model, or null. */
  needs(model: Description, study: Study): string | null;
  readonly View: ComponentType<PanelProps>;
}

/** For questions about a parameter of interest. */
export const needsPoi = ({ without }: Description): string | null => without;
