/** The part of an edit that joins a second workspace. */

import { joins, type Kind, kinds, type Recipe, sourceKey } from "../documents/recipes.js";
import type { Study } from "../documents/studies.js";
import { Picker } from "../parts/picker.js";
import { Select } from "../parts/select.js";
import type { Edited } from "../worker/tasks/edit.js";
import { Names } from "./names.js";

interface CombineProps {
  readonly recipe: Recipe;
  readonly studies: readonly Study[];
  readonly found: Edited | null;
  change(change: Partial<Recipe>): void;
}

/** Which workspace is joined, with which of its signals. */
export function With({
  recipe,
  studies,
  change,
  add,
}: Omit<CombineProps, "found"> & { add(files: readonly File[]): void }) {
  const { of, with: joined } = recipe;
  const others = studies.filter(({ workspace }) => workspace !== of.workspace);
  const second = others.find(({ workspace }) => workspace === joined?.of.workspace);
  const choose = (workspace: string) =>
    change({
      with:
        workspace === ""
          ? null
          : { of: { workspace, signal: null }, rename: {}, join: "none", mergeChannels: false },
    });
  const chooseSignal = (key: string) => {
    const point = second?.points.find((one) => keyOf(second, one) === key);
    const signal = point ? { document: point.document, patch: point.patch } : null;
    if (joined) change({ with: { ...joined, of: { ...joined.of, signal } } });
  };
  return (
    <div class="bar">
      {others.length > 0 ? (
        <Select
          label="Combine with"
          value={joined?.of.workspace ?? ""}
          options={[
            { value: "", text: "nothing" },
            ...others.map(({ workspace, name }) => ({ value: workspace, text: name })),
          ]}
          change={choose}
        />
      ) : (
        <span class="faint">To combine, add a second workspace:</span>
      )}
      {joined && second && second.points.length > 0 ? (
        <Select
          label="Its signal"
          value={joined.of.signal ? sourceKey(joined.of) : ""}
          options={[
            { value: "", text: "none (background only)" },
            ...second.points.map((point) => ({ value: keyOf(second, point), text: point.name })),
          ]}
          change={chooseSignal}
        />
      ) : null}
      <Picker label="Add a workspace" main={false} pick={add} />
    </div>
  );
}

const keyOf = ({ workspace }: Study, { document, patch }: Study["points"][number]): string =>
  sourceKey({ workspace, signal: { document, patch } });

const meaning = {
  none: "none: no name may be in both",
  outer: "outer: what has one name must be the same",
  "left outer": "left outer: of one name, the first's",
  "right outer": "right outer: of one name, the second's",
} as const;

const titles: Readonly<Record<Kind, string>> = {
  ...{ channels: "Channels in both", samples: "Samples in both" },
  ...{ modifiers: "Modifiers in both", measurements: "Measurements in both" },
};

/** What becomes of a name that both have, where it is not renamed. */
const together = (kind: Kind, { join, mergeChannels }: NonNullable<Recipe["with"]>): string => {
  switch (kind) {
    case "modifiers":
      return "one parameter";
    case "samples":
      return "one name";
    case "channels":
      if (mergeChannels) return "merged";
      break;
    case "measurements":
      break;
    default:
      return kind satisfies never;
  }
  switch (join) {
    case "none":
      return "refused";
    case "outer":
      return kind === "measurements" ? "merged" : "must be the same";
    case "left outer":
      return "the first's";
    case "right outer":
      return "the second's";
    default:
      return join satisfies never;
  }
};

/** How both are joined: the rule, and names that both have. */
export function Combine({ recipe, studies, found, change }: CombineProps) {
  const { with: joined } = recipe;
  if (!joined) return null;
  const name = studies.find(({ workspace }) => workspace === joined.of.workspace)?.name ?? "the second";
  const set = (part: Partial<typeof joined>) => change({ with: { ...joined, ...part } });
  const shared = kinds.filter((kind) => (found?.common[kind].length ?? 0) > 0);
  return (
    <section class="block" aria-labelledby="combine" data-block="combine">
      <header>
        <h2 id="combine">Combined with {name}</h2>
        {found?.second ? (
          <span class="faint">
            {found.second.channels} channels, {found.second.bins} bins, {found.second.parameters} parameters
          </span>
        ) : null}
      </header>
      <div class="bar">
        <Select
          label="Join"
          value={joined.join}
          options={joins.map((join) => ({ value: join, text: meaning[join] }))}
          change={(value) => {
            const join = joins.find((one) => one === value) ?? "none";
            set({ join, mergeChannels: join !== "none" && joined.mergeChannels });
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={joined.mergeChannels}
            disabled={joined.join === "none"}
            onChange={({ currentTarget }) => set({ mergeChannels: currentTarget.checked })}
          />
          merge channels of one name
        </label>
      </div>
      {shared.length === 0 ? <p class="note">No name is in both.</p> : null}
      <div class="columns">
        {shared.map((kind) => {
          const renamed = joined.rename[kind] ?? {};
          return (
            <Names
              key={kind}
              id={`common-${kind}`}
              title={titles[kind]}
              heads={[kind.slice(0, -1), "then"]}
              rows={found!.common[kind].map((one) => ({
                name: one,
                cells: [Object.hasOwn(renamed, one) ? "told apart" : together(kind, joined)],
              }))}
              renamed={renamed}
              renameTitle="new name in the second"
              suffix="_2"
              rename={(names) => set({ rename: { ...joined.rename, [kind]: names } })}
            />
          );
        })}
      </div>
    </section>
  );
}
