// The names of all entries in one, for tests that go over every public function.
export * from "../../src/entry/nn.js";
export * from "../../src/entry/ops.js";
export * from "../../src/entry/optim.js";
export * from "../../src/entry/random.js";
export * from "../../src/entry/select.js";
export * from "../../src/entry/stats.js";
export * from "../../src/index.js";
