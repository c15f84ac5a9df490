import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // No module of ours keeps state that one test file could leave to the next, so a worker loads each of them once.
    isolate: false,
    maxWorkers: availableParallelism(),
    // Only a test that hangs should run into a limit, on a machine twenty times slower too.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
