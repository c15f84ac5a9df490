import type { Electron, Jet, Muon, ObjectEvents, Objects } from "./objects.js";

type Row<Column extends string> = Readonly<Record<Column, number>>;
type Vector = Row<"pt" | "eta" | "phi" | "mass">;

/** One event, and each object as a record of numbers. */
export interface LoopEvent {
  readonly met: number;
  readonly weight: number;
  readonly jets: readonly Row<Jet>[];
  readonly electrons: readonly Row<Electron>[];
  readonly muons: readonly Row<Muon>[];
}

/** Whether an event passes, and the number that the cut is about; NaN where the event has none. */
type Answer = readonly [passes: boolean, value?: number];

/** All events one by one; columns are f32 and integers, all that is computed from them is f64. */
export function loopEvents({ rows, met, weight, jets, electrons, muons }: ObjectEvents): LoopEvent[] {
  const lists = { jets: listsOf(jets), electrons: listsOf(electrons), muons: listsOf(muons) };
  return Array.from({ length: rows }, (_, i) => {
    const objects = { jets: lists.jets[i]!, electrons: lists.electrons[i]!, muons: lists.muons[i]! };
    return { met: met[i]!, weight: weight[i]!, ...objects };
  });
}

function listsOf<Column extends string>({ offsets, columns }: Objects<Column>): Row<Column>[][] {
  const names = Object.keys(columns) as Column[];
  const row = (at: number) => Object.fromEntries(names.map((name) => [name, columns[name][at]!]));
  const rows = Array.from({ length: offsets.at(-1)! }, (_, at) => row(at) as Row<Column>);
  return Array.from({ length: offsets.length - 1 }, (_, i) => rows.slice(offsets[i], offsets[i + 1]));
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const largest = (values: readonly number[]) => (values.length > 0 ? Math.max(...values) : Number.NaN);
const smallest = (values: readonly number[]) => (values.length > 0 ? Math.min(...values) : Number.NaN);
const pts = (rows: readonly Row<"pt">[]) => rows.map(({ pt }) => pt);
const count = <T>(rows: readonly T[], test: (row: T) => boolean) => rows.filter(test).length;
/** The first row whose key is the largest. */
const best = <T>(rows: readonly T[], key: (row: T) => number): T | undefined =>
  rows.find((row) => key(row) === largest(rows.map(key)));
const pairs = <A, B>(a: readonly A[], b: readonly B[]) => a.flatMap((x) => b.map((y) => [x, y] as const));
/** Each two of the rows, in order. */
const twos = <T>(rows: readonly T[]) => rows.flatMap((x, i) => rows.slice(i + 1).map((y) => [x, y] as const));

/** Sum of four-vectors: its mass and its transverse momentum. */
export function together(...vectors: readonly Vector[]): { mass: number; pt: number } {
  const px = sum(vectors.map(({ pt, phi }) => pt * Math.cos(phi)));
  const py = sum(vectors.map(({ pt, phi }) => pt * Math.sin(phi)));
  const pz = sum(vectors.map(({ pt, eta }) => pt * Math.sinh(eta)));
  const e = sum(vectors.map(({ pt, eta, mass }) => Math.hypot(mass, pt * Math.cosh(eta))));
  return { mass: Math.sqrt(Math.max(0, e * e - px * px - py * py - pz * pz)), pt: Math.hypot(px, py) };
}

/** Distance in η and φ; angles that differ by whole turns are the same. */
export function deltaR(a: Row<"eta" | "phi">, b: Row<"eta" | "phi">): number {
  const turn = 2 * Math.PI;
  const phi = a.phi - b.phi;
  return Math.hypot(a.eta - b.eta, phi - turn * Math.round(phi / turn));
}

const above = (value: number | undefined, least: number): Answer => [
  value !== undefined && value > least,
  value ?? Number.NaN,
];
const atLeast = <T>(rows: readonly T[], least: number, test: (row: T) => boolean): Answer => {
  const n = count(rows, test);
  return [n >= least, n];
};
const exactly = <T>(rows: readonly T[], wanted: number, test: (row: T) => boolean): Answer => {
  const n = count(rows, test);
  return [n === wanted, n];
};
const between = (value: number, low: number, high: number): Answer => [low < value && value < high, value];
/** Largest key first; as they stand where it is equal. */
const sorted = <T>(rows: readonly T[], key: (row: T) => number) => [...rows].sort((a, b) => key(b) - key(a));
const apart = (muons: LoopEvent["muons"]) => (jet: Row<Jet>) =>
  muons.every((muon) => deltaR(jet, muon) > 0.4);
const isCentral = ({ pt, eta }: Row<Jet>) => pt > 30.1 && Math.abs(eta) < 2.4;
const scaledPts = (jets: LoopEvent["jets"]) => pts(jets).map((pt) => pt * 1.03);

/** The cuts of test/fixtures/objects.json by name, as loops over the objects of one event. */
export const loops: Readonly<Record<string, (event: LoopEvent) => Answer>> = {
  leading: ({ jets }) => above(jets[0]?.pt, 50),
  four: ({ jets }) => atLeast(jets, 4, ({ pt }) => pt > 30.1),
  central: ({ jets }) => atLeast(jets, 4, isCentral),
  ht: ({ jets }) => above(sum(pts(jets.filter(isCentral))), 200),
  both: ({ jets }) => {
    const ht = sum(pts(jets).filter((pt) => pt > 30));
    return [count(jets, ({ pt, eta }) => pt > 30 && Math.abs(eta) < 2.4) >= 4 && ht > 250, ht];
  },
  oneTag: ({ jets }) => exactly(jets, 1, ({ btag }) => btag > 0.5),
  twoTags: ({ jets }) => atLeast(jets, 2, ({ btag }) => btag > 0.5),
  oneLepton: ({ electrons, muons }) => exactly([...electrons, ...muons], 1, ({ pt }) => pt > 25),
  goodElectron: ({ electrons }) =>
    exactly(electrons, 1, (e) => e.pt > 20 && Math.abs(e.eta) < 2.1 && e.cutBased === 4 && e.sip3d < 4),
  scaledCount: ({ jets }) => atLeast(scaledPts(jets), 4, (pt) => pt > 30.1),
  scaledHt: ({ jets }) => above(sum(scaledPts(jets).filter((pt) => pt > 30.1)), 250),
  trijet: ({ jets }) => {
    const triples = jets.flatMap((a, i) => twos(jets.slice(i + 1)).map(([b, c]) => [a, b, c] as const));
    const tagged = triples.filter((three) => three.some(({ btag }) => btag > 0.5));
    const sums = tagged.map((three) => together(...three));
    return between(best(sums, ({ pt }) => pt)?.mass ?? Number.NaN, 100, 250);
  },
  dimuon: ({ muons }) => {
    const [one, two] = muons;
    if (!one || !two) return [false];
    const { mass } = together(one, two);
    const opposite = one.charge * two.charge < 0 && count(muons, ({ pt }) => pt > 15) === 2;
    return [opposite && 30 < mass && mass < 120, mass];
  },
  dijet: ({ jets: [one, two] }) => above(one && two ? together(one, two).mass : undefined, 100),
  nearest: ({ jets, muons }) => above(smallest(pairs(jets, muons).map(([a, b]) => deltaR(a, b))), 0.4),
  apart: ({ jets, muons }) => [jets.every(apart(muons))],
  clean: ({ jets, muons }) => atLeast(jets.filter(apart(muons)), 3, ({ pt }) => pt > 30.1),
  nearFirst: ({ jets, muons: [muon] }) =>
    above(muon ? smallest(jets.map((jet) => deltaR(jet, muon))) : undefined, 0.4),
  bestZ: ({ muons }) => {
    const opposite = twos(muons).filter(([a, b]) => a.charge * b.charge < 0);
    const masses = opposite.map((two) => together(...two).mass);
    return between(best(masses, (mass) => -Math.abs(mass - 91.2)) ?? Number.NaN, 71, 111);
  },
  any: ({ jets }) => [jets.some(({ btag }) => btag > 0.8)],
  all: ({ jets }) => [jets.every(({ pt }) => pt > 20)],
  max: ({ jets }) => above(largest(pts(jets)), 100),
  min: ({ jets }) => above(smallest(pts(jets)), 20),
  mean: ({ jets }) => above(sum(pts(jets)) / jets.length, 50),
  veto: ({ muons }) => exactly(muons, 0, ({ loose }) => loose !== 0),
  bits: ({ jets }) => atLeast(jets, 3, ({ jetId }) => (jetId & 4) !== 0),
  last: ({ jets }) => above(jets.at(-1)?.pt, 40),
  filteredFirst: ({ jets }) => above(jets.find(({ eta, btag }) => Math.abs(eta) < 2.4 && btag > 0.5)?.pt, 50),
  leadingByTag: ({ jets }) => above(best(jets, ({ btag }) => btag)?.pt, 60),
  thirdByTag: ({ jets }) => above(sorted(jets, ({ btag }) => btag)[2]?.pt, 40),
  topTwo: ({ jets }) => above(sum(pts(sorted(jets, ({ pt }) => pt).slice(0, 2))), 120),
  hardOfMet: ({ jets, met }) => atLeast(jets, 2, ({ pt }) => pt > 2 * met),
};

/** One of the {@link loops} over all events: the mask, and the number of each event or NaN. */
export function evaluate(
  name: string,
  events: readonly LoopEvent[],
): { mask: Uint8Array; value: Float64Array } {
  const answers = events.map(loops[name]!);
  const value = Float64Array.from(answers, ([, number = Number.NaN]) => number);
  return { mask: Uint8Array.from(answers, ([passes]) => (passes ? 1 : 0)), value };
}
