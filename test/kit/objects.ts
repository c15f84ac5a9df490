import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { random } from "./random.js";

/** Numbers of all objects of all events, those of event i from offsets[i] up to offsets[i + 1]. */
export interface Objects<Column extends string = string> {
  /** [events + 1]. */
  readonly offsets: Int32Array;
  /** [objects] each. */
  readonly columns: Readonly<Record<Column, Numbers>>;
}

type Numbers = Float32Array | Int32Array | Uint8Array;
type FourVector = "pt" | "eta" | "phi" | "mass";
export type Jet = FourVector | "btag" | "jetId";
export type Electron = FourVector | "charge" | "cutBased" | "sip3d";
export type Muon = FourVector | "charge" | "loose";

/** Events with jets, electrons and muons; energies in GeV. */
export interface ObjectEvents {
  readonly rows: number;
  readonly met: Float32Array;
  readonly weight: Float32Array;
  readonly jets: Objects<Jet>;
  readonly electrons: Objects<Electron>;
  readonly muons: Objects<Muon>;
}

/** Values in f32 beside which thresholds lie: some objects have them, so f32 and f64 must decide alike. */
const ties = { pt: 30.1, eta: 2.4, btag: 0.8 };

/**
 * Made-up events, the same for a seed everywhere: only sums, products and quotients of seeded numbers. Objects are in no
 * order; a tenth of the events has no jets, some jets lie on a muon, one in 25 has a value beside a threshold.
 */
export function objectEvents(rows = 2000, seed = 11): ObjectEvents {
  const u = random(seed);
  const met: number[] = [];
  const weight: number[] = [];
  const jets = new Growing<Jet>(["pt", "eta", "phi", "mass", "btag", "jetId"]);
  const electrons = new Growing<Electron>(["pt", "eta", "phi", "mass", "charge", "cutBased", "sip3d"]);
  const muons = new Growing<Muon>(["pt", "eta", "phi", "mass", "charge", "loose"]);
  const count = (most: number) => Math.floor((most + 1) * u());
  const pt = (least: number) => least / (1 - 0.9 * u());
  const eta = (width: number) => width * (u() + u() + u() - 1.5);
  const phi = () => Math.PI * (2 * u() - 1);
  const charge = () => (u() < 0.5 ? -1 : 1);
  const near = (value: number, tie: number) => (u() < 0.04 ? tie : value);
  for (let row = 0; row < rows; row++) {
    met.push(100 * u() * u());
    weight.push(0.5 + u());
    for (let n = count(4); n > 0; n--) {
      const loose = u() < 0.5 ? 1 : 0;
      muons.push({ pt: pt(12), eta: eta(1.7), phi: phi(), mass: 0.10566, charge: charge(), loose });
    }
    for (let n = count(3); n > 0; n--) {
      const [cutBased, sip3d] = [Math.min(4, count(7)), 8 * u() * u()];
      const electron = { pt: pt(15), eta: eta(1.7), phi: phi(), mass: 0.000511, charge: charge() };
      electrons.push({ ...electron, cutBased, sip3d });
    }
    for (let n = count(9); n > 0; n--) {
      const jet = { pt: near(pt(18), ties.pt), eta: near(eta(2.2), charge() * ties.eta), phi: phi() };
      const muon = u() < 0.1 ? muons.last(row) : undefined;
      if (muon) {
        jet.eta = muon.eta + u() - 0.5;
        const angle = muon.phi + u() - 0.5;
        jet.phi = Math.abs(angle) > Math.PI ? angle - 2 * Math.PI * Math.sign(angle) : angle;
      }
      const btag = near(u(), ties.btag);
      jets.push({ ...jet, mass: jet.pt * (0.05 + 0.15 * u()), btag, jetId: count(255) });
    }
    for (const table of [jets, electrons, muons]) table.close();
  }
  return {
    rows,
    met: Float32Array.from(met),
    weight: Float32Array.from(weight),
    jets: jets.objects({ jetId: Int32Array }),
    electrons: electrons.objects({ charge: Int32Array, cutBased: Int32Array }),
    muons: muons.objects({ charge: Int32Array, loose: Uint8Array }),
  };
}

class Growing<Column extends string> {
  readonly #names: readonly Column[];
  readonly #rows: Readonly<Record<Column, number>>[] = [];
  readonly #offsets = [0];

  constructor(names: readonly Column[]) {
    this.#names = names;
  }

  push(row: Readonly<Record<Column, number>>) {
    this.#rows.push(row);
  }

  /** The last object of the event that is being made. */
  last(event: number) {
    return this.#rows.length > this.#offsets[event]! ? this.#rows.at(-1) : undefined;
  }

  close() {
    this.#offsets.push(this.#rows.length);
  }

  objects(types: { readonly [Name in Column]?: typeof Int32Array | typeof Uint8Array }): Objects<Column> {
    const column = (name: Column) => (types[name] ?? Float32Array).from(this.#rows.map((row) => row[name]));
    const columns = Object.fromEntries(this.#names.map((name) => [name, column(name)]));
    return { offsets: Int32Array.from(this.#offsets), columns: columns as Record<Column, Numbers> };
  }
}

/** All arrays by name: `met`, `jets.offsets`, `jets.pt` and so on. */
export function arraysOf(events: ObjectEvents): Record<string, Numbers> {
  const { rows: _, jets, electrons, muons, ...flat } = events;
  const arrays: Record<string, Numbers> = { ...flat };
  for (const [table, { offsets, columns }] of Object.entries({ jets, electrons, muons })) {
    arrays[`${table}.offsets`] = offsets;
    for (const [name, column] of Object.entries<Numbers>(columns)) arrays[`${table}.${name}`] = column;
  }
  return arrays;
}

/** Writes each array to a file of the folder, little-endian, and `events.json`, which says the type of each. */
export function writeObjects(folder: string, events: ObjectEvents): void {
  const types: Record<string, string> = {};
  for (const [name, array] of Object.entries(arraysOf(events))) {
    types[name] = array instanceof Float32Array ? "<f4" : array instanceof Int32Array ? "<i4" : "u1";
    writeFileSync(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  writeFileSync(join(folder, "events.json"), JSON.stringify({ rows: events.rows, types }));
}

/** FNV-1a over bytes. */
export function hashOf(...arrays: readonly Numbers[]): number {
  let h = 2166136261;
  for (const { buffer, byteOffset, byteLength } of arrays)
    for (const byte of new Uint8Array(buffer, byteOffset, byteLength)) h = Math.imul(h ^ byte, 16777619);
  return h >>> 0;
}
