import { modifierRecords, modifierTypes } from "../modifiers/index.js";
import type { ConstraintKind, ModifierRecord, Use } from "../modifiers/modifier.js";
import { type Laid, layOut, placesOf } from "../modifiers/rowlayout.js";
import { compareText } from "./exactnumber.js";
import { count, type Report } from "./problems.js";
import { quote, quoteAll, type SpecProblem } from "./specerror.js";
import type { ChannelSpec, ParameterSpec } from "./specs.js";

/** What a parameter is to the likelihood. */
export type Constraint = "unconstrained" | "constrained_by_normal" | "constrained_by_poisson";

const words: Readonly<Record<ConstraintKind, Constraint>> = {
  none: "unconstrained",
  normal: "constrained_by_normal",
  poisson: "constrained_by_poisson",
};

const types: ReadonlyMap<string, ModifierRecord> = new Map(
  modifierTypes.map((type) => [type, modifierRecords[type]]),
);

/** The parameters that the modifiers of a model have, and whether they fit together. */
export class Parameters {
  readonly #report: Report;
  readonly #found: ReadonlyMap<string, Laid<ModifierRecord>>;
  /** Modifiers of each parameter, as the document has them. */
  readonly #uses = new Map<string, Use[]>();
  /** Types of those that custom modifiers have, which are single numbers. */
  readonly #custom = new Map<string, string>();

  constructor(
    channels: readonly ChannelSpec<unknown, unknown>[],
    report: Report,
    custom: readonly string[] = [],
  ) {
    this.#report = report;
    const binsOf = ({ samples }: ChannelSpec<unknown, unknown>) => report.length(samples[0]!.data) ?? 0;
    channels.forEach((channel, c) => {
      const bins = binsOf(channel);
      channel.samples.forEach((sample, s) => {
        sample.modifiers.forEach(({ name, type }, m) => {
          const path = report.here("channels", c, "samples", s, "modifiers", m);
          if (custom.includes(type)) this.#custom.set(name, type);
          else this.#add(name, { type, channel: channel.name, bins, sample: sample.name, path });
        });
      });
    });
    const own = new Map([...types].filter(([type]) => !custom.includes(type)));
    this.#found = layOut(placesOf(channels, binsOf), own);
  }

  /** Names in the order of Python's sorted. */
  names(): readonly string[] {
    return [...this.#found.keys()].sort(compareText);
  }

  constraint(name: string): Constraint {
    return words[this.#found.get(name)!.record.constraint];
  }

  #add(name: string, use: Use): void {
    const uses = this.#uses.get(name);
    if (uses === undefined) this.#uses.set(name, [use]);
    else uses.push(use);
  }

  /** One name on modifiers that cannot share a parameter. */
  checkReuse(): void {
    for (const [name, uses] of this.#uses) {
      const first = uses[0]!;
      const record = types.get(first.type)!;
      const other = uses.find(({ type }) => types.get(type)!.family !== record.family);
      if (other === undefined) this.#note(record.checkUses?.(name, uses, this.#found.get(name)!.size));
      else {
        this.#note({
          code: "spec.nameReuse",
          path: `${other.path}.name`,
          expected: `${quote(name)} only on modifiers of type ${record.family}, as at ${first.path}`,
          got: `a ${other.type}`,
          remedy: "give one of them another name",
        });
      }
    }
  }

  /** Configurations twice for one parameter, of attributes it has not, or of the wrong length. */
  checkConfigurations(configurations: readonly ParameterSpec<unknown, unknown>[]): void {
    const seen = new Set<string>();
    configurations.forEach((configuration, i) => {
      if (this.#report.full) return;
      const { name } = configuration;
      if (seen.has(name)) {
        this.#report.fail(
          "spec.duplicate",
          "one configuration for each parameter",
          `a second for ${quote(name)}`,
          "merge them",
          i,
        );
      }
      seen.add(name);
      const parameter = this.#found.get(name);
      const custom = this.#custom.get(name);
      this.#report.within(i, () => {
        if (parameter !== undefined) this.#configuration(configuration, parameter);
        else if (custom !== undefined) this.#configuration(configuration, { type: custom, size: 1 });
      });
    });
  }

  #configuration(
    configuration: ParameterSpec<unknown, unknown>,
    { type, record, size }: Pick<Laid<ModifierRecord>, "type" | "size"> & { record?: ModifierRecord },
  ): void {
    const report = this.#report;
    for (const key of ["inits", "bounds", "auxdata", "factors", "sigmas"] as const) {
      const value = configuration[key];
      if (value === undefined) continue;
      if (record?.configurable.includes(key) === false) {
        const names = record.configurable.join(", ");
        report.fail("spec.config", `only ${names} and fixed for a ${type}`, key, `remove ${key}`, key);
        continue;
      }
      const length = report.length(value);
      if (length !== size) {
        const wanted = `${count(size, "value")} for ${type} ${quote(configuration.name)}`;
        report.fail("spec.length", wanted, String(length), "give one for each component", key);
      } else if (key === "bounds") this.#bounds(configuration.bounds!);
    }
  }

  #bounds(bounds: readonly (readonly unknown[])[]): void {
    bounds.forEach((pair, i) => {
      const [low, high] = pair.map((value) => this.#report.known(value) ?? 0);
      const ordered = low !== undefined && high !== undefined && low <= high;
      if (pair.length === 2 && (ordered || pair.some((value) => this.#report.known(value) === undefined)))
        return;
      const got = pair.length === 2 ? `[${low}, ${high}]` : count(pair.length);
      this.#report.fail(
        "spec.bounds",
        "a lower and an upper bound",
        got,
        "give the smaller one first",
        "bounds",
        i,
      );
    });
  }

  /** Configurations that parameters cannot be without. */
  checkNeeded(configurations: readonly ParameterSpec<unknown, unknown>[]): void {
    for (const [name, { record }] of this.#found) {
      if (record.checkConfiguration === undefined) continue;
      const given = configurations.find((configuration) => configuration.name === name);
      this.#note(record.checkConfiguration(given, this.#uses.get(name)![0]!.path));
    }
  }

  checkPoi(poi: string | null | undefined): void {
    const names = this.names();
    if (names.length === 0 && this.#custom.size === 0) {
      this.#note({
        code: "spec.noParameters",
        path: "$.channels",
        expected: "a modifier on at least one sample",
        got: "a model without parameters",
        remedy: 'add a normfactor "mu" to the signal',
      });
    }
    if (poi === undefined || poi === null || poi === "" || this.#custom.has(poi)) return;
    const parameter = this.#found.get(poi);
    if (parameter === undefined) {
      const all = [...names, ...this.#custom.keys()].sort(compareText);
      this.#report.fail(
        "spec.poi",
        `one of the parameters ${quoteAll(all)} as parameter of interest`,
        quote(poi),
        "choose one of them",
      );
    } else if (parameter.size > 1) {
      this.#report.fail(
        "spec.poi",
        "one number as parameter of interest",
        `${parameter.type} ${quote(poi)} with ${parameter.size} components`,
        "choose a normfactor or another single parameter",
      );
    }
  }

  #note(problem: SpecProblem | undefined): void {
    if (problem !== undefined && !this.#report.full) this.#report.problems.push(problem);
  }
}
