import { contents } from "./contents.js";
import { edit } from "./edit.js";
import { fit } from "./fit.js";
import type { Panel } from "./panel.js";
import { yields } from "./yields.js";

/** All panels, in the order of their tabs. */
export const panels: readonly Panel[] = [contents, yields, fit, edit];
