/** A fresh process: loading, the first call (tracing, planning and compiling included), then steady calls. */

const start = performance.now();
const { init } = await import("../../dist/src/index.js");
const { step } = await import("../step.js");
await init();
const loaded = performance.now();
const { run } = step(Number(process.argv[2]));
const seconds = () => {
  const begin = performance.now();
  run();
  return (performance.now() - begin) / 1e3;
};
const first = seconds();
const calls = Array.from({ length: 15 }, seconds);
console.log(
  JSON.stringify({
    load_s: (loaded - start) / 1e3,
    first_s: first,
    best_s: Math.min(...calls),
    calls_s: calls,
  }),
);
