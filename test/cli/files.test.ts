// Files of a training: an error at any write leaves what was there or what is new; one run at a time; nothing is left over.

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import fs, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LockedError, takeLock } from "../../src/cli/files/lock.js";
import { machineName, writeAtomically } from "../../src/events/atomic.js";
import { init } from "../../src/index.js";
import { muons, run, writeRows } from "../kit/clirun.js";
import { runs } from "../kit/runs.js";

/** Operations on the disk that change something below `below`, and the one of them that fails. */
const disk = { below: "", count: 0, failing: -1, code: "ENOSPC" };

const step = () => {
  if (disk.count++ !== disk.failing) return;
  throw Object.assign(new Error(`${disk.code}: injected, write`), { code: disk.code });
};
const watched = (path: unknown) => disk.below !== "" && String(path).startsWith(disk.below);
type Call = (...args: unknown[]) => Promise<unknown>;
const counted =
  (call: Call): Call =>
  async (...args) => {
    if (args.some(watched)) step();
    return call(...args);
  };
const handle = (file: FileHandle): FileHandle =>
  new Proxy(file, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return async (...args: unknown[]) => {
        if (key === "write" || key === "sync" || key === "close") {
          try {
            step();
          } catch (error) {
            // A close that fails has closed.
            if (key === "close") await target.close();
            throw error;
          }
        }
        return (value as Call).apply(target, args);
      };
    },
  });

/**
 * Puts these operations into Node's own module; the result takes them out. A mock would reach only modules that no
 * other test file of the same worker has loaded before.
 */
