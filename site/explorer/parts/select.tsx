/** A choice among few with its name beside it. */

import { useId } from "preact/hooks";

export interface Option {
  readonly value: string;
  readonly text: string;
}

export function Select({
  label,
  value,
  options,
  change,
  hidden = false,
}: {
  label: string;
  value: string;
  options: readonly (Option | string)[];
  change(value: string): void;
  /** Whether the name is for screen readers alone. */
  hidden?: boolean;
}) {
  const id = useId();
  return (
    <span class="select">
      <label for={id} class={hidden ? "hidden" : undefined}>
        {label}
      </label>
      <select id={id} value={value} onChange={({ currentTarget }) => change(currentTarget.value)}>
        {options.map((option) => {
          const { value: key, text } = typeof option === "string" ? { value: option, text: option } : option;
          return (
            <option key={key} value={key}>
              {text}
            </option>
          );
        })}
      </select>
    </span>
  );
}
