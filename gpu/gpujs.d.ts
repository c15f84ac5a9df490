/** gpu.js 2.24 as library.ts sees it; gpu.js is an optional peer, so it may be absent. */

declare module "gpu.js" {
  const library: import("./library.js").Library;
  export default library;
}
