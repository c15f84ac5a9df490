import { checkOptions } from "../../core/options.js";
import { type ModifierSpec, modifierRecords } from "../modifiers/index.js";
import { Parameters } from "./constraints.js";
import { compareText } from "./exactnumber.js";
import { count, type NumberKinds, Report } from "./problems.js";
import { schema, type ValidateOptions, validateOptions } from "./schemas.js";
import { quote, quoteAll, type SpecProblem } from "./specerror.js";
import type { ChannelSpec, ModelSpec, ObservationSpec, SampleSpec } from "./specs.js";

type JsonPlace = readonly (string | number)[];

/** What a check of a model looks at besides its schema. */
export interface ModelRules extends ValidateOptions {
  /** The parameter of interest, to be checked too; none if null, empty or absent. */
  readonly poi?: string | null | undefined;
  /** JSON paths of what is checked, where it is part of a larger document. */
  readonly at?: { readonly parameters: JsonPlace; readonly poi: JsonPlace } | undefined;
  /** Whether negative expected events and uncertainties are refused. Default false, as pyhf. */
  readonly refuseNegative?: boolean | undefined;
}

/**
 * Throws a SpecError if no model can be built: the schema, and what must fit together (lengths, names used
 * twice, modifiers shared illegally, parameter configurations, the luminosity, the parameter of interest,
 * numbers that are none). Stricter than pyhf 0.7.6 where that would answer wrongly without a word: two
 * channels, samples or modifiers of one name, a shapefactor on a channel with more bins than its first, a
 * luminosity without width, bounds in the wrong order.
 */
export function validateModel(spec: unknown, options: ModelRules = {}): void {
  const report = new Report(options);
  checkModel(spec, options, report);
  report.settle();
}

/** Why no model can be built of a specification, as a list; empty if all is well. */
export function modelProblems(spec: unknown, options: ModelRules = {}): readonly SpecProblem[] {
  checkOptions("modelProblems", options, { ...validateOptions, poi: true, at: true, refuseNegative: true });
  const report = new Report(options);
  checkModel(spec, options, report);
  return report.problems;
}

function checkModel(spec: unknown, options: ModelRules, report: Report): void {
  schema("model", options)(spec, report);
  if (report.problems.length > 0) return;
  const { at = { parameters: ["parameters"], poi: [] } } = options;
  const { channels, parameters = [] } = spec as ModelSpec<unknown, unknown>;
  report.within("channels", () => {
    checkNames(channels, report);
    new Contents(report, options).check(channels);
  });
  const table = new Parameters(channels, report, options.modifiers ?? []);
  table.checkReuse();
  report.within(at.parameters, () => table.checkConfigurations(parameters));
  table.checkNeeded(parameters);
  report.within(at.poi, () => table.checkPoi(options.poi));
}

/** Channels of one name, samples of one name in a channel, modifiers of one name and type in a sample. */
export function checkNames(channels: readonly ChannelSpec<unknown, unknown>[], report: Report): void {
  unique(channels, ({ name }) => name, "channel", report);
  channels.forEach((channel, c) => {
    if (report.full) return;
    report.within(c, () =>
      report.within("samples", () => {
        unique(channel.samples, ({ name }) => name, "sample", report);
        channel.samples.forEach((sample, s) => {
          report.within(s, () =>
            report.within("modifiers", () => {
              unique(sample.modifiers, ({ name, type }) => `${type}/${name}`, "modifier", report);
            }),
          );
        });
      }),
    );
  });
}

function unique<T extends { name: string }>(
  items: readonly T[],
  key: (item: T) => string,
  what: string,
  report: Report,
): void {
  const seen = new Map<string, number>();
  items.forEach((item, i) => {
    const first = seen.get(key(item));
    if (first === undefined) seen.set(key(item), i);
    else {
      report.fail(
        "spec.duplicate",
        `another name for this ${what}${what === "modifier" ? ", or another type" : ""}`,
        `${quote(item.name)}, as at ${report.here(first)}`,
        `rename or remove one ${what}`,
        i,
        "name",
      );
    }
  });
}

/** Lengths and values of everything that has bins. */
class Contents {
  readonly #report: Report;
  readonly #refuseNegative: boolean;
  readonly #custom: readonly string[];

  constructor(report: Report, { refuseNegative = false, modifiers = [] }: ModelRules) {
    this.#report = report;
    this.#custom = modifiers;
    this.#refuseNegative = refuseNegative;
  }

