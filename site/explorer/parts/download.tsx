/** Files that the page makes. */

/** A file by its kind. */
export interface Made {
  readonly name: string;
  readonly kind: "json" | "svg" | "csv";
  content(): string | Promise<string>;
}

const types = { json: "application/json", svg: "image/svg+xml", csv: "text/csv" } as const;

/** What a file is called where all files are. */
export const fileName = ({ name, kind }: Pick<Made, "name" | "kind">): string =>
  `${name.replace(/[^A-Za-z0-9_.-]+/g, "_").slice(0, 80)}.${kind}`;

export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

async function save(file: Made): Promise<void> {
  saveBlob(new Blob([await file.content()], { type: types[file.kind] }), fileName(file));
}

/** Numbers in typed arrays become lists; those that are none become null, as JSON has it. */
export const jsonOf = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, v: unknown) =>
      ArrayBuffer.isView(v)
        ? Array.from(v as unknown as ArrayLike<number>)
        : v instanceof Map
          ? Object.fromEntries(v)
          : v,
    2,
  );

export function Downloads({ files }: { files: readonly Made[] }) {
  return (
    <span class="downloads">
      {files.map((file) => (
        <button
          key={file.kind}
          type="button"
          class="small"
          aria-label={`Download ${file.name} as ${file.kind.toUpperCase()}`}
          onClick={() => void save(file)}
        >
          {file.kind.toUpperCase()}
        </button>
      ))}
    </span>
  );
}
