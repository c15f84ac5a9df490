/** The frame of a figure: from values on its axes to places on the paper, and the marks that stand there. */

import { element, type SvgNode } from "./svg.js";

export type Point = readonly [x: number, y: number];

/** From a value to pixels; NaN where a logarithmic axis has no place for it. */
export type Scale = (value: number) => number;

export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** The number of its clip path. */
  readonly clip: number;
}

/** What stands in a frame; nothing where none of it has a place. */
export interface Mark {
  /** Whether it is cut off at the frame. */
  readonly clip: boolean;
  draw(frame: Frame): SvgNode | undefined;
}

/** The scale from `domain` to `range`; `log` takes the logarithm of both ends, which are positive then. */
export function scale(domain: Point, range: Point, log = false): Scale {
  const map = log ? (x: number) => Math.log(x) : (x: number) => x;
  const [low, high] = [map(domain[0]), map(domain[1])];
  return (value) => {
    const t = (map(value) - low) / (high - low);
    return range[0] * (1 - t) + range[1] * t;
  };
}

/** The clip path of a frame. */
export const clipPath = ({ clip, left, right, top, bottom }: Frame): SvgNode =>
  element(
    "clipPath",
    { id: clip },
    element("rect", { x: left, y: top, width: right - left, height: bottom - top }),
  );
