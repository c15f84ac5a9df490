// What npm would publish, beside the programs, as an installation would put it; far from the sources, which some would find.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { bundlers, development, edges } from "./bundle.mjs";

const here = import.meta.dirname;
const root = resolve(here, "../..");

function must(command, args, cwd) {
  const shell = process.platform === "win32" && command === "npm";
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", shell });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(" ")}: ${stderr || stdout}`);
  return stdout;
}

/** A folder for one run, with the packed library; programs are bundled when a place first needs them. */
export class Stage {
  #work = mkdtempSync(join(tmpdir(), "gradcut-runtimes-"));
  #bundles = new Map();
  #vite;
  /** The size of the package, in bytes. */
  packed;
  /** The folder of the programs, with the library in its node_modules. */
  program;

  constructor() {
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", this.#work];
    const [{ filename }] = JSON.parse(must("npm", pack, root));
    this.packed = statSync(join(this.#work, filename)).size;
    const target = join(this.#work, "node_modules", "gradcut");
    mkdirSync(target, { recursive: true });
    // A path with a drive would be a host to some tars.
    must("tar", ["-xzf", join("..", "..", filename), "--strip-components=1"], target);
    const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    for (const name of Object.keys(dependencies)) this.#install(name);
    this.program = this.#copy("node");
    writeFileSync(join(this.program, "package.json"), '{ "type": "module" }\n');
  }

  /** A package that the library depends on, and what that depends on, as they are installed here. */
  #install(name) {
    const from = join(root, "node_modules", name);
    cpSync(from, join(this.#work, "node_modules", name), { recursive: true });
    const { dependencies = {} } = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
    for (const other of Object.keys(dependencies)) this.#install(other);
  }

  #copy(name) {
    const folder = join(this.#work, name);
    cpSync(join(here, "program"), folder, { recursive: true });
    return folder;
  }

  /** What Node that runs this says. */
  async reference() {
    return JSON.parse(must(process.execPath, ["node.js"], this.program));
  }

  /** The folder of what a bundler made. */
  bundle(name) {
    if (!this.#bundles.has(name)) this.#bundles.set(name, this.#bundle(name));
    return this.#bundles.get(name);
  }

  async #bundle(name) {
    const out = join(this.#work, "out", name);
    mkdirSync(out, { recursive: true });
    await { ...bundlers, ...edges }[name](this.#copy(name), out);
    const kernels = join(this.#work, "node_modules", "gradcut", "dist", "kernels.wasm");
    cpSync(kernels, join(out, "kernels.wasm"));
    return out;
  }

  /** What is sent of it, with gzip: scripts, and at the edge the kernels beside them. */
  async size(name) {
    const folder = await this.bundle(name);
    return readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith(".js") || (name in edges && file.endsWith(".wasm")))
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, 0);
  }

  /** Vite's server for development. */
  async development() {
    this.#vite ??= await development(this.#copy("vite-dev"));
    return this.#vite;
  }

  async close() {
    await this.#vite?.close();
    rmSync(this.#work, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
