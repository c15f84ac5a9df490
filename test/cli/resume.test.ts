import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/cli/training/resultjson.js";
import { init } from "../../src/index.js";
import { readCheckpoint } from "../../src/optim/train/checkpoint.js";
import { failure, muons, run, writeRows } from "../kit/clirun.js";

const home = mkdtempSync(join(tmpdir(), "gradcut-resume-"));
const at = (name: string) => join(home, name);
const root = resolve(import.meta.dirname, "../..");
// Beside the packages, so that node finds them.
const built = join(root, "node_modules", ".cache", `gradcut-test-${process.pid}`);
const program = join(built, "main.mjs");
const [signal, background] = [at("signal.csv"), at("background.csv")];
const cut = ["--cut", "pt > {ptMin = 30} && 80 < mass && mass < 100"];
const train = ["train", "--signal", signal, "--background", background, "--threads", "1", "--weight", "w"];

beforeAll(async () => {
  await init();
  mkdirSync(built, { recursive: true });
  writeRows(signal, muons("signal", 600, 1));
  writeRows(background, muons("background", 900, 2));
  await build({
    entryPoints: [join(root, "src/cli/main.ts")],
    outdir: built,
    outExtension: { ".js": ".mjs" },
    // In pieces, as it is installed: what draws is loaded where something is drawn.
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", packages: "external" },
    logLevel: "silent",
    plugins: [
      {
        // The package finds itself only from its own folder.
        name: "version",
        setup: ({ onLoad }) =>
          onLoad({ filter: /cli.version\.ts$/ }, () => ({ contents: 'export const version = "test";' })),
      },
    ],
  });
});
afterAll(() => {
  rmSync(home, { recursive: true });
  rmSync(built, { recursive: true });
});

/** Whether this user may mount a small disk of its own. */
const mounts =
  spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", tmpdir()]).status === 0;
if (!mounts)
  console.log(
    "A checkpoint on a full disk is tested with /dev/full alone: unshare and mount are not allowed.",
  );

function start(args: string[]): { child: ChildProcess; ended: Promise<unknown>; printed: () => string } {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "ignore"] });
  const parts: Buffer[] = [];
  child.stdout.on("data", (part: Buffer) => parts.push(part));
  const ended = new Promise((end) => child.once("close", (_, signal) => end(signal)));
  return { child, ended, printed: () => Buffer.concat(parts).toString() };
}

async function result(args: string[]): Promise<Result> {
  const { status, out, err } = await run([...args, "--json"]);
  if (status !== 0) throw new Error(err);
  return JSON.parse(out) as Result;
}

const sameBits = (a: Result, b: Result) => {
  for (const part of ["objective", "cuts", "yields", "history", "validation", "network"] as const)
    expect(b[part], part).toEqual(a[part]);
};

