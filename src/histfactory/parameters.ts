import { quote, quoteAll, type SpecCode } from "./errors.js";
import { compareText } from "./exact.js";
import { count, type Report } from "./report.js";
import type { ChannelSpec, ModifierType, ParameterSpec } from "./spec.js";

/** What a parameter is to the likelihood. */
export type Constraint = "unconstrained" | "constrained_by_normal" | "constrained_by_poisson";

/** histosys and normsys share parameters; the others only with their own type. */
const families: Readonly<Record<ModifierType, string>> = {
  histosys: "histosys or normsys",
  normsys: "histosys or normsys",
  lumi: "lumi",
  normfactor: "normfactor",
  shapefactor: "shapefactor",
  shapesys: "shapesys",
  staterror: "staterror",
};

const constraints: Readonly<Record<ModifierType, Constraint>> = {
  histosys: "constrained_by_normal",
  normsys: "constrained_by_normal",
  lumi: "constrained_by_normal",
  normfactor: "unconstrained",
  shapefactor: "unconstrained",
  shapesys: "constrained_by_poisson",
  staterror: "constrained_by_normal",
};

const configurable: Readonly<Record<ModifierType, readonly (keyof ParameterSpec)[]>> = {
  histosys: ["inits", "bounds", "auxdata"],
  normsys: ["inits", "bounds", "auxdata"],
  lumi: ["inits", "bounds", "auxdata", "sigmas"],
  normfactor: ["inits", "bounds"],
  shapefactor: ["inits", "bounds"],
  shapesys: ["inits", "bounds", "auxdata", "factors"],
  staterror: ["inits", "bounds", "auxdata", "sigmas"],
};

interface Parameter {
  readonly type: ModifierType;
  /** Components. */
  size: number;
  /** JSON path of the first modifier that has it. */
  readonly path: string;
}

interface Use {
  readonly type: ModifierType;
  readonly channel: string;
  readonly bins: number;
  readonly sample: string;
  readonly path: string;
}

/** The parameters that the modifiers of a model have, and whether they fit together. */
export class Parameters {
  private readonly report: Report;
  private readonly found = new Map<string, Parameter>();
  private readonly uses = new Map<string, Use[]>();
  private readonly custom: boolean;

  constructor(
    channels: readonly ChannelSpec<unknown, unknown>[],
    report: Report,
    custom: readonly string[] = [],
  ) {
    this.report = report;
    let any = false;
    channels.forEach((channel, c) => {
      const bins = report.length(channel.samples[0]!.data) ?? 0;
      channel.samples.forEach((sample, s) => {
        sample.modifiers.forEach(({ name, type }, m) => {
          const path = report.here("channels", c, "samples", s, "modifiers", m);
          if (custom.includes(type)) any = true;
          else this.add(name, { type, channel: channel.name, bins, sample: sample.name, path });
        });
      });
    });
    this.custom = any;
    for (const [name, uses] of this.uses) this.found.set(name, this.parameter(uses));
  }

  /** Names in the order of Python's sorted. */
  names(): readonly string[] {
    return [...this.found.keys()].sort(compareText);
  }

  constraint(name: string): Constraint {
    return constraints[this.found.get(name)!.type];
  }

  private add(name: string, use: Use): void {
    const uses = this.uses.get(name);
    if (uses === undefined) this.uses.set(name, [use]);
    else uses.push(use);
  }

  private parameter(uses: readonly Use[]): Parameter {
    const { type, path } = uses[0]!;
    const channels = new Map(uses.map(({ channel, bins }) => [channel, bins]));
    const first = [...channels.keys()].sort(compareText)[0]!;
    const sum = [...channels.values()].reduce((a, b) => a + b, 0);
    const sizes: Readonly<Partial<Record<ModifierType, number>>> = {
      shapefactor: channels.get(first)!,
      shapesys: channels.get(first)!,
      staterror: sum,
    };
    return { type, path, size: sizes[type] ?? 1 };
  }

  /** One name on modifiers that cannot share a parameter. */
  checkReuse(): void {
    for (const [name, uses] of this.uses) {
      const first = uses[0]!;
      const other = uses.find(({ type }) => families[type] !== families[first.type]);
      if (other !== undefined) {
        this.fail(
          "spec.nameReuse",
          `${other.path}.name`,
          `${quote(name)} only on modifiers of type ${families[first.type]}, as at ${first.path}`,
          `a ${other.type}`,
          "give one of them another name",
        );
      } else if (first.type === "shapesys" && uses.length > 1) {
        this.fail(
          "spec.shared",
          `${uses[1]!.path}.name`,
          "a shapesys name of its own",
          `${quote(name)}, as at ${first.path}`,
          "rename one of them; a shapesys cannot be shared",
        );
      } else if (first.type === "shapefactor") this.checkShapefactor(name, uses);
      else if (first.type === "staterror") this.checkStaterror(name, uses);
    }
  }