function watchDisk(): () => void {
  const real = { ...fs };
  const changing = ["mkdir", "writeFile", "link", "rename", "rm"] as const;
  Object.assign(fs, Object.fromEntries(changing.map((name) => [name, counted(real[name] as Call)])), {
    open: async (path: string, flags: string, mode: number) => {
      const writes = watched(path) && flags !== "r";
      if (writes) step();
      const file = await real.open(path, flags, mode);
      return writes ? handle(file) : file;
    },
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  };
}

const home = mkdtempSync(join(tmpdir(), "gradcut-files-"));
const machine = await machineName();
const at = (...names: string[]) => join(home, ...names);
const [signal, background] = [at("signal.csv"), at("background.csv")];
const out = at("out");
const train = (seed: number, ...more: string[]) => [
  ...["train", "--signal", signal, "--background", background, "--threads", "1", "--steps", "2"],
  ...["--cut", "pt > {ptMin = 30}", "--seed", `${seed}`, "--out", out, ...more],
];
const files = () =>
  Object.fromEntries(readdirSync(out).map((name) => [name, readFileSync(join(out, name), "utf8")]));
/** What depends on the training, but not on the clock, nor on its checkpoints. */
const settled = (text: string) =>
  text.replace(/"(timing|checksum|warnings)":\s*(\{[^}]*\}|"[^"]*"|\[[^\]]*\])/g, "");

let unwatch: (() => void) | undefined;
beforeAll(async () => {
  unwatch = watchDisk();
  await init();
  writeRows(signal, muons("signal", 40, 1));
  writeRows(background, muons("background", 50, 2));
}, 120_000);
beforeEach(() => {
  Object.assign(disk, { below: "", failing: -1 });
});
afterAll(() => {
  unwatch?.();
  rmSync(home, { recursive: true });
});

describe("an error of the disk at any write", () => {
  it("leaves each file as it was or new, prints the result, and is told", async () => {
    const fresh = async (seed: number) => {
      rmSync(out, { recursive: true, force: true });
      expect((await run(train(seed))).status).toBe(0);
      return files();
    };
    const after = await fresh(2);
    const before = await fresh(1);
    Object.assign(disk, { below: out, count: 0 });
    expect((await run(train(2))).status).toBe(0);
    const all = disk.count;
    expect(all).toBeGreaterThan(20);
    const chosen = Math.min(all, runs(6));
    for (let k = 0; k < chosen; k++) {
      disk.below = "";
      for (const [name, text] of Object.entries(before)) writeFileSync(join(out, name), text);
      const failing = Math.floor((k * all) / chosen);
      Object.assign(disk, { below: out, count: 0, failing, code: ["ENOSPC", "EIO", "EROFS"][k % 3] });
      const answer = await run(train(2));
      disk.below = "";
      const what = `write ${failing} of ${all} (${disk.code}): ${answer.err}`;
      expect(disk.count, what).toBeGreaterThan(failing);
      const found = files();
      for (const name of ["result.json", "model.json", "plot.json", "report.html", "checkpoint"]) {
        const same = [before, after].some((set) => settled(set[name]!) === settled(found[name]!));
        // A report says how long it took, a checkpoint too.
        if (name.endsWith(".json")) expect(same, `${name}, ${what}`).toBe(true);
        else expect(found[name]!.length, `${name}, ${what}`).toBeGreaterThan(100);
      }
      if (answer.status === 0) {
        // A checkpoint is not the result, and what cannot be taken away is for the next run.
        const said = answer.err
          .split("\n")
          .filter((line) => line && !/^(signal|background): |^step /.test(line));
        const missed = /checkpoint could not be saved/.test(answer.out) || said.length === 0;
        expect(missed, what).toBe(true);
      } else {
        expect(answer.status, what).toBe(2);
        expect(answer.err, what).toMatch(/cannot write there|disk is full|cannot be written/);
        // Before the training, or with its result.
        expect(answer.out === "" || /asimov .* -> /.test(answer.out), what).toBe(true);
      }
      expect((await run(train(2))).status, what).toBe(0);
      // What this process, which lives on, could not take away is left for another one.
      for (const name of readdirSync(out))
        if (name.endsWith(".tmp") && name.includes(`.${machine}-${process.pid}-`)) rmSync(join(out, name));
      expect(Object.keys(files()).sort(), what).toEqual(Object.keys(before).sort());
    }
  }, 600_000);

  it("is found before the training where it can be", async () => {
    mkdirSync(at("blocked", "plot.json"), { recursive: true });
    const answer = await run([...train(1).slice(0, -1), at("blocked")]);
    expect([answer.status, answer.out]).toEqual([2, ""]);
    expect(answer.err).toMatch(/blocked.plot\.json: This is a directory/);
    expect(readdirSync(at("blocked"))).toEqual(["plot.json"]);
    writeFileSync(at("blocked", "file"), "");
    // The kernel's own folder says of a new one in it that its parent is missing.
    const places = [
      ...(existsSync("/proc") ? ([["/proc/gradcut/out", /--out .*cannot write there/]] as const) : []),
      [at("blocked", "file"), /cannot write there \(a file has this name\)/],
      [at("blocked", "file", "below", "it"), /cannot write there \(a part of the path is a file\)/],
    ] as const;
    for (const [place, sentence] of places) {
      const refused = await run([...train(1).slice(0, -1), place]);
      expect([refused.status, refused.out]).toEqual([2, ""]);
      expect(refused.err).toMatch(sentence);
    }
  });
});

describe("two runs", () => {
  it("into one folder: the second is refused, in words, and the first goes on", async () => {
    const both = await Promise.all([run(train(1)), run(train(2))]);
    expect(both.map(({ status }) => status).sort()).toEqual([0, 2]);
    const refused = both.find(({ status }) => status === 2)!;
    expect(refused.err).toMatch(
      /--out .*another gradcut \(process \d+\) writes there: wait for its end, or name another folder/,
    );
    expect(existsSync(join(out, ".lock"))).toBe(false);
  });

  it("with one checkpoint", async () => {
    const other = ["--checkpoint", at("shared"), "--out"];
    const both = await Promise.all(
      ["a", "b"].map((name) => run([...train(1).slice(0, -2), ...other, at(name)])),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([0, 2]);
    expect(both.map(({ err }) => err).join("")).toMatch(/--checkpoint .*another gradcut .*name another file/);
  });
});

describe("a lock", () => {
  const lock = at("lock");
  const dead = () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    return pid;
  };
  const left = (holder: object) =>
    writeFileSync(lock, JSON.stringify({ machine, start: null, nonce: "x", ...holder }));
  const taken = async (quiet?: number) => {
    const release = await takeLock(lock, quiet);
    expect(JSON.parse(readFileSync(lock, "utf8"))).toMatchObject({ pid: process.pid, machine });
    await release();
    expect(existsSync(lock)).toBe(false);
  };

  it("of a dead process, or of none, is taken over", async () => {
    left({ pid: dead() });
    await taken();
    for (const text of ["", "{", "null", "[]", '{"pid":"7"}']) {
      writeFileSync(lock, text);
      await taken();
    }
    // What this process itself left.
    left({ pid: process.pid });
    await taken();
  });

  it("of a living process is not", async () => {
    left({ pid: process.ppid });
    await expect(takeLock(lock)).rejects.toThrow(LockedError);
    await expect(takeLock(lock)).rejects.toThrow(`process ${process.ppid})`);
    expect(existsSync(lock)).toBe(true);
  });

  it.skipIf(!existsSync("/proc/self/stat"))("of a process whose number another one has now, is", async () => {
    left({ pid: process.ppid, start: "1" });
    await taken();
  });

  it("of another machine: as long as it is touched", async () => {
    left({ pid: 1, machine: "elsewhere" });
    let time = 1e9;
    const touching = setInterval(() => utimesSync(lock, time, time++), 5);
    await expect(takeLock(lock, 2000)).rejects.toThrow(/process 1 of another machine/);
    clearInterval(touching);
    await taken(100);
  });

  it("is given to one of many", async () => {
    left({ pid: dead() });
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(lock)));
    const given = asked.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    expect(given).toHaveLength(1);
    await given[0]!();
    expect(readdirSync(home).filter((name) => name.startsWith("lock"))).toEqual([]);
  });

  it("leaves what a kill left to the next run, and what others work on alone", async () => {
    const name = (pid: number, host: string) => `file.${host}-${pid}-0123456789ab.tmp`;
    const [gone, alive, elsewhere] = [
      name(dead(), machine),
      name(process.ppid, machine),
      name(dead(), "00000000"),
    ];
    mkdirSync(at("kept"));
    for (const file of [gone, alive, elsewhere, "file.tmp", "file.notes"])
      writeFileSync(at("kept", file), "");
    await writeAtomically(at("kept", "file"), (append) => append(Uint8Array.of(1)));
    expect(readdirSync(at("kept")).sort()).toEqual(
      ["file", alive, elsewhere, "file.notes", "file.tmp"].sort(),
    );
  });
});
