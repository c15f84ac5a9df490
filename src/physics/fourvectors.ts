import { where } from "../core/elementary/arith.js";
import { atan2, hypot } from "../core/elementary/trig.js";
import { checkArgument, operand } from "../core/graph/arguments.js";
import { lift, type Operand, ranked } from "../core/graph/op.js";
import type { Joined, Rank } from "../core/graph/rank.js";
import { Tensor } from "../core/graph/tensor.js";
import { either, having } from "../text/legal.js";

/**
 * A particle as tables hold it, of one event or many: pt, mass and energies in one unit, phi in radians. What is massless has
 * `mass: 0`; a negative one counts as its absolute value.
 */
export interface Particle<R extends Rank = Rank> {
  readonly pt: Operand<R>;
  readonly eta: Operand<R>;
  readonly phi: Operand<R>;
  readonly mass: Operand<R>;
}

/** What is known across the beam: of a particle, or of the missing momentum. */
export type Transverse<R extends Rank = Rank> = Pick<Particle<R>, "pt" | "phi">;

/** A four-vector that is a particle again, with all of its parts as Tensors. */
export interface FourVector<R extends Rank = Rank> extends Particle<R> {
  readonly pt: Tensor<R>;
  readonly eta: Tensor<R>;
  readonly phi: Tensor<R>;
  readonly mass: Tensor<R>;
}

/** A four-vector along the axes: z is the beam. */
export interface Momentum<R extends Rank = Rank> {
  readonly px: Tensor<R>;
  readonly py: Tensor<R>;
  readonly pz: Tensor<R>;
  readonly energy: Tensor<R>;
}

/** An angle in radians, or what has one as `phi`. */
export type Azimuth<R extends Rank = Rank> = Operand<R> | { readonly phi: Operand<R> };

const particle = /*#__PURE__*/ having(
  "a particle { pt, eta, phi, mass } (of what is massless 0)",
  ...["pt", "eta", "phi", "mass"],
);
const transverse = /*#__PURE__*/ having("a particle or missing momentum { pt, phi }", "pt", "phi");
const azimuth = /*#__PURE__*/ either(operand, /*#__PURE__*/ having("something with { phi }", "phi"));

/** `f` where `at` is not zero, 0 where it is, with slopes of 0 there: f of something harmless is computed instead. */
function unlessZero(at: Tensor, f: (harmless: (x: Tensor) => Tensor) => Tensor): Tensor {
  const zero = at.eq(0);
  return where(
    zero,
    0,
    f((x) => where(zero, 1, x)),
  );
}

/** A square root with a slope of 0 at 0. */
const root = (x: Tensor): Tensor => unlessZero(x, (harmless) => harmless(x).sqrt());
/** √(x² + y²) with slopes of 0 where both are 0. */
const length = (x: Tensor, y: Tensor): Tensor =>
  unlessZero(x.abs().maximum(y.abs()), (harmless) => hypot(harmless(x), y));

/** What sums of four-vectors are made of. */
interface Parts {
  readonly pt: Tensor;
  readonly eta: Tensor;
  readonly phi: Tensor;
  /** Of what is massless, null. */
  readonly mass: Tensor | null;
  /** |p|, the energy, and by how much that is more. */
  readonly p: Tensor;
  readonly energy: Tensor;
  readonly excess: Tensor | null;
}

function partsOf({ pt, eta, phi, mass }: Particle): Parts {
  const [t, y, own] = [lift(pt), lift(eta), { phi: lift(phi) }];
  const p = eta === 0 ? t : t.mul(y.cosh());
  if (mass === 0) return { pt: t, eta: y, ...own, mass: null, p, energy: p, excess: null };
  const m = lift(mass);
  const energy = length(m, p);
  // E - p as m²/(E + p), which does not cancel.
  const excess = unlessZero(energy, (harmless) => m.square().div(harmless(energy.add(p))));
  return { pt: t, eta: y, ...own, mass: m, p, energy, excess };
}

