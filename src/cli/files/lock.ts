/**
 * One run at a time writes into a folder or a checkpoint: a lock file, which a run that was killed cannot keep.
 */

import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { isRunning, machineName, removeLeft, temporaryName } from "../../events/atomic.js";
import { GivenError } from "../../text/gradcuterror.js";

/** Another run holds the lock: `pid` is its process, on this machine where `here`. */
export class LockedError extends GivenError {
  override readonly name = "LockedError";

  constructor(pid: number, here: boolean) {
    const whose = `process ${pid}${here ? "" : " of another machine"}`;
    super("lock.held", `another gradcut (${whose}) writes there`, { pid, here });
  }
}

interface Holder {
  readonly machine: string;
  readonly pid: number;
  /** When the process began, where the system tells: numbers of processes come again. */
  readonly start: string | null;
  /** So that no two locks are the same. */
  readonly nonce: string;
}

/** The nonces of locks that this process holds, or is about to. */
const held = new Set<string>();

/** A holder touches its lock so often; of another machine, one that was not touched for longer is dead. */
const beat = 5000;
const silence = 4 * beat;

/** Takes a lock, and gives what releases it. Throws LockedError, and what the file system throws. */
export async function takeLock(path: string, quiet = silence): Promise<() => Promise<void>> {
  const mine: Holder = {
    ...{ machine: await machineName(), pid: process.pid, start: await startOf(process.pid) },
    nonce: randomBytes(8).toString("hex"),
  };
  const text = JSON.stringify(mine);
  await removeLeft(path);
  const whole = await temporaryName(path);
  held.add(mine.nonce);
  try {
    await writeFile(whole, text, { flag: "wx" });
    while (!(await placed(whole, path, text)) && !(await takenOver(whole, path, text, quiet)));
  } catch (error) {
    held.delete(mine.nonce);
    throw error;
  } finally {
    await rm(whole, { force: true }).catch(() => undefined);
  }
  const timer = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, beat);
  timer.unref();
  return async () => {
    clearInterval(timer);
    held.delete(mine.nonce);
    if ((await readFile(path, "utf8").catch(() => "")) === text)
      await rm(path, { force: true }).catch(() => undefined);
  };
}

/** The lock appears whole or not at all; false where there is one. */
async function placed(whole: string, path: string, text: string): Promise<boolean> {
  try {
    await link(whole, path);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    // Some file systems have no links.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code)) throw error;
  }
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Takes the lock of a dead holder over; false where it is to be tried again. Throws LockedError where it is alive. */
async function takenOver(whole: string, path: string, text: string, quiet: number): Promise<boolean> {
  const theirs = await readFile(path, "utf8").catch(() => null);
  if (theirs === null) return false;
  const holder = parsed(theirs);
  if (holder && (await isAlive(holder, path, quiet)))
    throw new LockedError(holder.pid, holder.machine === (await machineName()));
  // Many may see this at the same time; one of them replaces what it has seen, without a moment in between.
  const turn = `${path}.turn`;
  if (!(await placed(whole, turn, text))) {
    await pause(turnStep);
    if (await isOlder(turn, whole)) await rm(turn, { force: true });
    return false;
  }
  const copy = await temporaryName(path);
  try {
    if ((await readFile(path, "utf8").catch(() => null)) !== theirs) return false;
    await writeFile(copy, text, { flag: "wx" });
    await rename(copy, path);
    return true;
  } finally {
    await rm(copy, { force: true }).catch(() => undefined);
    await rm(turn, { force: true }).catch(() => undefined);
  }
}

/** A turn takes a moment; one that is so much older than a file of now was left by a kill. */
const longestTurn = 10_000;
const turnStep = 10;

async function isOlder(turn: string, now: string): Promise<boolean> {
  const [a, b] = await Promise.all(
    [turn, now].map((path) =>
      stat(path).then(
        (s) => s.mtimeMs,
        () => Number.NaN,
      ),
    ),
  );
  return b! - a! > longestTurn;
}

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

function parsed(text: string): Holder | null {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === "number" && typeof holder.machine === "string" ? (holder as Holder) : null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder, path: string, quiet: number): Promise<boolean> {
  if (holder.machine !== (await machineName())) return isTouched(path, quiet);
  if (holder.pid === process.pid) return held.has(holder.nonce);
  if (!isRunning(holder.pid)) return false;
  return holder.start === null || (await startOf(holder.pid)) === holder.start;
}

/** Whether a file is touched while one waits: clocks of two machines need not agree. */
async function isTouched(path: string, quiet: number): Promise<boolean> {
  const time = () =>
    stat(path).then(
      (s) => s.mtimeMs,
      () => null,
    );
  const before = await time();
  const step = quiet / 20;
  for (let waited = 0; waited < quiet; waited += step) {
    await pause(step);
    const now = await time();
    if (now === null) return false;
    if (now !== before) return true;
  }
  return false;
}

/** When a process began, in ticks since the machine did; null where the system does not tell. */
async function startOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  // The name of the program, in parentheses, may hold anything.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
}
