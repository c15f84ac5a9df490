import { type Json, type JsonObject, maxDepth, setKey } from "./json.js";
import { sameJson } from "./samejson.js";
import { validate } from "./schemas.js";
import { PatchError, quote } from "./specerror.js";
import type { PatchOperation } from "./specs.js";
import { isObject } from "./writejson.js";

/** Copies of more values than this, in one patch, are refused: repeated copies double. */
const mostCopied = 1e7;
/** Elements of arrays and objects moved or copied to make room for changes, in one patch. */
const mostMoved = 2e8;

type Container = Json[] | Record<string, Json>;

/**
 * Applies a JSON patch (RFC 6902: add, remove, replace, move, copy, test) and returns the new document; the
 * old one stays as it is, and shares with the new one what did not change.
 *
 * Throws a SpecError for what is no patch, and a PatchError with the operation's index: patch.path (there is nothing at that place), patch.test
 * (another value is there), patch.move (into itself), patch.tooLarge.
 */
export function applyPatch(document: Json, patch: readonly PatchOperation<Json>[]): Json {
  validate("jsonpatch", patch);
  const draft = new Draft(document);
  patch.forEach((operation, index) => {
    draft.index = index;
    draft.operate(operation);
  });
  return draft.root;
}

const isJsonObject = (value: Json): value is JsonObject => isObject(value);

/** A document that copies a container before it first changes it. */
class Draft {
  root: Json;
  index = 0;
  #operation: PatchOperation<Json> | undefined;
  /** Containers that this draft has made and may change. */
  readonly #own = new Map<Json, Container>();
  #copied = 0;
  #moved = 0;

  constructor(root: Json) {
    this.root = root;
  }

  operate(operation: PatchOperation<Json>): void {
    this.#operation = operation;
    const path = this.#parse(operation.path);
    switch (operation.op) {
      case "add":
        this.#add(path, operation.value);
        break;
      case "remove":
        this.#remove(path);
        break;
      case "replace":
        this.#read(path);
        this.#replace(path, operation.value);
        break;
      case "test":
        if (!sameJson(this.#read(path), operation.value)) {
          throw this.#error("patch.test", `the value at ${quote(operation.path)} is another one`);
        }
        break;
      case "copy": {
        const value = this.#read(this.#parse(operation.from));
        this.#count(value);
        // What is shared from now on may no longer be changed in place.
        this.#own.clear();
        this.#add(path, value);
        break;
      }
      case "move":
        this.#move(this.#parse(operation.from), path, operation.from);
        break;
    }
  }

  #move(from: readonly string[], path: readonly string[], pointer: string): void {
    const value = this.#read(from);
    const inside = from.length <= path.length && from.every((key, i) => key === path[i]);
    if (inside && from.length === path.length) return;
    if (inside) throw this.#error("patch.move", `${quote(pointer)} cannot move into itself`);
    this.#remove(from);
    this.#add(path, value);
  }

  #add(path: readonly string[], value: Json): void {
    if (path.length === 0) {
      this.root = value;
      return;
    }
    const [parent, key] = this.#parent(path);
    if (Array.isArray(parent)) {
      const at = key === "-" ? parent.length : this.#position(key, path, parent.length);
      this.#shift(parent.length - at);
      parent.splice(at, 0, value);
    } else setKey(parent, key, value);
  }

  #remove(path: readonly string[]): void {
    this.#read(path);
    if (path.length === 0) throw this.#error("patch.path", "the whole document cannot be removed");
    const [parent, key] = this.#parent(path);
    if (Array.isArray(parent)) {
      this.#shift(parent.length - Number(key));
      parent.splice(Number(key), 1);
    } else delete parent[key];
  }

  #replace(path: readonly string[], value: Json): void {
    if (path.length === 0) {
      this.root = value;
      return;
    }
    const [parent, key] = this.#parent(path);
    if (Array.isArray(parent)) parent[Number(key)] = value;
    else setKey(parent, key, value);
  }

  /** The value at a place. */
  #read(path: readonly string[]): Json {
    let value = this.root;
    for (const key of path) value = this.#child(value, key, path);
    return value;
  }

  #child(value: Json, key: string, path: readonly string[]): Json {
    if (Array.isArray(value)) return value[this.#position(key, path, value.length - 1)]!;
    if (isJsonObject(value) && Object.hasOwn(value, key)) return value[key]!;
    throw this.#nothing(path, key);
  }

  /** The container of a place, ready to be changed, and the key in it. */
  #parent(path: readonly string[]): [Container, string] {
    let container = this.#open(this.root, path, path[0]!);
    this.root = container;
    for (let i = 0; i + 1 < path.length; i++) {
      const key = path[i]!;
      const inner = this.#open(this.#child(container, key, path), path, path[i + 1]!);
      if (Array.isArray(container)) container[Number(key)] = inner;
      else setKey(container, key, inner);
      container = inner;
    }
    return [container, path.at(-1)!];
  }

  #open(value: Json, path: readonly string[], key: string): Container {
    const own = this.#own.get(value);
    if (own !== undefined) return own;
    if (!Array.isArray(value) && !isJsonObject(value)) throw this.#nothing(path, key);
    const copy: Container = isJsonObject(value) ? { ...value } : [...value];
    this.#shift(Array.isArray(copy) ? copy.length : Object.keys(copy).length);
    this.#own.set(copy, copy);
    return copy;
  }

  /** An index of an array, at most `last`. */
  #position(key: string, path: readonly string[], last: number): number {
    if (!/^(?:0|[1-9]\d{0,15})$/.test(key) || Number(key) > last) throw this.#nothing(path, key);
    return Number(key);
  }

  #parse(pointer: string): string[] {
    if (pointer === "") return [];
    if (!pointer.startsWith("/") || /~(?![01])/.test(pointer)) {
      throw this.#error(
        "patch.path",
        `${quote(pointer)} is no JSON pointer; write it as "/channels/0/samples/-", with ~0 for ~ and ~1 for /`,
      );
    }
    return pointer
      .slice(1)
      .split("/")
      .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  }

  #shift(elements: number): void {
    this.#moved += elements;
    if (this.#moved > mostMoved)
      throw this.#error("patch.tooLarge", "the patch moves more than 2·10^8 elements");
  }

  #count(value: Json, depth = 0): void {
    if (++this.#copied > mostCopied || depth > maxDepth) {
      throw this.#error(
        "patch.tooLarge",
        `the patch copies more than 10^7 values, or deeper than ${maxDepth}`,
      );
    }
    if (Array.isArray(value)) for (const item of value) this.#count(item, depth + 1);
    else if (isJsonObject(value)) for (const item of Object.values(value)) this.#count(item, depth + 1);
  }

  #nothing(path: readonly string[], key: string): PatchError {
    const pointer = path.map((part) => `/${part.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
    return this.#error(
      "patch.path",
      `the document has nothing at ${quote(pointer, 120)} (no ${quote(key)} there); check that the patch is made for it`,
    );
  }

  #error(code: string, sentence: string): PatchError {
    const { index } = this;
    const operation = this.#operation;
    return new PatchError(code, `Operation ${index} (${operation?.op}): ${sentence}.`, {
      index,
      op: operation?.op,
      path: operation?.path,
    });
  }
}
