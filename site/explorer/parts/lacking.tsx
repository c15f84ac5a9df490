/** Why a panel has nothing to show, and the way on. */

import type { Study } from "../documents/studies.js";
import { look } from "../state.js";

export function Lacking({ why, study }: { why: string; study: Study }) {
  const [first] = study.points;
  return (
    <p class="notice">
      {why}{" "}
      {first ? (
        <button
          type="button"
          onClick={() => look({ signal: { document: first.document, patch: first.patch }, pars: {} })}
        >
          Take {first.name}
        </button>
      ) : null}
    </p>
  );
}
