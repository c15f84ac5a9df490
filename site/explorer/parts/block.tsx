/** A part of a panel: a picture, its numbers as a table, and both as files. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { Downloads, jsonOf, type Made } from "./download.js";
import { show } from "./everything.js";
import { type Drawn, Figure, svgFile } from "./figure.js";
import { csvOf, type Sheet, Table } from "./sheet.js";

export interface BlockProps {
  readonly title: string;
  /** Names files. */
  readonly id: string;
  readonly drawn?: Drawn | undefined;
  readonly sheet?: Sheet | undefined;
  readonly json?: unknown;
  /** Whether the table is open from the start. */
  readonly open?: boolean;
  /** Pixels of width that the figure needs. */
  readonly least?: number;
  /** What choosing a row of the table does. */
  act?(row: Sheet["rows"][number]): void;
  readonly children?: ComponentChildren;
}

export function Block({ title, id, drawn, sheet, json, open = false, least = 0, act, children }: BlockProps) {
  const files = useMemo(
    (): Made[] => [
      ...(drawn ? [svgFile(id, drawn)] : []),
      ...(sheet ? [{ name: id, kind: "csv" as const, content: () => csvOf(sheet) }] : []),
      ...(json === undefined ? [] : [{ name: id, kind: "json" as const, content: () => jsonOf(json) }]),
    ],
    [drawn, sheet, json, id],
  );
  useEffect(() => show(id, { title, files, drawn, sheet }), [id, title, files, drawn, sheet]);
  return (
    <section class="block" aria-labelledby={`block-${id}`} data-block={id}>
      <header>
        <h2 id={`block-${id}`}>{title}</h2>
        <Downloads files={files} />
      </header>
      {children}
      {drawn ? <Figure drawn={drawn} least={least} /> : null}
      {sheet && drawn ? (
        <details open={open}>
          <summary>Numbers</summary>
          <Table sheet={sheet} />
        </details>
      ) : null}
      {sheet && !drawn ? <Table sheet={sheet} {...(act ? { act } : {})} /> : null}
    </section>
  );
}
