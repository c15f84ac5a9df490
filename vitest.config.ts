import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** `npm run test:checked`: kernels with assertions, guards behind buffers, memory that is NaN until it is written. */
const checked = process.env.GRADCUT_KERNELS === "checked";
const kernels = { find: /^.*\/generated\/wasm\.js$/, replacement: resolve("out/checked/wasm.ts") };

export default defineConfig({
  resolve: { alias: checked ? [kernels] : [] },
  test: {
    setupFiles: ["test/kit/setup.ts", ...(checked ? ["test/kit/checked.ts"] : [])],
    include: ["test/**/*.test.ts"],
    // No module of ours keeps state that one test file could leave to the next, so a worker loads each of them once.
    isolate: false,
    maxWorkers: availableParallelism(),
    // Only a test that hangs should run into a limit, on a machine twenty times slower too.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