  /** The parameter has the bins of its first channel in order of names. */
  private checkShapefactor(name: string, uses: readonly Use[]): void {
    const { size } = this.found.get(name)!;
    const larger = uses.find(({ bins }) => bins > size);
    if (larger === undefined) return;
    this.fail(
      "spec.shapefactor",
      larger.path,
      `at most ${size} bins, as the first channel of shapefactor ${quote(name)} has`,
      `${larger.bins} in channel ${quote(larger.channel)}`,
      "give the channels their own shapefactors, or name the one with most bins so that it sorts first",
    );
  }

  /** Samples (by name, in all channels) that have it must have it in the same channels. */
  private checkStaterror(name: string, uses: readonly Use[]): void {
    const channels = new Set(uses.map(({ channel }) => channel));
    if (channels.size === 1) return;
    const samples = new Map<string, { path: string; channels: Set<string> }>();
    for (const { sample, channel, path } of uses) {
      const entry = samples.get(sample);
      if (entry === undefined) samples.set(sample, { path, channels: new Set([channel]) });
      else entry.channels.add(channel);
    }
    for (const [sample, { path, channels: own }] of samples) {
      if (own.size === channels.size) continue;
      const missing = [...channels].filter((channel) => !own.has(channel));
      this.fail(
        "spec.staterror",
        path,
        `staterror ${quote(name)} in the same channels for each sample`,
        `sample ${quote(sample)} without it in ${quoteAll(missing)}`,
        "give each channel a staterror name of its own",
      );
      return;
    }
  }

  /** Configurations twice for one parameter, of attributes it has not, or of the wrong length. */
  checkConfigurations(configurations: readonly ParameterSpec<unknown, unknown>[]): void {
    const seen = new Set<string>();
    configurations.forEach((configuration, i) => {
      if (this.report.full) return;
      const { name } = configuration;
      if (seen.has(name)) {
        this.report.fail(
          "spec.duplicate",
          "one configuration for each parameter",
          `a second for ${quote(name)}`,
          "merge them",
          i,
        );
      }
      seen.add(name);
      const parameter = this.found.get(name);
      if (parameter !== undefined) this.report.within(i, () => this.configuration(configuration, parameter));
    });
  }

  private configuration(configuration: ParameterSpec<unknown, unknown>, { type, size }: Parameter): void {
    const { report } = this;
    for (const key of ["inits", "bounds", "auxdata", "factors", "sigmas"] as const) {
      const value = configuration[key];
      if (value === undefined) continue;
      if (!configurable[type].includes(key)) {
        const names = configurable[type].join(", ");
        report.fail("spec.config", `only ${names} and fixed for a ${type}`, key, `remove ${key}`, key);
        continue;
      }
      const length = report.length(value);
      if (length !== size) {
        const wanted = `${count(size, "value")} for ${type} ${quote(configuration.name)}`;
        report.fail("spec.length", wanted, String(length), "give one for each component", key);
      } else if (key === "bounds") this.bounds(configuration.bounds!);
    }
  }

  private bounds(bounds: readonly (readonly unknown[])[]): void {
    bounds.forEach((pair, i) => {
      const [low, high] = pair.map((value) => this.report.known(value) ?? 0);
      const ordered = low !== undefined && high !== undefined && low <= high;
      if (pair.length === 2 && (ordered || pair.some((value) => this.report.known(value) === undefined)))
        return;
      const got = pair.length === 2 ? `[${low}, ${high}]` : count(pair.length);
      this.report.fail(
        "spec.bounds",
        "a lower and an upper bound",
        got,
        "give the smaller one first",
        "bounds",
        i,
      );
    });
  }

  checkLumi(configurations: readonly ParameterSpec<unknown, unknown>[]): void {
    const lumi = this.found.get("lumi");
    if (lumi?.type !== "lumi") return;
    const configuration = configurations.find(({ name }) => name === "lumi");
    const missing = configurable.lumi.filter((key) => configuration?.[key] === undefined);
    if (missing.length === 0) return;
    this.fail(
      "spec.lumi",
      lumi.path,
      "a configuration of the luminosity in the measurement",
      configuration === undefined ? "none" : `one without ${missing.join(", ")}`,
      'add a parameter "lumi" with auxdata, sigmas, inits and bounds to the measurement',
    );
  }

  checkPoi(poi: string | null | undefined): void {
    const names = this.names();
    if (names.length === 0 && !this.custom) {
      this.fail(
        "spec.noParameters",
        "$.channels",
        "a modifier on at least one sample",
        "a model without parameters",
        'add a normfactor "mu" to the signal',
      );
    }
    // A custom modifier may have any parameters.
    if (poi === undefined || poi === null || poi === "" || this.custom) return;
    const parameter = this.found.get(poi);
    if (parameter === undefined) {
      this.report.fail(
        "spec.poi",
        `one of the parameters ${quoteAll(names)} as parameter of interest`,
        quote(poi),
        "choose one of them",
      );
    } else if (parameter.size > 1) {
      this.report.fail(
        "spec.poi",
        "one number as parameter of interest",
        `${parameter.type} ${quote(poi)} with ${parameter.size} components`,
        "choose a normfactor or another single parameter",
      );
    }
  }

  private fail(code: SpecCode, path: string, expected: string, got: string, remedy: string): void {
    if (!this.report.full) this.report.problems.push({ code, path, expected, got, remedy });
  }
}