/**
 * Twice the product of two four-vectors, E₁E₂ - p₁·p₂, in parts that are not negative: |p₁||p₂| - p₁·p₂ is
 * 2 pt₁ pt₂ (sinh²(Δη/2) + sin²(Δφ/2)), and E₁E₂ - |p₁||p₂| is E₁(E₂ - p₂) + p₂(E₁ - p₁). Nothing cancels, so that f32 will do.
 */
function product(a: Parts, b: Parts): Tensor {
  const opening = a.eta.sub(b.eta).div(2).sinh().square().add(a.phi.sub(b.phi).div(2).sin().square());
  let sum = a.pt.mul(b.pt).mul(opening).mul(4);
  if (b.excess) sum = sum.add(a.energy.mul(b.excess).mul(2));
  if (a.excess) sum = sum.add(b.p.mul(a.excess).mul(2));
  return sum;
}

function massOf(all: readonly Parts[]): Tensor {
  const [alone, ...others] = all;
  if (alone?.mass && others.length === 0) return alone.mass.abs();
  const terms = all.flatMap((a, i) => [
    ...(a.mass ? [a.mass.square()] : []),
    ...all.slice(i + 1).map((b) => product(a, b)),
  ]);
  const [first, ...more] = terms;
  if (!first) return all[0]!.pt.mul(0);
  return root(more.reduce((sum, term) => sum.add(term), first));
}

function checked(op: string, all: readonly Particle[]): readonly Parts[] {
  requireSome(op, all);
  for (const one of all) checkArgument(op, "particle", one, particle);
  return all.map(partsOf);
}

const requireSome = (op: string, all: readonly unknown[]): void =>
  checkArgument(op, "particle", all[0], having("one particle or more", "pt"));

const sum = (all: readonly Tensor[]): Tensor => all.slice(1).reduce((a, b) => a.add(b), all[0]!);

/**
 * The invariant mass of particles together: of two massless ones √(2 pt₁ pt₂ (cosh Δη - cos Δφ)). Computed in a form that
 * does not cancel, in f32 and f64: a few ULP wherever the particles fly. Where it is 0 its slopes are 0.
 *
 * @throws OptionError for what is no particle
 */
export function mass<R extends Rank>(...particles: readonly Particle<R>[]): Tensor<R> {
  return ranked(massOf(checked("mass", particles)));
}

/**
 * The transverse mass of particles together, taken as massless: what they have when nothing moves along the beam, as a lepton
 * and the missing momentum √(2 pt₁ pt₂ (1 - cos Δφ)). It does not cancel; where it is 0 its slopes are 0.
 *
 * @throws OptionError for what has no pt and phi
 */
export function transverseMass<R extends Rank>(...particles: readonly Transverse<R>[]): Tensor<R> {
  requireSome("transverseMass", particles);
  for (const one of particles) checkArgument("transverseMass", "particle", one, transverse);
  return ranked(massOf(particles.map(({ pt, phi }) => partsOf({ pt, eta: 0, phi, mass: 0 }))));
}

/** The energy of a particle, √(m² + pt² cosh² η). */
export function energy<R extends Rank>(of: Particle<R>): Tensor<R> {
  return ranked(checked("energy", [of])[0]!.energy);
}

const alongAxes = ({ pt, eta, phi, energy }: Parts): Momentum => ({
  px: pt.mul(phi.cos()),
  py: pt.mul(phi.sin()),
  pz: pt.mul(eta.sinh()),
  energy,
});

/** The momentum of particles together along the axes, and their energy. */
export function momentum<R extends Rank>(...particles: readonly Particle<R>[]): Momentum<R> {
  const all = checked("momentum", particles).map(alongAxes);
  return {
    px: ranked(sum(all.map(({ px }) => px))),
    py: ranked(sum(all.map(({ py }) => py))),
    pz: ranked(sum(all.map(({ pz }) => pz))),
    energy: ranked(sum(all.map(({ energy }) => energy))),
  };
}

