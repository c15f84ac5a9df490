// The little of @resvg/resvg-js 2.6 that png.ts uses; it is an optional peer, so it may be absent.

declare module "@resvg/resvg-js" {
  export type Options = {
    font?: { loadSystemFonts?: boolean; fontFiles?: string[]; defaultFontFamily?: string };
    fitTo?: { mode: "zoom"; value: number };
  };

  export class Resvg {
    constructor(svg: string, options?: Options);
    render(): { asPng(): Uint8Array };
    /** Undefined where nothing is visible. */
    getBBox(): object | undefined;
  }
}
