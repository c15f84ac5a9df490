/** The dense kernel as a matrix product, beside a loop that only multiplies and adds in registers. */

import { instruction, kernels, place } from "../kernels.js";
import { gemmPeer } from "../peers.js";
import { median, samples, Times } from "../timing.js";

const n = 512;
const least = 0.8;
const row = `gemm-f32-${n}`;
export const names = ["peak-f32", row, `${row}/jax`];

export async function run({ rounds, wanted, progress }) {
  const x = place(Float32Array.from({ length: n * n }, (_, i) => Math.sin(i)));
  const w = place(Float64Array.from({ length: n * n }, (_, i) => Math.cos(i)));
  const scratch = place(16 * n + 4 * n * n + 32 * 256);
  const product = instruction("f32_dense", n, n, n, place(4 * n * n), x, w, 0, 0, scratch);
  const turns = 20000;
  const peak = new Times();
  const gemm = new Times();
  const jax = { skipped: wanted(`${row}/jax`) ? gemmPeer.absent() : "not selected", gflops: [], version: "" };
  for (let round = 0; round < 3 * rounds; round++) {
    progress(`${row}: round ${round + 1} of ${3 * rounds}`);
    peak.add(samples(() => kernels.peakF32(turns), { budget: 0.2 }));
    // The first tile of a block packs the weights, so packing is in the time.
    gemm.add(samples(() => product.sweep(1, n), { budget: 0.2 }));
    if (!jax.skipped && round < rounds) {
      const line = gemmPeer.run(n);
      if (line.failed) jax.skipped = line.failed;
      else {
        jax.gflops.push(line.gflops);
        jax.version = line.version;
      }
    }
  }
  const limit = (seconds) => (64 * turns) / seconds / 1e9;
  const speed = (seconds) => (2 * n ** 3) / seconds / 1e9;
  const over = peak.over(gemm);
  const flops = (2 * n ** 3) / (64 * turns);
  const fraction = { ratio: flops * over.ratio, roundRatio: flops * over.roundRatio };
  const rows = [
    { name: "peak-f32", value: limit(peak.best), median: limit(peak.median), unit: "GFLOP/s" },
    {
      name: row,
      value: speed(gemm.best),
      median: speed(gemm.median),
      unit: "GFLOP/s",
      peer: "peak-f32",
      ...fraction,
      goal: `≥ ${least} of peak-f32`,
      met: fraction.roundRatio >= least,
    },
  ];
  if (!wanted(`${row}/jax`)) return rows;
  const peer = { name: `${row}/jax`, unit: "GFLOP/s", peer: "jax" };
  if (jax.skipped) return [...rows, { ...peer, value: null, skipped: jax.skipped }];
  const best = Math.max(...jax.gflops);
  return [
    ...rows,
    {
      ...peer,
      peerVersion: jax.version,
      value: best,
      median: median(jax.gflops),
      ratio: speed(gemm.best) / best,
      roundRatio: speed(gemm.median) / median(jax.gflops),
      note: "JAX uses vectors of the machine's full width",
    },
  ];
}
