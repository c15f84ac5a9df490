/** What a document is, told by its shape. Its rules are checked when something is asked of it. */

/** A patch of a set. */
export interface NamedPatch {
  readonly name: string;
  readonly values: readonly (number | string)[];
}

/** What stands in a document, in short. */
export type Content =
  | {
      readonly kind: "workspace";
      readonly channels: number;
      readonly bins: number;
      readonly measurements: readonly string[];
    }
  | {
      readonly kind: "patchset";
      readonly labels: readonly string[];
      readonly patches: readonly NamedPatch[];
      readonly digests: readonly string[];
    }
  | { readonly kind: "patch" }
  | { readonly kind: "other"; readonly why: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Why a text is no JSON, as far as its beginning and its end tell. */
function notJson(text: string, error: unknown): string {
  const start = text.trimStart();
  if (start === "") return "it is empty";
  if (start.startsWith("<"))
    return "it is a web page, not JSON: its address leads to a page about the file; take the address of the download itself";
  if (!/^[[{]/.test(start)) return "it is not JSON";
  if (endsWithin(text)) return "it is cut off in the middle; download it again";
  return `its JSON is damaged (${error instanceof Error ? error.message : String(error)})`;
}

/** Whether a text of JSON ends within a string or between brackets. */
function endsWithin(text: string): boolean {
  let [depth, quoted] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === "\\") i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === "[" || c === "{") depth++;
    else if (c === "]" || c === "}") depth--;
  }
  return quoted || depth > 0;
}

function workspace(document: Record<string, unknown>): Content {
  const channels = listOf(document.channels).filter(isObject);
  const bins = channels.map(({ samples }) => {
    const first = listOf(samples)[0];
    return isObject(first) ? listOf(first.data).length : 0;
  });
  const measurements = listOf(document.measurements).map((one) => (isObject(one) ? textOf(one.name) : ""));
  return {
    kind: "workspace",
    channels: channels.length,
    bins: bins.reduce((a, b) => a + b, 0),
    measurements,
  };
}

function patchset(document: Record<string, unknown>): Content {
  const metadata = isObject(document.metadata) ? document.metadata : {};
  const patches = listOf(document.patches).map((patch): NamedPatch => {
    const about = isObject(patch) && isObject(patch.metadata) ? patch.metadata : {};
    const values = listOf(about.values).filter((v) => typeof v === "number" || typeof v === "string");
    return { name: textOf(about.name), values };
  });
  const digests = isObject(metadata.digests) ? Object.values(metadata.digests).map(textOf) : [];
  return { kind: "patchset", labels: listOf(metadata.labels).map(textOf), patches, digests };
}

/** What a text is. */
export function recognise(text: string): Content {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { kind: "other", why: notJson(text, error) };
  }
  if (isObject(document) && "channels" in document && "measurements" in document) return workspace(document);
  if (isObject(document) && "patches" in document && "metadata" in document) return patchset(document);
  if (Array.isArray(document) && document.every((one) => isObject(one) && "op" in one && "path" in one))
    return { kind: "patch" };
  if (isObject(document) && "distributions" in document && "domains" in document)
    return { kind: "other", why: "it is HS3, which this page does not read; it reads pyhf's workspaces" };
  return { kind: "other", why: "it is JSON, but neither a workspace nor patches of one" };
}
