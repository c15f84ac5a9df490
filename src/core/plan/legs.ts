import { type HostLayer, type HostWork, isHosted } from "../graph/hostwork.js";
import { isFold, type Tensor } from "../graph/tensor.js";
import type { FoldSlot, HostCall, Hosted, Sweep } from "./layout.js";
import type { Pass, Result } from "./phases.js";
import { owner } from "./tilebuffers.js";

/** A network of a host: its layers, and the small values that are their parameters. */
interface Network {
  readonly layers: readonly HostLayer[];
  readonly parameters: readonly Tensor[];
}

/** A call of a host, before places are known. */
interface Call extends Omit<HostCall, "sums"> {
  readonly sums: Tensor | null;
}

/** Where values and states of folds are. */
export interface Located {
  address(t: Tensor): number;
  readonly states: ReadonlyMap<Tensor, FoldSlot>;
}

/** A pass cut where hosts compute. */
export interface Legs {
  readonly legs: readonly Pass[];
  /** What hosts sum. */
  readonly sums: Pass;
  /** The pass with its legs as they were planned, and the states of what hosts sum. */
  hosted(legs: readonly Sweep[], at: Located, state: Sweep["state"]): Hosted;
}

/** How a pass is cut into legs; null where no host takes part. */
export type Cutter = (work: Pass) => Legs | null;

/**
 * The legs of a pass, or null where no host takes part. The leg of a value is the number of calls on the longest way to it;
 * what a later leg needs it makes again from columns, but for what goes to hosts and comes from them.
 */
export const legsOf: Cutter = (work) => {
  const ends = [...work.folds, ...work.results.map(({ node }) => node)];
  const needed = new Set(ends);
  for (const node of needed) for (const arg of node.args) if (arg.axis) needed.add(arg);
  const order = [...needed].sort((a, b) => a.id - b.id);
  const hosts = order.filter(isHosted);
  return hosts.length === 0 ? null : new Cut(work, order, hosts).legs();
};

class Cut {
  readonly #work: Pass;
  readonly #hosts: readonly Tensor[];
  readonly #leg = new Map<Tensor, number>();
  readonly #streams = new Map<Tensor, number>();
  /** What a leg has to write into streams. */
  readonly #written: Result[] = [];
  readonly #networks = new Map<string, Network>();

  constructor(work: Pass, order: readonly Tensor[], hosts: readonly Tensor[]) {
    this.#work = work;
    this.#hosts = hosts;
    for (const node of order) {
      const after = node.args.filter((a) => a.axis).map((arg) => this.#readable(arg));
      this.#leg.set(node, Math.max(0, ...after));
    }
  }

  /** The leg in which a value can be read: of a host's results the one after the call. */
  #readable(node: Tensor): number {
    return this.#leg.get(node)! + (isHosted(node) && !isFold(node) ? 1 : 0);
  }

  legs(): Legs {
    const calls = this.#calls();
    const { folds, results } = this.#work;
    const own = folds.filter((node) => !isHosted(node));
    const all = [...results, ...this.#written];
    const places = [...own, ...all.map(({ node }) => node)].map((node) => this.#readable(node));
    const count = Math.max(calls.length, ...places.map((leg) => leg + 1));
    const legs = Array.from({ length: count }, (_, leg): Pass => {
      const here = (node: Tensor) => this.#readable(node) === leg;
      const streams = this.#streams;
      return { folds: own.filter(here), results: all.filter(({ node }) => here(node)), streams };
    });
    const sums = { folds: folds.filter(isHosted), results: [], streams: new Map() };
    const hosted = (sweeps: readonly Sweep[], at: Located, state: Sweep["state"]): Hosted => ({
      table: sweeps[0]!.table,
      block: sweeps[0]!.block,
      streams: Array.from(this.#streams.keys(), ({ size }) => size),
      networks: Array.from(this.#networks.values(), ({ layers, parameters }) => ({
        layers,
        parameters: parameters.map((t) => ({ address: at.address(t), size: t.size })),
      })),
      legs: sweeps,
      calls: legs.map((_, leg) =>
        (calls[leg] ?? []).map((call) => ({ ...call, sums: call.sums && at.states.get(call.sums)! })),
      ),
      sums: { folds: sums.folds.map((node) => at.states.get(node)!), state },
    });
    return { legs, sums, hosted };
  }

  /** Calls after each leg; one for all nodes of a host that have the same arguments. */
  #calls(): Call[][] {
    const calls: Call[][] = [];
    const known = new Map<string, { call: Call; leg: number; place: number }>();
    for (const node of this.#hosts) {
      const work = node.op.lowering!.host!;
      const rows = node.args.filter((a) => a.axis);
      const parameters = node.args.filter((a) => !a.axis);
      const run = this.#network(node, work, rows[0]!, parameters);
      const leg = this.#leg.get(node)!;
      const ins = rows.map((arg) => this.#operand(arg));
      const part = isFold(node) ? { sums: node } : { out: this.#stream(node) };
      const key = [work.kind, run, ...ins].join();
      const same = known.get(key);
      calls[leg] ??= [];
      const place = same?.place ?? calls[leg].length;
      const call: Call = { ...(same?.call ?? { kind: work.kind, run, ins, out: -1, sums: null }), ...part };
      calls[leg][place] = call;
      known.set(key, { call, leg, place });
    }
    return Array.from(calls, (some) => some ?? []);
  }

  #network(node: Tensor, work: HostWork, x: Tensor, parameters: readonly Tensor[]): number {
    const layers = work.layers(node);
    const key = JSON.stringify([owner(x).id, parameters.map(({ id }) => id), layers]);
    if (!this.#networks.has(key)) this.#networks.set(key, { layers, parameters });
    return [...this.#networks.keys()].indexOf(key);
  }

  /** The stream of what a host is given: a leg writes it, unless a host made it. */
  #operand(node: Tensor): number {
    const own = owner(node);
    const isNew = !this.#streams.has(own);
    const stream = this.#stream(own);
    if (isNew && !isHosted(own)) this.#written.push({ slot: -2 - stream, node: own });
    return stream;
  }

  #stream(node: Tensor): number {
    const stream = this.#streams.get(node) ?? this.#streams.size;
    this.#streams.set(node, stream);
    return stream;
  }
}
