/** Where the numbers come from: processor, engine, and the one core that all of a run shares with its peers. */

import { spawnSync } from "node:child_process";
import { availableParallelism, cpus } from "node:os";

/** Keeps this process and its children on one core where the system can; says in words what it did. */
export function pin() {
  const core = availableParallelism() - 1;
  const done = spawnSync("taskset", ["-acp", String(core), String(process.pid)], { stdio: "ignore" });
  return done.status === 0 ? `one core (taskset, core ${core})` : "all cores (taskset is not available here)";
}

export const cpu = cpus()[0]?.model.trim() ?? "unknown";
export const node = process.version;
