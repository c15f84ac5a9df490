/** The library as Node has it, for what the page must show to the same bits. */
import { join } from "node:path";

export async function library(root) {
  const { init, compile } = await import(join(root, "dist/src/index.node.js"));
  const stats = await import(join(root, "dist/src/entry/stats.js"));
  await init();
  return { ...stats, compile };
}

/** A workspace's model with its data. */
export async function modelOf(root, text) {
  const stats = await library(root);
  const workspace = stats.readWorkspace(text);
  const model = workspace.model();
  return { ...stats, workspace, model, data: workspace.data(model) };
}
