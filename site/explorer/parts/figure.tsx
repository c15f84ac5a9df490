/** A figure of the library, in the page. */

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { store } from "../state.js";
import { useStore } from "../store.js";

export type Plot = typeof import("gradcut/plot");
export type Drawn = (plot: Plot, look: { theme: "light" | "dark"; width: number }) => string;

let loaded: Plot | null = null;
let loading: Promise<Plot> | null = null;
/** The library's figures, which the page loads when it draws the first one. */
export const loadPlot = (): Promise<Plot> => {
  loading ??= import("gradcut/plot").then((plot) => {
    loaded = plot;
    return plot;
  });
  return loading;
};

const dark = matchMedia("(prefers-color-scheme: dark)");

/** The theme in which figures are drawn now. */
export function useTheme(): "light" | "dark" {
  const theme = useStore(store, ({ view }) => view.theme);
  const [system, setSystem] = useState(dark.matches);
  useEffect(() => {
    const listener = () => setSystem(dark.matches);
    dark.addEventListener("change", listener);
    return () => dark.removeEventListener("change", listener);
  }, []);
  return theme === "auto" ? (system ? "dark" : "light") : theme;
}

/** What a picture may be made of. Names of a file stand in it as text; nothing else of a file does. */
const harmless = new Set(
  "svg g defs pattern clipPath path line rect circle ellipse polygon polyline text tspan title desc image".split(
    " ",
  ),
);

/** The picture of SVG text, without anything that acts. */
export function pictureOf(svg: string): SVGSVGElement {
  const root = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  for (const element of [root, ...root.querySelectorAll("*")]) {
    if (!harmless.has(element.localName)) throw new Error(`a figure has an element ${element.localName}`);
    for (const { name, value } of [...element.attributes])
      if (/^on/i.test(name) || /script:/i.test(value) || name === "style") element.removeAttribute(name);
    // The whole has a name as an image; its parts have no role that could carry one.
    if (element !== root) element.removeAttribute("aria-label");
  }
  return document.importNode(root, true) as unknown as SVGSVGElement;
}

/** Pixels of width that an element has. */
function useWidth(): [ref: { current: HTMLDivElement | null }, width: number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current!;
    const measure = () => setWidth(Math.floor(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

/** Draws again when the data, the theme or the room change; `drawn` must be the same function for the same data. */
export function Figure({ drawn, least = 0, most = 720 }: { drawn: Drawn; least?: number; most?: number }) {
  const theme = useTheme();
  const [ref, room] = useWidth();
  const [plot, setPlot] = useState<Plot | null>(loaded);
  const [fault, setFault] = useState<string | null>(null);
  // What has long names beside it needs room, and is scrolled where there is less.
  const width = room < 100 ? room : Math.max(least, Math.min(room, most));
  useEffect(() => {
    if (plot === null) void loadPlot().then((p) => setPlot(() => p));
  }, []);
  useLayoutEffect(() => {
    if (plot === null || width < 100) return;
    try {
      ref.current!.replaceChildren(pictureOf(drawn(plot, { theme, width })));
      setFault(null);
    } catch (error) {
      ref.current!.replaceChildren();
      setFault(error instanceof Error ? error.message : String(error));
    }
  }, [drawn, plot, theme, width]);
  return (
    <>
      <div
        class="figure"
        ref={ref}
        {...(width > room ? { tabIndex: 0, role: "group", "aria-label": "Figure" } : {})}
      />
      {fault === null ? null : <p class="notice">{fault}</p>}
    </>
  );
}

/** The same as a file. */
export const svgFile = (name: string, drawn: Drawn) => ({
  name,
  kind: "svg" as const,
  content: () => (loaded ? drawn(loaded, { theme: "light", width: 640 }) : ""),
});
