// A host in JavaScript, in f64: what stands for a GPU where plans with hosts are tested.
import type { Hosting } from "../../bindings/executable.js";
import { hostingBy } from "../../bindings/hosted.js";
import type { Host, HostCall, HostLayer } from "../../src/core/plan/layout.js";
import { HostedRuns } from "../../src/core/run/hostedruns.js";
import type { Chooser, Gpu } from "../../src/core/run/ongpu.js";
import { runInstead } from "../../src/nn/runs.js";

const plain = {
  none: (x: number) => x,
  relu: (x: number) => Math.max(x, 0),
  tanh: Math.tanh,
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
};
const slopes = {
  none: () => 1,
  relu: (y: number) => (y > 0 ? 1 : 0),
  tanh: (y: number) => 1 - y * y,
  sigmoid: (y: number) => y * (1 - y),
};

const starts = (layers: readonly HostLayer[]) => {
  const at = [0];
  for (const { inputs, outputs, bias } of layers)
    at.push(at.at(-1)! + inputs * outputs + (bias ? outputs : 0));
  return at;
};

function forward(x: readonly number[], layers: readonly HostLayer[], p: Float64Array): number[][] {
  const at = starts(layers);
  const values = [[...x]];
  layers.forEach(({ inputs, outputs, activation, bias }, l) => {
    const before = values[l]!;
    const next = Array.from({ length: outputs }, (_, j) => {
      let s = bias ? p[at[l]! + inputs * outputs + j]! : 0;
      for (let i = 0; i < inputs; i++) s += p[at[l]! + i * outputs + j]! * before[i]!;
      return plain[activation](s);
    });
    values.push(next);
  });
  return values;
}

function reverse(
  values: readonly number[][],
  g: readonly number[],
  layers: readonly HostLayer[],
  p: Float64Array,
  sums: Float64Array,
): readonly number[] {
  const at = starts(layers);
  let cotangents = g;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { inputs, outputs, activation, bias } = layers[l]!;
    const gz = cotangents.map((c, j) => c * slopes[activation](values[l + 1]![j]!));
    const before = values[l]!;
    before.forEach((x, i) => {
      gz.forEach((c, j) => {
        sums[at[l]! + i * outputs + j]! += x * c;
      });
    });
    if (bias)
      gz.forEach((c, j) => {
        sums[at[l]! + inputs * outputs + j]! += c;
      });
    cotangents = before.map((_, i) => gz.reduce((s, c, j) => s + c * p[at[l]! + i * outputs + j]!, 0));
  }
  return cotangents;
}

const rowsOf = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, r) => [...values.subarray(r * width, (r + 1) * width)]);

/** A host that works on so many blocks at once; `heard` is told of each call. */
export const jsHost = (blocks: number, heard: (call: HostCall) => void = () => {}): Host => ({
  groupBlocks: () => blocks,
  begin: ({ networks, block, streams }, _, parameters) => ({
    group: () => ({
      async call(call, ins) {
        heard(call);
        await null;
        const { layers } = networks[call.run]!;
        const p = parameters[call.run]!;
        const x = rowsOf(ins[0]!, layers[0]!.inputs);
        if (call.kind === "forward")
          return { out: Float32Array.from(x.flatMap((row) => forward(row, layers, p).at(-1)!)), sums: null };
        const g = rowsOf(ins[1]!, layers.at(-1)!.outputs);
        const sums = new Float64Array(Math.ceil(x.length / block) * p.length);
        const dx = x.map((row, r) => {
          const at = Math.floor(r / block) * p.length;
          const values = forward(row, layers, p);
          return reverse(values, g[r]!, layers, p, sums.subarray(at, at + p.length));
        });
        const out = call.out < 0 ? null : Float32Array.from(dx.flat());
        if (out && out.length !== x.length * streams[call.out]!) throw new Error("another stream");
        return { out, sums: call.sums ? sums : null };
      },
    }),
  }),
});

/** A device that always computes, by a host. */
export const withHost = (host: Host): Gpu<Hosting> => ({
  runs: (...how) => {
    const chooser: Chooser = {
      latest: null,
      run: ({ plain, hosted }) => (typeof hosted === "string" ? plain() : hosted()),
      line: ({ refused }) => refused ?? "by a host",
    };
    return new HostedRuns({ instead: runInstead, hosting: hostingBy(host), chooser }, ...how);
  },
});
