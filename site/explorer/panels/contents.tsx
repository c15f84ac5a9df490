import { useMemo, useState } from "preact/hooks";
import { Block } from "../parts/block.js";
import { short } from "../parts/number.js";
import type { Sheet } from "../parts/sheet.js";
import type { ChannelInfo } from "../worker/tasks/describe.js";
import type { Panel, PanelProps } from "./panel.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Whether any of these names has the text that is looked for. */
const has = (wanted: string, ...names: readonly string[]): boolean =>
  names.some((name) => name.toLowerCase().includes(wanted));

/** What is in channels that fits what is looked for: all of a channel or sample whose own name does. */
function filtered(channels: readonly ChannelInfo[], wanted: string): ChannelInfo[] {
  if (wanted === "") return [...channels];
  return channels.flatMap((channel) => {
    if (has(wanted, channel.name)) return [channel];
    const samples = channel.samples.flatMap((sample) => {
      if (has(wanted, sample.name)) return [sample];
      const modifiers = sample.modifiers.filter(({ name, type }) => has(wanted, name, type));
      return modifiers.length > 0 ? [{ ...sample, modifiers }] : [];
    });
    return samples.length > 0 ? [{ ...channel, samples }] : [];
  });
}

function Tree({ channels, open }: { channels: readonly ChannelInfo[]; open: boolean }) {
  return (
    <ul class="tree">
      {channels.map((channel, i) => (
        <li key={channel.name}>
          <details open={open || i === 0}>
            <summary>
              <b>{channel.name}</b>{" "}
              <span class="faint">
                {channel.bins} {channel.bins === 1 ? "bin" : "bins"}, {short(sum(channel.observed))} observed
              </span>
            </summary>
            <ul>
              {channel.samples.map((sample) => (
                <li key={sample.name}>
                  <details open={open}>
                    <summary>
                      {sample.name}{" "}
                      <span class="faint">
                        {short(sum(sample.values))} expected, {sample.modifiers.length}{" "}
                        {sample.modifiers.length === 1 ? "modifier" : "modifiers"}
                      </span>
                    </summary>
                    <ul class="modifiers">
                      {sample.modifiers.map(({ name, type, effect }) => (
                        <li key={`${type} ${name}`}>
                          <span>{name}</span> <span class="faint">{type}</span>
                          {effect === null ? null : <span class="effect">{short(100 * effect, 2)} %</span>}
                        </li>
                      ))}
                    </ul>
                  </details>
                </li>
              ))}
            </ul>
          </details>
        </li>
      ))}
    </ul>
  );
}

/** More rows than anybody compares by eye. */
const mostRows = 60;
const steps = [0.002, 0.01, 0.03, 0.1, 0.3] as const;

/** How strong a colour stands for a relative change: 0 to 5. */
const strength = (effect: number): number => steps.filter((step) => effect >= step).length;

interface HeatRow {
  readonly name: string;
  readonly cells: readonly (number | null | undefined)[];
}

/** The largest effect of each modifier in each channel, largest first; undefined where it is not there. */
function heatOf(channels: readonly ChannelInfo[]): HeatRow[] {
  const rows = new Map<string, (number | null | undefined)[]>();
  for (const [column, channel] of channels.entries()) {
    const total = sum(channel.samples.map(({ values }) => sum(values)));
    for (const sample of channel.samples) {
      // Of the whole channel: a large effect on a small sample is a small one.
      const share = total > 0 ? sum(sample.values) / total : 0;
      for (const { name, effect } of sample.modifiers) {
        const row = rows.get(name) ?? channels.map(() => undefined);
        const before = row[column];
        row[column] = effect === null ? (before ?? null) : (before ?? 0) + effect * share;
        rows.set(name, row);
      }
    }
  }
  const size = (row: readonly (number | null | undefined)[]) => Math.max(...row.map((v) => v ?? 0));
  return [...rows].map(([name, cells]) => ({ name, cells })).sort((a, b) => size(b.cells) - size(a.cells));
}

function HeatMap({ channels, wanted }: { channels: readonly ChannelInfo[]; wanted: string }) {
  const rows = useMemo(() => heatOf(channels), [channels]);
  const found = rows.filter(({ name }) => wanted === "" || has(wanted, name));
  const shown = found.slice(0, mostRows);
  const sheet: Sheet = {
    id: "effects",
    heads: ["modifier", ...channels.map(({ name }) => name)],
    rows: found.map(({ name, cells }) => [name, ...cells.map((v) => v ?? null)]),
  };
  return (
    <Block
      title="Effect of modifiers on channels"
      id="effects"
      json={sheet.rows.map((row) => Object.fromEntries(sheet.heads.map((h, i) => [h, row[i]])))}
    >
      <p class="note">
        Change of the events of a channel by one standard deviation, in per cent; a dot where a modifier is
        there but has no size before the fit.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll tall" tabIndex={0} aria-label="Effects by modifier and channel">
        <table class="heat">
          <thead>
            <tr>
              <th scope="col">modifier</th>
              {channels.map(({ name }) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ name, cells }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {cells.map((effect, i) => (
                  <td key={channels[i]!.name} data-strength={effect ? strength(effect) : undefined}>
                    {effect === undefined ? (
                      ""
                    ) : effect === null ? (
                      "·"
                    ) : (
                      <data value={String(effect)}>{short(100 * effect, 2)}</data>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {found.length > shown.length ? (
        <p class="note">
          The {shown.length} largest of {found.length}.
        </p>
      ) : null}
    </Block>
  );
}

function Contents({ model }: PanelProps) {
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const channels = useMemo(() => filtered(model.channels, wanted), [model, wanted]);
  const parameters = useMemo(
    (): Sheet => ({
      id: "parameters",
      heads: ["parameter", "type", "constraint", "start", "lower", "upper"],
      rows: model.parameters
        .filter(({ name, type }) => wanted === "" || has(wanted, name, type))
        .map((p) => [p.name, p.fixed ? `${p.type}, fixed` : p.type, p.constraint, p.init, p.lower, p.upper]),
    }),
    [model, wanted],
  );
  const samples = new Set(model.channels.flatMap((channel) => channel.samples.map(({ name }) => name)));
  return (
    <>
      <dl class="facts">
        {(
          [
            ["channels", model.channels.length],
            ["bins", sum(model.channels.map(({ bins }) => bins))],
            ["samples", samples.size],
            ["parameters", model.parameters.length],
          ] as const
        ).map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-fact={name}>{count}</dd>
          </div>
        ))}
        <div>
          <dt>of interest</dt>
          <dd data-fact="poi">{model.poi === null ? "none" : model.parameters[model.poi]!.name}</dd>
        </div>
      </dl>
      <label class="search">
        Search
        <input
          type="search"
          value={typed}
          placeholder="channel, sample, modifier"
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      </label>
      <div class="columns">
        <Block title="Channels" id="channels" json={channels}>
          {channels.length === 0 ? <p class="note">Nothing has “{typed}” in its name.</p> : null}
          <Tree key={wanted} channels={channels} open={wanted !== "" && channels.length < 12} />
        </Block>
        <HeatMap channels={model.channels} wanted={wanted} />
      </div>
      <Block title="Parameters" id="parameters" sheet={parameters} json={model.parameters} />
    </>
  );
}

/** Channels, samples, modifiers and parameters. */
export const contents: Panel = { id: "contents", title: "Contents", needs: () => null, View: Contents };
