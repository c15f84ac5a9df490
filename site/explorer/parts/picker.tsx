/** A button that asks for files. */

import { useRef } from "preact/hooks";

export function Picker({
  label,
  main = true,
  pick,
}: {
  label: string;
  main?: boolean;
  pick(files: readonly File[]): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class={main ? "main" : undefined} onClick={() => input.current!.click()}>
        {label}
      </button>
      <input
        ref={input}
        class="hidden"
        type="file"
        multiple
        tabIndex={-1}
        aria-label={`Files: ${label}`}
        accept=".json,.gz,.tgz,.tar,.zip,.txt,.md,application/json,application/gzip,application/zip"
        onChange={({ currentTarget }) => {
          pick([...(currentTarget.files ?? [])]);
          currentTarget.value = "";
        }}
      />
    </>
  );
}
