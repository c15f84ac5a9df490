/**
 * The little of @resvg/resvg-js 2.6 that renderer.ts, png.ts and pdf.ts use; it is an optional peer, so it may be absent.
 */

declare module "@resvg/resvg-js" {
  export interface Options {
    font?: { loadSystemFonts?: boolean; fontFiles?: string[]; defaultFontFamily?: string };
    fitTo?: { mode: "zoom"; value: number };
  }

  export class Resvg {
    constructor(svg: string, options?: Options);
    render(): { asPng(): Uint8Array };
    /** The picture as SVG of paths, groups, clips and patterns only: texts are outlines. */
    toString(): string;
    /** Undefined where nothing is visible. */
    getBBox(): object | undefined;
  }
}
