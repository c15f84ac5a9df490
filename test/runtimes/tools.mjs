// The runtimes and browsers that places need, and what to say where there is none.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const packages = join(import.meta.dirname, "node_modules");
const installed = (...path) => {
  const file = join(packages, ...path);
  return existsSync(file) ? file : null;
};
const answers = (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;
/** On Windows the link in .bin is a script for a shell. */
const deno = () => {
  const { platform, arch } = process;
  const name = `${platform}-${arch}${platform === "linux" ? "-glibc" : ""}`;
  return installed("@deno", name, platform === "win32" ? "deno.exe" : "deno") ?? onPath("deno");
};
const onPath = (...names) => names.find(answers) ?? null;

/** WebKit's own browser for tests lies beside the library, not on the path. */
function miniBrowser() {
  if (process.platform !== "linux" || !onDisplay()) return null;
  const triples = ["x86_64-linux-gnu", "aarch64-linux-gnu"].map((name) => join("/usr/lib", name));
  return (
    ["/usr/libexec", "/usr/lib", "/usr/lib64", ...triples]
      .flatMap((at) => ["4.1", "4.0"].map((version) => join(at, `webkit2gtk-${version}`, "MiniBrowser")))
      .find((file) => existsSync(file)) ?? null
  );
}

/** Xvfb has no --version. */
const onDisplay = () => spawnSync("Xvfb", ["-help"], { stdio: "ignore" }).error === undefined;

/** Packages there are for every machine, or for Linux on x64 only. */
const here = process.platform === "linux" && process.arch === "x64" ? "packages" : "never";

/**
 * `find` gives the command, or null. Where CI must have it: it comes from npm, or the machine has it; "never" where it
 * is a matter of luck.
 */
export const tools = {
  node20: { find: () => installed("node20", "bin", "node"), ci: here, remedy: "npm has it for Linux on x64" },
  node22: { find: () => installed("node22", "bin", "node"), ci: here, remedy: "npm has it for Linux on x64" },
  node24: { find: () => installed("node24", "bin", "node"), ci: here, remedy: "npm has it for Linux on x64" },
  deno: { find: deno, ci: "packages", remedy: "install deno" },
  bun: {
    find: () => installed("@oven", "bun-linux-x64", "bin", "bun") ?? onPath("bun"),
    ci: here,
    remedy: "npm has it for Linux on x64; elsewhere install bun",
  },
  chromium: {
    find: () => onPath("chromium", "chromium-browser", "google-chrome"),
    ci: "machine",
    remedy: "install chromium",
  },
  firefox: { find: () => onPath("firefox-esr", "firefox"), ci: "never", remedy: "install firefox-esr" },
  webkit: {
    find: miniBrowser,
    ci: "never",
    remedy: "install webkit2gtk-driver and xvfb (Debian)",
  },
};
