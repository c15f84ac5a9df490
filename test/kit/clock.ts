/** Milliseconds of processor since it was made: what else runs on the machine does not count. */
export function stopwatch(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}

/** Bounded times are of a machine that does this much work in 13 ms; on a slower one they are as much longer. */
export function allowed(milliseconds: number): number {
  const work = stopwatch();
  let text = "";
  for (let i = 0; i < 3e4; i++) text = String(Number(`${i}.5`) + text.length).slice(0, 12);
  return milliseconds * Math.max(1, work() / 13);
}
