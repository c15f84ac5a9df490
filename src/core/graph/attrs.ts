import type { Axis } from "./axis.js";
import type { Tensor } from "./tensor.js";

/** A closed graph inside an op (the objective of a fit): inputs in, outputs out, no captures. Its values are small, or of the op's axis. */
export interface Body {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly key: string;
}

/** What no text can say, as a rule of the user's: equal to itself alone, known by a number. */
export interface Opaque {
  readonly opaque: number;
}

export type Attr = number | string | boolean | readonly number[] | readonly boolean[] | Body | Axis | Opaque;
/** Static parts of a node; an op has a type for its own. */
export type Attrs = Readonly<Record<string, Attr | undefined>>;

/** How attributes are written that have no text of their own. */
export interface AttrTexts {
  opaque(value: Opaque): string;
  body(value: Body): string;
}

const identity: AttrTexts = { opaque: (value) => `${value.opaque}`, body: (value) => value.key };

function attrText(value: Attr | undefined, texts: AttrTexts): string {
  if (value === undefined) return "";
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if ("table" in value) return value.table;
  if ("opaque" in value) return texts.opaque(value);
  return "key" in value ? `{${texts.body(value)}}` : `[${value.map((v) => attrText(v, texts)).join(",")}]`;
}

/** Attributes as text: part of a node's identity and of printed graphs. */
export function attrsKey(attrs: Attrs, texts: AttrTexts = identity): string {
  const names = Object.keys(attrs).filter((k) => attrs[k] !== undefined);
  if (names.length === 0) return "";
  return `{${names.map((k) => `${k}=${attrText(attrs[k], texts)}`).join(" ")}}`;
}
