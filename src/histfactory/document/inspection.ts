import { type Constraint, Parameters } from "./constraints.js";
import { namesOf } from "./edit.js";
import { compareText } from "./exactnumber.js";
import { Report } from "./problems.js";
import type { WorkspaceSpec } from "./specs.js";

/** What `pyhf inspect` says of a workspace, with its keys and orders. */
export interface Inspection {
  readonly channels: readonly (readonly [name: string, bins: number])[];
  readonly samples: readonly string[];
  /** Type by name; of two types, the one that sorts last. */
  readonly modifiers: Readonly<Record<string, string>>;
  readonly parameters: readonly (readonly [name: string, constraint: Constraint])[];
  readonly systematics: readonly (readonly [
    name: string,
    constraint: Constraint,
    types: readonly string[],
  ])[];
  readonly measurements: readonly (readonly [name: string, poi: string, parameters: readonly string[]])[];
}

/** The summary of a valid workspace. */
export function inspect(workspace: WorkspaceSpec<unknown, unknown>): Inspection {
  const report = new Report();
  const names = namesOf(workspace);
  const bins = new Map(
    workspace.channels.map(({ name, samples }) => [name, report.length(samples[0]!.data) ?? 0]),
  );
  const table = new Parameters(workspace.channels, report);
  const types = new Map<string, string[]>();
  for (const [name, type] of names.modifiers) types.set(name, [...(types.get(name) ?? []), type]);
  return {
    channels: names.channels.map((name) => [name, bins.get(name)!]),
    samples: names.samples,
    modifiers: Object.fromEntries(names.modifiers),
    parameters: table.names().map((name) => [name, table.constraint(name)]),
    systematics: table.names().map((name) => [name, table.constraint(name), types.get(name)!]),
    measurements: workspace.measurements.map(({ name, config }) => [
      name,
      config.poi,
      config.parameters.map((parameter) => parameter.name),
    ]),
  };
}

/** The summary as `pyhf inspect` prints it; the first measurement, which is the default, is marked. */
export function inspectionText(summary: Inspection): string {
  const { channels, samples, modifiers, parameters, systematics, measurements } = summary;
  const named = [...channels, ...parameters, ...measurements].map(([name]) => name);
  const width = Math.max(...[...named, ...samples].map(length));
  const line = (...cells: string[]) => cells.join("  ");
  const right = (text: string) => padded(text, width, "right");
  const rule = "-".repeat(10);
  const counts: readonly (readonly [string, number])[] = [
    ["channels", channels.length],
    ["samples", samples.length],
    ["parameters", parameters.length],
    ["modifiers", Object.keys(modifiers).length],
  ];
  const wide = (text: string) => padded(text, width + "Summary".length, "right");
  return [
    line(wide("     Summary     "), ""),
    line(wide("-".repeat(18)), ""),
    ...counts.map(([name, count]) => line(right(name), String(count))),
    "",
    line(right("channels"), padded("nbins", 5, "centre")),
    line(right(rule), padded("-----", 5, "centre")),
    ...channels.map(([name, bins]) => line(right(name), padded(String(bins), 5, "centre"))),
    "",
    right("samples"),
    right(rule),
    ...samples.map(right),
    "",
    line(right("parameters"), padded("constraint", 22, "left"), "modifiers"),
    line(right(rule), padded(rule, 22, "left"), rule),
    ...systematics.map(([name, constraint, types]) =>
      line(right(name), padded(constraint, 22, "left"), [...types].sort(compareText).join(",")),
    ),
    "",
    line(right("measurement"), padded("poi", 22, "centre"), "parameters"),
    line(right(rule), padded(rule, 22, "centre"), rule),
    ...measurements.map(([name, poi, configured]) =>
      line(
        right(name === measurements[0]![0] ? `(*) ${name}` : name),
        padded(poi, 22, "centre"),
        configured.join(",") || "(none)",
      ),
    ),
    "",
    "",
  ].join("\n");
}

/** Python's length of a text: code points. */
function length(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number, side: "left" | "right" | "centre"): string {
  const space = Math.max(0, width - length(text));
  const before = side === "left" ? 0 : side === "right" ? space : Math.floor(space / 2);
  return `${" ".repeat(before)}${text}${" ".repeat(space - before)}`;
}
