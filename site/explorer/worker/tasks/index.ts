import type { Task } from "../task.js";
import { compare } from "./compare.js";
import { describe } from "./describe.js";
import { edit } from "./edit.js";
import { fit } from "./fit.js";
import { hypotests } from "./hypotests.js";
import { improve } from "./improve.js";
import { limit } from "./limit.js";
import { open } from "./open.js";
import { ranking } from "./ranking.js";
import { yields } from "./yields.js";

/** All that a worker can be asked, each in its file. */
export const tasks = { open, describe, yields, fit, ranking, limit, hypotests, improve, edit, compare };

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

/** What a task takes, what it answers, and what it tells on the way. */
export type ArgsOf<N extends TaskName> = Parameters<Tasks[N]["run"]>[0];
export type ResultOf<N extends TaskName> = Tasks[N] extends Task<infer _A, infer R, infer _P> ? R : never;
export type PartOf<N extends TaskName> = Tasks[N] extends Task<infer _A, infer _R, infer P> ? P : never;