describe("a training that is killed goes on with the same bits", () => {
  it.each<[string, string[]]>([
    ["cut", [...cut]],
    ["batches", [...cut, "--net", "eta,pt:4", "--batch", "200", "--validation", "0.25"]],
    ["annealed", [...cut, "--anneal", "10..1", "--optimizer", "sgd"]],
  ])(
    "%s",
    async (name, options) => {
      const file = join(at(name), "checkpoint");
      // No --out: what is written at the end is drawn first, and drawn figures are not what this is about.
      const kept = ["--checkpoint", file, "--checkpoint-every", "0.01", "--json"];
      const args = [...train, ...options, "--steps", "800", ...kept];
      const { child, ended } = start(args);
      while (!existsSync(file) && child.exitCode === null) await new Promise((r) => setTimeout(r, 2));
      await new Promise((r) => setTimeout(r, 100 * Math.random()));
      child.kill("SIGKILL");
      expect(await ended).toBe("SIGKILL");
      const { step } = readCheckpoint(new Uint8Array(readFileSync(file)));
      expect(step).toBeLessThan(800);
      const again = await run([...args, "--resume"]);
      expect(again.err).toContain(`goes on after step ${step} of ${file}`);
      expect(again.status).toBe(0);
      const resumed = JSON.parse(again.out) as Result;
      const whole = await result([...train, ...options, "--steps", "800"]);
      sameBits(JSON.parse(JSON.stringify(whole)), resumed);
      expect(resumed.history.steps.at(-1)).toBe(800);
    },
    600_000,
  );

  // Windows has no signals: to send one to a process is to end it.
  it.skipIf(process.platform === "win32").each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)(
    "%s ends a training with its result",
    async (name, status) => {
      const out = at(name);
      // One of them with the files, which are drawn first; the others print theirs.
      const files = name === "SIGINT";
      const kept = files ? ["--out", out] : ["--json", "--checkpoint", join(out, "checkpoint")];
      const args = [...train, ...cut, "--steps", "1000000", "--checkpoint-every", "0.01", ...kept];
      const { child, ended, printed } = start(args);
      while (!existsSync(join(out, "checkpoint")) && child.exitCode === null)
        await new Promise((r) => setTimeout(r, 2));
      child.kill(name);
      expect(await ended).toBe(null);
      expect(child.exitCode).toBe(status);
      const text = files ? readFileSync(join(out, "result.json"), "utf8") : printed();
      const { warnings, history } = JSON.parse(text) as Result;
      expect(warnings.join()).toMatch(/Interrupted after \d+ of 1000000 steps: the best so far is reported/);
      expect(history.steps.length).toBeGreaterThan(1);
      expect(readdirSync(out).filter((file) => /lock|tmp/.test(file))).toEqual([]);
    },
    120_000,
  );

  it.skipIf(!existsSync("/dev/full"))(
    "says that nothing more can be printed",
    () => {
      const full = openSync("/dev/full", "w");
      const lost = spawnSync(process.execPath, [program, "--help"], { stdio: ["ignore", full, "pipe"] });
      expect([lost.status, `${lost.stderr}`]).toEqual([1, "gradcut: standard output: the disk is full\n"]);
      const out = at("printed");
      const args = [program, ...train, ...cut, "--steps", "3", "--out", out];
      expect(spawnSync(process.execPath, args, { stdio: ["ignore", full, "pipe"] }).status).toBe(1);
      expect(existsSync(join(out, "result.json"))).toBe(true);
      // Nobody is left to be told.
      expect(
        spawnSync(process.execPath, [program, "nonsense"], { stdio: ["ignore", "pipe", full] }).status,
      ).toBe(2);
      closeSync(full);
      // A reader that has seen enough is no error.
      const head = spawnSync("sh", [
        "-c",
        '"$0" "$1" --help | head -c 1 > /dev/null',
        process.execPath,
        program,
      ]);
      expect([head.status, `${head.stderr}`]).toEqual([0, ""]);
    },
    60_000,
  );

  it("Ctrl-C leaves a checkpoint too, and more steps may be asked for at the end", async () => {
    const args = [...train, ...cut, "--checkpoint", at("own/file")];
    const stopped = await run([...args, "--steps", "400"], {
      onInterrupt(stop) {
        stop();
        return () => {};
      },
    });
    expect(stopped.status).toBe(130);
    await result([...args, "--steps", "400", "--resume"]);
    const longer = await result([...args, "--steps", "500", "--resume"]);
    sameBits(await result([...train, ...cut, "--steps", "500"]), longer);
    // Nothing is left to do.
    sameBits(await result([...args, "--steps", "500", "--resume"]), longer);
    expect(readdirSync(at("own"))).toEqual(["file"]);
  }, 600_000);

  it("says what it cannot go on from", async () => {
    const args = [...train, ...cut, "--steps", "5", "--checkpoint", at("five")];
    expect((await run([...args, "--resume"])).err).toContain(
      `there is no ${at("five")}, so this begins anew`,
    );
    const refused = (...more: string[]) => failure(...args, "--resume", ...more, "--json");
    expect(await refused("--lr", "0.5")).toMatch(/another training: its (loss|optimizer)/);
    expect(await refused("--batch", "100")).toMatch(/its batches .* differ: there batch all/);
    const other = [...train, "--cut", "pt > 30", "--checkpoint", at("five"), "--resume", "--json"];
    expect(await failure(...other)).toMatch(
      /its label differs: there pt > .* here pt > 30, asimov\. Resume with/,
    );
    writeFileSync(at("five"), readFileSync(at("five")).subarray(0, 300));
    expect(await refused()).toMatch(/no checkpoint of a training, or a damaged one/);
    expect(await failure(...train, ...cut, "--checkpoint", join(signal, "x"))).toMatch(
      /--checkpoint .*\(a file has this name\)/,
    );
  });

  it.skipIf(!mounts)(
    "a disk that becomes full keeps the last checkpoint",
    async () => {
      const args = [...train, ...cut, "--steps", "2000", "--json"];
      mkdirSync(at("disk"));
      const script = `mount -t tmpfs -o size=64k tmpfs "$1" && shift && "$@" && cp ${at("disk")}/checkpoint ${at("kept")} && ls ${at("disk")} >&2`;
      const found = spawnSync(
        "unshare",
        [
          ...["-rm", "sh", "-c", script, "sh", at("disk"), process.execPath, program, ...args],
          ...["--checkpoint", join(at("disk"), "checkpoint"), "--checkpoint-every", "0.01"],
        ],
        { encoding: "utf8" },
      );
      expect(found.status).toBe(0);
      const { warnings } = JSON.parse(found.stdout) as Result;
      const [, step] = /The disk is full.* The last one that was saved is of step (\d+)\./.exec(
        warnings.join(),
      )!;
      expect(found.stderr).toMatch(/\ncheckpoint\n$/);
      expect(readCheckpoint(new Uint8Array(readFileSync(at("kept")))).step).toBe(Number(step));
      sameBits(
        await result(args.slice(0, -1)),
        await result([...args.slice(0, -1), "--checkpoint", at("kept"), "--resume"]),
      );
    },
    600_000,
  );

  it.skipIf(!existsSync("/dev/full"))("trains on where a disk is full, and says so", async () => {
    const args = [...train, ...cut, "--steps", "9", "--checkpoint", "/dev/full"];
    const { warnings } = await result(args);
    expect(warnings.join()).toMatch(/A checkpoint could not be saved, .*The disk is full.* None was saved/);
  });
});
