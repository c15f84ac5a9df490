/** Names of one kind, each with what becomes of it. */

import { useState } from "preact/hooks";
import { short } from "../parts/number.js";

/** A name and what is said of it. */
export interface NameRow {
  readonly name: string;
  readonly cells: readonly (string | number)[];
  /** Whether it goes for another reason than its own, such as its type. */
  readonly gone?: boolean;
}

export interface NamesProps {
  /** As "Channels". */
  readonly title: string;
  readonly id: string;
  readonly heads: readonly string[];
  readonly rows: readonly NameRow[];
  /** Names that go; without, there is no choice of them. */
  readonly removed?: readonly string[];
  remove?(names: readonly string[]): void;
  /** New names; without, none can be given. */
  readonly renamed?: Readonly<Record<string, string>>;
  rename?(names: Readonly<Record<string, string>>): void;
  /** Above new names. */
  readonly renameTitle?: string;
  /** What one button adds to all names that are shown. */
  readonly suffix?: string;
}

/** More are found by their names. */
const most = 200;
/** From so many on there is a search. */
const searched = 12;

function Row({ row, props, gone }: { row: NameRow; props: NamesProps; gone: boolean }) {
  const { name, cells } = row;
  const { removed, remove, renamed, rename, title } = props;
  const what = title.toLowerCase();
  const renew = (text: string) => {
    const { [name]: _, ...others } = renamed ?? {};
    rename?.(text === "" || text === name ? others : { ...others, [name]: text });
  };
  return (
    <tr data-gone={gone ? "" : undefined} data-name={name}>
      {removed ? (
        <td class="tick">
          <input
            type="checkbox"
            checked={!gone}
            disabled={row.gone}
            aria-label={`Keep ${name} of ${what}`}
            onChange={() =>
              remove?.(removed.includes(name) ? removed.filter((one) => one !== name) : [...removed, name])
            }
          />
        </td>
      ) : null}
      <th scope="row" title={name}>
        {name}
      </th>
      {cells.map((cell, i) => (
        <td key={i} class={typeof cell === "number" ? "number" : undefined}>
          {typeof cell === "number" ? short(cell) : cell}
        </td>
      ))}
      {renamed ? (
        <td>
          <input
            type="text"
            class="name"
            aria-label={`New name of ${name} of ${what}`}
            value={renamed[name] ?? ""}
            placeholder={name}
            disabled={gone}
            spellcheck={false}
            onChange={({ currentTarget }) => renew(currentTarget.value.trim())}
          />
        </td>
      ) : null}
    </tr>
  );
}

/** A table of names: a tick keeps one, a text renames it. */
export function Names(props: NamesProps) {
  const { title, id, heads, rows, removed, remove, renamed, rename, suffix } = props;
  const [typed, setTyped] = useState("");
  const wanted = typed.trim().toLowerCase();
  const found = rows.filter(({ name, cells }) =>
    [name, ...cells].some((text) => String(text).toLowerCase().includes(wanted)),
  );
  const away = new Set(removed);
  const free = found.filter(({ gone }) => !gone).map(({ name }) => name);
  const left = rows.filter(({ name, gone }) => !gone && !away.has(name)).length;
  return (
    <section class="block names" aria-labelledby={`names-${id}`} data-names={id}>
      <header>
        <h2 id={`names-${id}`}>
          {title}{" "}
          <span class="faint count">{left === rows.length ? rows.length : `${left} of ${rows.length}`}</span>
        </h2>
        <span class="downloads">
          {rows.length > searched ? (
            <input
              type="search"
              class="small"
              value={typed}
              placeholder="Search"
              aria-label={`Search ${title.toLowerCase()}`}
              onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          ) : null}
          {suffix ? (
            <button
              type="button"
              class="small"
              aria-label={`Add ${suffix} to all ${title.toLowerCase()} that are shown`}
              onClick={() =>
                rename?.({
                  ...renamed,
                  ...Object.fromEntries(found.map(({ name }) => [name, name + suffix])),
                })
              }
            >
              Add {suffix} to all
            </button>
          ) : null}
          {removed && rows.length > 1 ? (
            <>
              <button
                type="button"
                class="small"
                aria-label={`Keep all ${title.toLowerCase()} that are shown`}
                onClick={() => remove?.(removed.filter((name) => !free.includes(name)))}
              >
                All
              </button>
              <button
                type="button"
                class="small"
                aria-label={`Keep none of the ${title.toLowerCase()} that are shown`}
                onClick={() => remove?.([...new Set([...removed, ...free])])}
              >
                None
              </button>
            </>
          ) : null}
        </span>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys. */}
      <section class="scroll" tabIndex={0} aria-label={`${title}: names`}>
        <table>
          <thead>
            <tr>
              {removed ? (
                <th scope="col">
                  <span class="hidden">keep</span>
                </th>
              ) : null}
              {heads.map((head, i) => (
                <th
                  key={head}
                  scope="col"
                  class={typeof rows[0]?.cells[i - 1] === "number" ? "number" : undefined}
                >
                  {head}
                </th>
              ))}
              {renamed ? <th scope="col">{props.renameTitle ?? "new name"}</th> : null}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, most).map((row) => (
              <Row key={row.name} row={row} props={props} gone={(row.gone ?? false) || away.has(row.name)} />
            ))}
          </tbody>
        </table>
      </section>
      {found.length > most ? (
        <p class="note">
          {most} of {found.length}; search for the others.
        </p>
      ) : null}
    </section>
  );
}
