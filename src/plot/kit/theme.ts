/** Colours and type. Figures name CSS variables only, so a page (or `standalone`) decides light or dark. */

/**
 * Colours of a figure. The four after `paper` are Okabe-Ito's, lighter ones on dark paper; `soft` is for weights and
 * validation; `inner` and `outer` are the bands of one and two standard deviations.
 */
export const paint = {
  ink: "var(--ink)",
  faint: "var(--faint)",
  paper: "var(--paper)",
  signal: "var(--signal)",
  background: "var(--background)",
  network: "var(--network)",
  soft: "var(--soft)",
  inner: "var(--inner)",
  outer: "var(--outer)",
} as const;

/**
 * Colours of stacked samples on either paper, told apart by everybody (M. A. Petroff, arXiv:2107.02270).
 */
export const hues = [
  "#3f90da",
  "#ffa90e",
  "#bd1f01",
  "#94a4a2",
  "#832db6",
  "#a96b59",
  "#e76300",
  "#b9ac70",
  "#717581",
  "#92dadd",
] as const;

/** The colour of the i-th sample, signal first. */
export const sampleColor = (i: number): string => [paint.signal, paint.background][i] ?? paint.faint;

export const fontFamily = '"Helvetica Neue", Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

const colors = {
  light: {
    ink: "#16191d",
    faint: "#656c76",
    rule: "#d5d9de",
    paper: "#ffffff",
    well: "#f5f6f8",
    signal: "#d55e00",
    background: "#0072b2",
    network: "#009e73",
    soft: "#cc79a7",
    inner: "#5fbf63",
    outer: "#f7dc5f",
  },
  dark: {
    ink: "#e8e8e6",
    faint: "#9aa1ab",
    rule: "#373c44",
    paper: "#14161a",
    well: "#1d2025",
    signal: "#e69f00",
    background: "#56b4e9",
    network: "#2fc79a",
    soft: "#e59ac6",
    inner: "#2f7d3b",
    outer: "#9a7d1c",
  },
};

/** "auto" follows the reader's system. */
export type Theme = "auto" | "light" | "dark";

const variables = (name: "light" | "dark"): string =>
  `${Object.entries(colors[name])
    .map(([key, value]) => `--${key}:${value};`)
    .join("")}color-scheme:${name};`;

/** The variables as CSS for `selector`; `data-theme="light" | "dark"` on it overrules the system. */
export function themeCss(selector: string): string {
  const [light, dark] = [variables("light"), variables("dark")];
  return (
    `${selector}{${light}}` +
    `@media (prefers-color-scheme:dark){${selector}:not([data-theme=light]){${dark}}}` +
    `${selector}[data-theme=dark]{${dark}}` +
    `@media print{${selector}:not([data-theme=dark]){${light}}}`
  );
}

/**
 * A figure as a file of its own. "auto" carries both themes in CSS, which browsers understand; "light" and "dark"
 * have plain colours on their paper, which every program that reads SVG understands.
 */
export function standalone(svg: string, theme: Theme = "auto"): string {
  if (theme === "auto") {
    // A page that holds it has other figures, which this style must leave alone.
    const style = `<style>${themeCss(".gradcut")}.gradcut{color:var(--ink);background:var(--paper)}</style>`;
    return svg.replace('class="figure"', 'class="figure gradcut"').replace(/^(<svg[^>]*>)/, `$1${style}`);
  }
  const palette: Record<string, string> = colors[theme];
  const paper = `<rect width="100%" height="100%" fill="${palette.paper}"/>`;
  return (
    svg
      .replace(/^(<svg[^>]*>)/, `$1${paper}`)
      .replace(/="var\(--([a-z]+)\)"/g, (_, name: string) => `="${palette[name] ?? palette.ink}"`)
      .replace(/="currentColor"/g, `="${palette.ink}"`)
      // Hatched in the ink of the theme: another figure of the page may have the other one.
      .replace(/="(url\(#)?hatch(?=[")])/g, `="$1hatch-${theme}`)
  );
}
