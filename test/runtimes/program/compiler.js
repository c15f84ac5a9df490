// Compiles the kernels for a page that may not: the policy of a worker is the one that it is served with.
const kernels = await fetch(new URL("kernels.wasm", import.meta.url));
postMessage(await WebAssembly.compile(await kernels.arrayBuffer()));
