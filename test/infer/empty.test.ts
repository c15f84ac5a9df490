import { beforeAll, expect, it } from "vitest";
import {
  adam,
  expectedCls,
  expectedSignificance,
  hist,
  histfactory,
  histosys,
  init,
  normfactor,
  type Tensor,
  table,
  train,
} from "../../src/index.js";

beforeAll(() => init());

type Events = Record<"s" | "b", { x: Tensor }>;
const spread = (low: number, high: number) =>
  table({ x: Float64Array.from({ length: 400 }, (_, i) => low + ((high - low) * (i + 0.5)) / 400) });
const data = { s: spread(0.2, 1), b: spread(0, 0.3) };

/** Background of which nothing reaches the upper bins. */
const model = (p: { shift: Tensor }, e: Events, bandwidth: number) => {
  const bins = (x: Tensor, n: number) => hist(x, { bins: 4, range: [0, 1], bandwidth }).mul(n / 400);
  const [s, b] = [bins(e.s.x.add(p.shift), 20), bins(e.b.x, 100)];
  const samples = [
    { name: "s", data: s, modifiers: [normfactor("mu")] },
    { name: "b", data: b, modifiers: [histosys("a", b.mul(1.1), b.mul(0.9))] },
  ];
  return histfactory({ channels: [{ name: "SR", samples }] });
};

const losses = {
  cls: (bandwidth: number) => (p: { shift: Tensor }, e: Events) => expectedCls(model(p, e, bandwidth)),
  z: (bandwidth: number) => (p: { shift: Tensor }, e: Events) =>
    expectedSignificance(model(p, e, bandwidth)).neg(),
};

it.each(Object.entries(losses))(
  "a training for %s names the bin in which nothing is expected",
  async (name, loss) => {
    const run = (bandwidth: number) =>
      train(loss(bandwidth), { params: { shift: 0 }, data, optimizer: adam(0.01), steps: 2 });
    const failed = await run(0.01);
    expect(failed.status).toBe("notFinite");
    expect(failed.message).toContain('bin 2 of channel "SR"');
    expect(failed.message).toContain('"b"');
    expect(failed.message).toContain("1 more such bins");
    if (name === "cls") expect(failed.message).toContain('0 events in bin 2 of channel "SR" where mu is 0');
    // With something expected everywhere there is nothing to say.
    expect((await run(0.1)).status).toBe("maxSteps");
  },
);
