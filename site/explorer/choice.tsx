/** Which model is looked at: a workspace, a signal, a measurement. */

import type { Study } from "./documents/studies.js";
import { Select } from "./parts/select.js";
import { type Drop, look } from "./state.js";
import { useViewed } from "./viewed.js";

const signalKey = (document: string, patch: string | null): string => JSON.stringify([document, patch]);

export function Choice({
  drop,
  study,
  measurements,
}: {
  drop: Drop;
  study: Study;
  measurements: readonly string[];
}) {
  const signal = useViewed("signal");
  const measurement = useViewed("measurement");
  const keyOf = ({ document, patch }: NonNullable<typeof signal>) => signalKey(document, patch);
  const choose = (workspace: string) => {
    const other = drop.studies.find((one) => one.workspace === workspace);
    const name = study.points.find((p) => signal !== null && keyOf(p) === keyOf(signal))?.name;
    const same = other?.points.find((p) => p.name === name);
    const next = same ? { document: same.document, patch: same.patch } : null;
    look({ workspace, signal: next, measurement: null, channel: null, pars: {} });
  };
  const chooseSignal = (key: string) => {
    const point = study.points.find((p) => keyOf(p) === key);
    look({ signal: point ? { document: point.document, patch: point.patch } : null, pars: {} });
  };
  return (
    <div class="choice">
      {drop.studies.length > 1 ? (
        <Select
          label="Workspace"
          value={study.workspace}
          options={drop.studies.map(({ workspace, name }) => ({ value: workspace, text: name }))}
          change={choose}
        />
      ) : null}
      {study.points.length > 0 ? (
        <Select
          label="Signal"
          value={signal ? keyOf(signal) : ""}
          options={[
            { value: "", text: "none (background only)" },
            ...study.points.map((p) => ({ value: keyOf(p), text: p.name })),
          ]}
          change={chooseSignal}
        />
      ) : null}
      {measurements.length > 1 ? (
        <Select
          label="Measurement"
          value={measurement ?? measurements[0]!}
          options={measurements}
          change={(name) => look({ measurement: name, pars: {} })}
        />
      ) : null}
    </div>
  );
}
