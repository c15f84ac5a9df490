// Colours and type. Figures name CSS variables only, so a page (or `standalone`) decides light or dark.

/** Colours of a figure. Signal, background and network are Okabe-Ito's, lighter ones on dark paper. */
export const paint = {
  ink: "var(--ink)",
  faint: "var(--faint)",
  paper: "var(--paper)",
  signal: "var(--signal)",
  background: "var(--background)",
  network: "var(--network)",
} as const;

export const fontFamily = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

const light =
  "--ink:#16191d;--faint:#656c76;--rule:#d5d9de;--paper:#fff;--well:#f5f6f8;--signal:#d55e00;--background:#0072b2;--network:#009e73;color-scheme:light;";
const dark =
  "--ink:#e8e8e6;--faint:#9aa1ab;--rule:#373c44;--paper:#14161a;--well:#1d2025;--signal:#e69f00;--background:#56b4e9;--network:#2fc79a;color-scheme:dark;";

/** The variables as CSS for `selector`; `data-theme="light" | "dark"` on it overrules the system. */
export function themeCss(selector: string): string {
  return (
    `${selector}{${light}}` +
    `@media (prefers-color-scheme:dark){${selector}:not([data-theme=light]){${dark}}}` +
    `${selector}[data-theme=dark]{${dark}}` +
    `@media print{${selector}:not([data-theme=dark]){${light}}}`
  );
}

/** A figure as a file of its own: the theme goes into the SVG. */
export function standalone(svg: string): string {
  const style = `<style>${themeCss("svg")}svg{color:var(--ink);background:var(--paper)}</style>`;
  return svg.replace(/^(<svg[^>]*>)/, `$1${style}`);
}
