import { compare } from "./compare.js";
import { contents } from "./contents.js";
import { edit } from "./edit.js";
import { fit } from "./fit.js";
import { improve } from "./improve.js";
import { limit } from "./limit.js";
import type { Panel } from "./panel.js";
import { patches } from "./patches.js";
import { yields } from "./yields.js";

/** All panels, in the order of their tabs. */
export const panels: readonly Panel[] = [contents, yields, fit, limit, patches, improve, edit, compare];
