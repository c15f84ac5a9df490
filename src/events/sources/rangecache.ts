/** Gets the bytes [start, end). */
export type GetRange = (start: number, end: number) => Promise<Uint8Array>;

/** Bytes that were asked for. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly bytes: Promise<Uint8Array>;
}

/** Bytes are asked for from and to multiples of this: what is near is often wanted next. */
export const blockSize = 1 << 16;
/** Bytes that stay in memory. */
const mostKept = 1 << 26;
/** Bytes that are asked for before they are needed. */
const mostAhead = 1 << 25;

/** Parts of something far away, of which each is asked for once while it is in memory. */
export class RangeCache {
  readonly #get: GetRange;
  readonly #total: number;
  /** In the order of their last use. */
  #runs: Run[] = [];

  constructor(total: number, get: GetRange) {
    this.#total = total;
    this.#get = get;
  }

  /** Takes bytes that came by themselves, from `start` on. */
  put(start: number, bytes: Uint8Array): void {
    this.#keep({ start, end: start + bytes.length, bytes: Promise.resolve(bytes) });
  }

  async slice(start: number, end: number): Promise<ArrayBuffer> {
    const [from, to] = [Math.max(0, start), Math.min(end, this.#total)];
    const out = new Uint8Array(Math.max(0, to - from));
    const runs = this.#covering(from, to);
    await Promise.all(
      runs.map(async (run) => {
        const bytes = await run.bytes;
        const [a, b] = [Math.max(from, run.start), Math.min(to, run.end)];
        out.set(bytes.subarray(a - run.start, b - run.start), a - from);
      }),
    );
    return out.buffer;
  }

  /** Begins to get ranges; those that are near one another come by one request. */
  expect(ranges: readonly (readonly [start: number, end: number])[]): void {
    const sorted = ranges
      .map(([start, end]) => [Math.max(0, start), Math.min(end, this.#total)] as const)
      .filter(([start, end]) => start < end)
      .sort(([a], [b]) => a - b);
    let left = mostAhead;
    let [from, to] = [0, 0];
    const flush = () => {
      if (to > from) this.#covering(from, to);
    };
    for (const [start, end] of sorted) {
      left -= end - start;
      if (left < 0) break;
      if (start > to + blockSize) {
        flush();
        from = start;
        to = end;
      } else {
        if (to === 0) from = start;
        to = Math.max(to, end);
      }
    }
    flush();
  }

  /** Runs that hold [from, to) together; what none holds is asked for. */
  #covering(from: number, to: number): Run[] {
    const used: Run[] = [];
    for (let at = from; at < to; ) {
      const here = this.#runs.find((run) => run.start <= at && at < run.end) ?? this.#ask(at, to);
      used.push(here);
      at = here.end;
    }
    for (const run of used) this.#keep(run);
    return used;
  }

  /** Asks for bytes from `at` on, up to what is there already. */
  #ask(at: number, to: number): Run {
    const before = this.#runs.filter((run) => run.end <= at).map((run) => run.end);
    const after = this.#runs.filter((run) => run.start > at).map((run) => run.start);
    const start = Math.max(Math.floor(at / blockSize) * blockSize, ...before);
    const end = Math.min(Math.ceil(to / blockSize) * blockSize, this.#total, ...after);
    const bytes = this.#get(start, end);
    const run = { start, end, bytes };
    this.#keep(run);
    // Whoever waits for it sees the error; it is asked for again by whoever comes later.
    bytes.catch(() => {
      this.#runs = this.#runs.filter((other) => other !== run);
    });
    return run;
  }

  /** As the one that was used last; those that were not used for long are let go. */
  #keep(run: Run): void {
    this.#runs = [...this.#runs.filter((other) => other !== run), run];
    let kept = this.#runs.reduce((sum, { start, end }) => sum + end - start, 0);
    while (kept > mostKept && this.#runs.length > 1) {
      const [first] = this.#runs;
      kept -= first!.end - first!.start;
      this.#runs.shift();
    }
  }
}
