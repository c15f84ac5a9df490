import { useMemo } from "preact/hooks";
import { ask, useAnswer } from "../ask.js";
import { isSame, type Source, sourceKey } from "../documents/recipes.js";
import type { Study } from "../documents/studies.js";
import { addPicked } from "../load.js";
import { Picker } from "../parts/picker.js";
import { Select } from "../parts/select.js";
import { Working } from "../parts/working.js";
import { look, store } from "../state.js";
import { useStore } from "../store.js";
import type { Question } from "../worker/task.js";
import type { Panel, PanelProps } from "./panel.js";
import { Fits, LimitsOf, type Sides, Structure, Yields } from "./sides.js";

const none: readonly Study[] = [];

/** What a model is called: its workspace, and its signal if there is one. */
function titleOf(studies: readonly Study[], { workspace, signal }: Source): string {
  const study = studies.find((one) => one.workspace === workspace);
  const point = study?.points.find((p) => signal?.document === p.document && signal.patch === p.patch);
  const name = study?.name ?? workspace;
  return signal ? `${name} with ${point?.name ?? signal.patch ?? signal.document}` : name;
}

/** What a model can be compared with, best first. */
function othersOf(studies: readonly Study[], own: Source): Source[] {
  const plain = studies.map(({ workspace }): Source => ({ workspace, signal: null }));
  return plain.filter((one) => !isSame(one, own));
}

function Choice({ studies, own, other }: { studies: readonly Study[]; own: Source; other: Source | null }) {
  const study = studies.find(({ workspace }) => workspace === other?.workspace);
  const places = studies.filter(({ workspace, points }) => workspace !== own.workspace || points.length > 0);
  const key = (document: string, patch: string | null) =>
    sourceKey({ workspace: study!.workspace, signal: { document, patch } });
  return (
    <div class="bar">
      {places.length > 0 ? (
        <Select
          label="Compare with"
          value={other?.workspace ?? ""}
          options={[
            ...(other ? [] : [{ value: "", text: "choose" }]),
            ...places.map(({ workspace, name }) => ({ value: workspace, text: name })),
          ]}
          change={(workspace) => look({ other: workspace === "" ? null : { workspace, signal: null } })}
        />
      ) : (
        <span class="faint">There is nothing to compare with: make an edit, or</span>
      )}
      {other && study && study.points.length > 0 ? (
        <Select
          label="Its signal"
          value={other.signal ? sourceKey(other) : ""}
          options={[
            { value: "", text: "none (background only)" },
            ...study.points.map(({ document, patch, name }) => ({ value: key(document, patch), text: name })),
          ]}
          change={(chosen) => {
            const point = study.points.find(({ document, patch }) => key(document, patch) === chosen);
            const signal = point ? { document: point.document, patch: point.patch } : null;
            look({ other: { ...other, signal } });
          }}
        />
      ) : null}
      {other ? (
        <button
          type="button"
          onClick={() =>
            look({
              ...{ other: own, workspace: other.workspace, signal: other.signal },
              ...{ measurement: null, channel: null, pars: {} },
            })
          }
        >
          Swap
        </button>
      ) : null}
      <Picker label="Add a workspace" main={false} pick={(files) => void addPicked(files)} />
    </div>
  );
}

function Answers({ left, right, sides }: { left: Question; right: Question; sides: Sides }) {
  const [ours, theirs] = [
    useAnswer("fit", left, { question: left, now: true }),
    useAnswer("fit", right, { question: right, now: true }),
  ];
  return (
    <>
      {(
        [
          [left, ours, "Fitting"],
          [right, theirs, "Fitting the other"],
        ] as const
      ).map(([question, answer, what]) => (
        <Working
          key={what}
          {...{ answer, task: "fit", args: question, what }}
          again={() => void ask("fit", question, { question })}
        />
      ))}
      {ours?.status === "done" && theirs?.status === "done" ? (
        <Fits left={ours.result} right={theirs.result} sides={sides} />
      ) : null}
    </>
  );
}

/** Limits are looked for where both sides have them. */
function Bounds({ left, right, sides }: { left: Question; right: Question; sides: Sides }) {
  const level = useStore(store, ({ view }) => view.level);
  const asked = useMemo(() => [left, right].map((question) => ({ question, level })), [left, right, level]);
  const [first, second] = asked as [(typeof asked)[number], (typeof asked)[number]];
  const [ours, theirs] = [
    useAnswer("limit", first, { question: left, now: true }),
    useAnswer("limit", second, { question: right, now: true }),
  ];
  const [a, b] = [ours, theirs].map((answer) =>
    answer?.status === "done" ? answer.result : answer?.status === "running" ? answer.part : null,
  );
  return (
    <>
      {(
        [
          [first, ours, "Looking for the limit"],
          [second, theirs, "Looking for the limit of the other"],
        ] as const
      ).map(([args, answer, what]) => (
        <Working
          key={what}
          {...{ answer, task: "limit", args, what }}
          again={() => void ask("limit", args, { question: args.question })}
        />
      ))}
      {a && b ? <LimitsOf left={a} right={b} sides={sides} /> : null}
    </>
  );
}

function Both({ left, right, sides }: { left: Question; right: Question; sides: Sides }) {
  const args = useMemo(() => ({ left, right }), [left, right]);
  const options = { question: left, also: [right], now: true, fast: true };
  const answer = useAnswer("compare", args, options);
  return (
    <>
      <Working
        {...{ answer, task: "compare", args, what: "Comparing" }}
        again={() => void ask("compare", args, options)}
      />
      {answer?.status === "done" ? (
        <>
          <Structure found={answer.result} sides={sides} />
          <Yields found={answer.result} sides={sides} />
          <Answers left={left} right={right} sides={sides} />
          {answer.result.without.every((why) => why === null) ? (
            <Bounds left={left} right={right} sides={sides} />
          ) : null}
        </>
      ) : null}
    </>
  );
}

function Compare({ question }: PanelProps) {
  const studies = useStore(store, ({ drop }) => drop?.studies ?? none);
  const asked = useStore(store, ({ view }) => view.other);
  const own = useMemo((): Source => ({ workspace: question.workspace, signal: question.signal }), [question]);
  const known = asked && studies.some(({ workspace }) => workspace === asked.workspace) ? asked : null;
  const other = known && !isSame(known, own) ? known : (othersOf(studies, own)[0] ?? null);
  const key = other ? sourceKey(other) : null;
  const right = useMemo((): Question | null => (other ? { ...other, measurement: null } : null), [key]);
  const sides = useMemo((): Sides => {
    const [left, theirs] = [titleOf(studies, own), other ? titleOf(studies, other) : ""];
    return { left, right: theirs === left ? `${theirs} (2)` : theirs };
  }, [studies, own, key]);
  return (
    <>
      <Choice studies={studies} own={own} other={other} />
      {right ? (
        <>
          <p class="answer sides">
            <b>{sides.left}</b> <span class="faint">here, against</span> <b>{sides.right}</b>{" "}
            <span class="faint">there</span>
          </p>
          <Both left={question} right={right} sides={sides} />
        </>
      ) : null}
    </>
  );
}

/** Two workspaces side by side, or one before and after an edit or a patch. */
export const compare: Panel = { id: "compare", title: "Compare", needs: () => null, View: Compare };