  check(channels: readonly ChannelSpec<unknown, unknown>[]): void {
    const report = this.#report;
    channels.forEach((channel, c) => {
      if (report.full) return;
      const bins = report.length(channel.samples[0]!.data)!;
      report.within(c, () =>
        report.within("samples", () => {
          channel.samples.forEach((sample, s) => {
            report.within(s, () => this.#sample(sample, bins, channel));
          });
        }),
      );
    });
  }

  #sample(sample: SampleSpec<unknown, unknown>, bins: number, channel: ChannelSpec<unknown, unknown>): void {
    const report = this.#report;
    const first = channel.samples[0]!.name;
    this.#vector(sample.data, "data", bins, `as sample ${quote(first)} of the channel has`, true);
    const own = report.length(sample.data)!;
    report.within("modifiers", () => {
      sample.modifiers.forEach((modifier, m) => {
        report.within(m, () => this.#modifier(modifier, own));
      });
    });
  }

  #modifier({ type, data }: ModifierSpec<unknown, unknown>, bins: number): void {
    // Data of custom types are theirs.
    if (this.#custom.includes(type)) return;
    const report = this.#report;
    modifierRecords[type].check?.(data, {
      vector: (values, positive, ...keys) =>
        report.within(["data", ...keys].slice(0, -1), () => {
          this.#vector(values, keys.at(-1) ?? "data", bins, "as the sample has", positive);
        }),
      number: (value, ...keys) => {
        this.#value(value, false, "data", ...keys);
        const known = report.known(value);
        return known !== undefined && Number.isFinite(known) ? known : undefined;
      },
      fail: (code, expected, got, remedy, ...keys) =>
        report.fail(code, expected, got, remedy, "data", ...keys),
    });
  }

  #vector(data: unknown, key: string, bins: number, why: string, positive: boolean): void {
    const report = this.#report;
    const length = report.length(data)!;
    if (length !== bins) {
      report.fail(
        "spec.length",
        `${count(bins)}, ${why}`,
        String(length),
        "give one number for each bin",
        key,
      );
    }
    checkValues(data, report, (value, i) => this.#value(value, positive, key, i));
  }

  #value(value: unknown, positive: boolean, ...keys: (string | number)[]): void {
    checkNumber(this.#report, value, positive && this.#refuseNegative, ...keys);
  }
}

/** The check runs only for numbers it may refuse: there may be a million. */
function checkValues(data: unknown, report: Report, check: (value: unknown, i: number) => void): void {
  if (!Array.isArray(data) && !ArrayBuffer.isView(data)) return;
  const values = data as ArrayLike<unknown>;
  for (let i = 0; i < values.length && !report.full; i++) {
    const known = report.known(values[i]);
    if (known !== undefined && !(known >= 0 && known < Number.POSITIVE_INFINITY)) check(values[i], i);
  }
}

function checkNumber(
  report: Report,
  value: unknown,
  positive: boolean,
  ...keys: readonly (string | number)[]
): void {
  const known = report.known(value);
  if (known === undefined) return;
  if (!Number.isFinite(known)) {
    report.fail("spec.notFinite", "a finite number", String(known), "correct the number", ...keys);
  } else if (positive && known < 0) {
    report.fail(
      "spec.negative",
      "no negative number",
      String(known),
      "set the bin to 0, or merge it with a neighbour",
      ...keys,
    );
  }
}

/** Throws unless each channel has its observation, of its length and with finite numbers. */
export function validateObservations(
  channels: readonly ChannelSpec<unknown, unknown>[],
  observations: readonly ObservationSpec<unknown>[],
  options: NumberKinds & Pick<ModelRules, "refuseNegative"> = {},
): void {
  const report = new Report(options);
  const wanted = new Map(channels.map((channel) => [channel.name, report.length(channel.samples[0]!.data)!]));
  const seen = new Set(observations.map(({ name }) => name));
  report.within("observations", () => {
    unique(observations, ({ name }) => name, "observation", report);
    observations.forEach(({ name, data }, i) => {
      report.within(i, () => {
        const bins = wanted.get(name);
        const length = report.length(data)!;
        if (bins !== undefined && length !== bins) {
          report.fail(
            "spec.length",
            `${count(bins)}, as channel ${quote(name)} has`,
            String(length),
            "give one number for each bin",
            "data",
          );
        }
        checkValues(data, report, (value, j) =>
          checkNumber(report, value, options.refuseNegative ?? false, "data", j),
        );
      });
    });
    const missing = [...wanted.keys()].filter((name) => !seen.has(name)).sort(compareText);
    if (missing.length > 0) {
      report.fail(
        "spec.observation",
        "an observation for each channel",
        `none for ${quoteAll(missing)}`,
        "add them, or prune these channels",
      );
    }
  });
  report.settle();
}