/**
 * Particles together as one, { pt, eta, phi, mass }: what a dilepton or a trijet is. Of a single one it is that
 * one. Without pt, eta is ±∞ and phi 0, as `vector` has it.
 *
 * @throws OptionError for what is no particle
 */
export function fourVector<R extends Rank>(...particles: readonly Particle<R>[]): FourVector<R> {
  const all = checked("fourVector", particles);
  const [one, ...more] = all;
  if (more.length === 0) {
    const { pt, eta, phi, mass } = one!;
    return { pt: ranked(pt), eta: ranked(eta), phi: ranked(phi), mass: ranked(mass ?? pt.mul(0)) };
  }
  const { px, py, pz } = momentum(...particles);
  const pt = length(px, py);
  const slope = unlessZero(pt, (harmless) => pz.div(harmless(pt)));
  const ahead = where(pz.gt(0), Number.POSITIVE_INFINITY, where(pz.lt(0), Number.NEGATIVE_INFINITY, 0));
  return {
    pt: ranked(pt),
    eta: ranked(where(pt.eq(0), ahead, asinh(slope))),
    phi: ranked(unlessZero(pt, (harmless) => atan2(py, harmless(px)))),
    mass: ranked(massOf(all)),
  };
}

/** asinh(x) as ± log(1 + |x| + x²/(1 + √(1 + x²))), which keeps small x. */
function asinh(x: Tensor): Tensor {
  const sign = where(x.lt(0), -1, 1);
  const size = x.mul(sign);
  return size
    .add(size.div(hypot(size, 1).add(1)).mul(size))
    .log1p()
    .mul(sign);
}

/** The largest number of a float type that is not above π, and 2π in two parts of which the first has that type. */
const circles = {
  f32: {
    half: 3.1415925025939941,
    turn: Math.fround(2 * Math.PI),
    rest: 2 * Math.PI - Math.fround(2 * Math.PI),
  },
  f64: { half: Math.PI, turn: 2 * Math.PI, rest: 2.4492935982947064e-16 },
} as const;

/** An angle in (-π, π]; what is there already stays as it is. */
function wrapped(x: Tensor): Tensor {
  const { half, turn, rest } = circles[x.dtype === "f32" ? "f32" : "f64"];
  const whole = x
    .div(2 * Math.PI)
    .add(0.5)
    .floor();
  const turns = where(x.abs().le(half), 0, whole);
  const near = x.sub(turns.mul(turn)).sub(turns.mul(rest));
  // What rounding left just outside.
  return where(near.gt(half), near.sub(2 * half), where(near.le(-half), near.add(2 * half), near));
}

const angle = (of: Azimuth): Tensor => lift(typeof of === "object" && !(of instanceof Tensor) ? of.phi : of);

/**
 * The angle from b to a around the beam, φ_a - φ_b in (-π, π]: of angles in radians, or of what has a `phi`. Angles may have
 * any number of turns; the slope is 1 everywhere.
 *
 * @throws OptionError for what has no angle
 */
export function deltaPhi<A extends Rank = "scalar", B extends Rank = "scalar">(
  a: Azimuth<A>,
  b: Azimuth<B>,
): Tensor<Joined<A, B>> {
  checkArgument("deltaPhi", "a", a, azimuth);
  checkArgument("deltaPhi", "b", b, azimuth);
  return ranked(wrapped(angle(a).sub(angle(b))));
}

/**
 * The distance √(Δη² + Δφ²) of two directions, with Δφ in (-π, π]. Where they are one its slopes are 0.
 *
 * @throws OptionError for what has no eta and phi
 */
export function deltaR<A extends Rank, B extends Rank>(
  a: Pick<Particle<A>, "eta" | "phi">,
  b: Pick<Particle<B>, "eta" | "phi">,
): Tensor<Joined<A, B>> {
  for (const [name, one] of [
    ["a", a],
    ["b", b],
  ] as const)
    checkArgument("deltaR", name, one, having("a direction { eta, phi }", "eta", "phi"));
  return ranked(length(lift(a.eta).sub(lift(b.eta)), wrapped(lift(a.phi).sub(lift(b.phi)))));
}
