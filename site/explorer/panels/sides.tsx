/** Differences, yields and fits of two models beside one another. */

import { useMemo } from "preact/hooks";
import { Block } from "../parts/block.js";
import type { Drawn } from "../parts/figure.js";
import { short } from "../parts/number.js";
import { Select } from "../parts/select.js";
import type { Sheet } from "../parts/sheet.js";
import { look, store } from "../state.js";
import { useStore } from "../store.js";
import type { Compared } from "../worker/tasks/compare.js";
import type { Fitted } from "../worker/tasks/fit.js";
import type { Limits } from "../worker/tasks/limit.js";
import type { ChannelYields } from "../worker/tasks/yields.js";
import { fluctuations } from "./limit.js";

/** Names of both sides, as heads of tables; equal ones are told apart. */
export interface Sides {
  readonly left: string;
  readonly right: string;
}

/** Things that bear the name of a channel. */
const ofChannel: ReadonlySet<string> = new Set(["channel", "observation"]);

export function Structure({ found, sides }: { found: Compared; sides: Sides }) {
  const sheet = useMemo(
    (): Sheet => ({
      id: "differences",
      heads: ["what", "channel", "sample", "name", sides.left, sides.right],
      rows: found.differences.map(({ kind, channel, sample, name, left, right }) => [
        kind,
        ofChannel.has(kind) ? name : channel,
        kind === "sample" ? name : sample,
        name,
        left ?? "not there",
        right ?? "not there",
      ]),
    }),
    [found, sides],
  );
  const same = found.digests[0] === found.digests[1];
  return (
    <Block
      title={same ? "No difference" : `${sheet.rows.length} differences`}
      id="differences"
      sheet={sheet.rows.length > 0 ? sheet : undefined}
      json={found.differences}
    >
      <dl class="facts">
        {found.shared.map(([kind, left, both, right]) => (
          <div key={kind}>
            <dt>{kind}</dt>
            <dd data-shared={kind} data-counts={`${left} ${both} ${right}`}>
              {both} <span class="faint">in both</span>
              {left > 0 ? (
                <>
                  , {left} <span class="faint">here only</span>
                </>
              ) : null}
              {right > 0 ? (
                <>
                  , {right} <span class="faint">there only</span>
                </>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
      {same ? <p class="note">Both have the same content: their digests are equal.</p> : null}
      {!same && sheet.rows.length === 0 ? (
        <p class="note">They differ in the order of their parts alone.</p>
      ) : null}
    </Block>
  );
}

/** One number for each sample, its colour and its place in the stack on both sides. */
function huesOf(found: Compared): Map<string, number> {
  const names = [...found.left, ...found.right].flatMap(({ samples }) => samples.map(({ name }) => name));
  return new Map([...new Set(names)].map((name, i) => [name, i]));
}

const drawnOf =
  (one: ChannelYields, hues: Map<string, number>, bold: string): Drawn =>
  (plot, { theme, width }) =>
    plot.yields(
      {
        ...one,
        samples: one.samples
          .map((sample) => ({ ...sample, hue: hues.get(sample.name)! }))
          .sort((a, b) => a.hue - b.hue),
        uncertainty: one.total.map(() => 0),
        when: "before the fit",
      },
      {
        theme,
        bold,
        text: "",
        size: { width, height: Math.min(420, 200 + width * 0.4) },
      },
    );

/** How much the events of a channel change, relatively. */
function changeOf({ total }: ChannelYields, other: ChannelYields): number {
  const [a, b] = [total, other.total].map((values) => values.reduce((x, y) => x + y, 0)) as [number, number];
  return a === b ? 0 : Math.abs(b - a) / Math.max(Math.abs(a), Math.abs(b));
}

const relative = (from: number, to: number): number | null => (from === 0 ? null : to / from - 1);

export function Yields({ found, sides }: { found: Compared; sides: Sides }) {
  const wanted = useStore(store, ({ view }) => view.channel);
  const both = found.left.filter(({ channel }) => found.right.some((one) => one.channel === channel));
  const most = useMemo(() => {
    const other = new Map(found.right.map((one) => [one.channel, one]));
    const change = (one: ChannelYields) => changeOf(one, other.get(one.channel)!);
    return both.reduce<ChannelYields | null>((a, b) => (a && change(a) >= change(b) ? a : b), null);
  }, [found]);
  const name = both.find(({ channel }) => channel === wanted)?.channel ?? most?.channel;
  const [left, right] = [found.left, found.right].map((all) => all.find(({ channel }) => channel === name));
  const figures = useMemo(() => {
    if (!left || !right) return null;
    const hues = huesOf(found);
    return [drawnOf(left, hues, sides.left), drawnOf(right, hues, sides.right)] as const;
  }, [left, right, sides]);
  const sheet = useMemo(
    (): Sheet => ({
      id: "changes",
      heads: ["bin", sides.left, sides.right, "difference", "change in %", "data", "data there"],
      rows: both.flatMap(({ channel, total, data }) => {
        const other = found.right.find((one) => one.channel === channel)!;
        if (other.total.length !== total.length) return [];
        return total.map((n, i) => {
          const change = relative(n, other.total[i]!);
          return [
            ...[`${channel} ${i + 1}`, n, other.total[i]!, other.total[i]! - n],
            ...[change === null ? null : 100 * change, data[i]!, other.data[i]!],
          ];
        });
      }),
    }),
    [found, sides],
  );
  const unlike = both.filter(
    ({ channel, total }) => found.right.find((one) => one.channel === channel)!.total.length !== total.length,
  );
  if (!left || !right || !figures)
    return <p class="note">No channel is in both: there are no yields to compare bin by bin.</p>;
  return (
    <>
      {both.length > 1 ? (
        <div class="bar">
          <Select
            label="Channel"
            value={name!}
            options={both.map(({ channel }) => channel)}
            change={(channel) => look({ channel })}
          />
        </div>
      ) : null}
      <div class="columns">
        <Block title={`${name} here`} id="yields-left" drawn={figures[0]} json={left} />
        <Block title={`${name} there`} id="yields-right" drawn={figures[1]} json={right} />
      </div>
      {unlike.map(({ channel }) => (
        <p class="notice" key={channel}>
          {channel} has other bins there; its yields are not compared.
        </p>
      ))}
      <Block
        title="Expected events, bin by bin"
        id="changes"
        sheet={sheet}
        json={{ left: found.left, right: found.right }}
      >
        <p class="note">Before the fit; differences and changes are from here to there.</p>
      </Block>
    </>
  );
}

/** So many pairs have room in a picture. */
const mostPulls = 20;

/** Pulls of both fits under one another, the most different ones. */
function pullsOf(left: Fitted, right: Fitted): Drawn | undefined {
  const others = new Map(right.pulls.map((pull) => [pull.name, pull]));
  const pairs = left.pulls.flatMap((own) => {
    const other = others.get(own.name);
    return other ? [{ own, other, shift: Math.abs(other.pull - own.pull) }] : [];
  });
  const shown = new Set([...pairs].sort((a, b) => b.shift - a.shift).slice(0, mostPulls));
  const pulls = pairs
    .filter((pair) => shown.has(pair))
    .flatMap(({ own, other }) => [
      { ...own, name: `${own.name}, here` },
      { ...other, name: `${own.name}, there` },
    ]);
  if (pulls.length === 0) return undefined;
  return (plot, { theme, width }) =>
    plot.pulls(
      { pulls, of: 2 * pairs.length },
      { theme, bold: "Pulls", text: "", size: { width, height: 110 + 18 * pulls.length } },
    );
}

const bestOf = (fitted: Fitted, name: string): readonly [best: number | null, stdev: number | null] => {
  const i = fitted.names.indexOf(name);
  return i < 0 ? [null, null] : [fitted.x[i]!, fitted.stdev[i]!];
};

export function Fits({ left, right, sides }: { left: Fitted; right: Fitted; sides: Sides }) {
  const sheet = useMemo((): Sheet => {
    const names = [...new Set([...left.names, ...right.names])];
    return {
      id: "fits",
      heads: ["parameter", sides.left, "± σ", sides.right, "± σ there", "shift / σ"],
      rows: names.map((name) => {
        const [[a, da], [b, db]] = [bestOf(left, name), bestOf(right, name)];
        const shift = a !== null && b !== null && da !== null && da > 0 ? (b - a) / da : null;
        return [name, a, da, b, db, shift];
      }),
    };
  }, [left, right, sides]);
  const drawn = useMemo(() => pullsOf(left, right), [left, right]);
  return (
    <Block title="Fits" id="fits" drawn={drawn} sheet={sheet} json={{ left, right }} open>
      <p class="note">
        −2 log L = <data value={String(left.value)}>{left.value.toPrecision(9)}</data> here,{" "}
        <data value={String(right.value)}>{right.value.toPrecision(9)}</data> there. The shift is in standard
        deviations of the fit here.
      </p>
    </Block>
  );
}

export function LimitsOf({ left, right, sides }: { left: Limits; right: Limits; sides: Sides }) {
  const sheet = useMemo((): Sheet => {
    const both = [
      ["observed", left.observed, right.observed] as const,
      ...fluctuations.map((name, i) => [`expected ${name}`, left.expected[i]!, right.expected[i]!] as const),
    ];
    return {
      id: "both-limits",
      heads: ["limit", sides.left, sides.right, "change in %"],
      rows: both.map(([name, a, b]) => {
        const change = relative(a, b);
        return [name, a, b, change === null ? null : 100 * change];
      }),
    };
  }, [left, right, sides]);
  const percent = short(100 * left.level);
  return (
    <Block title={`Upper limits at ${percent} %`} id="both-limits" sheet={sheet} json={{ left, right }}>
      {left.poi === right.poi ? null : (
        <p class="notice">
          They are limits of {left.poi} here, and of {right.poi} there.
        </p>
      )}
    </Block>
  );
}
