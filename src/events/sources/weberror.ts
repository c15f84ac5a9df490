import { DataError, type DataErrorCode } from "../dataerror.js";
import { shownAddress } from "./address.js";

/** What to do where a page cannot get a file itself. */
const instead = "Download the file, and give it as a File.";

/** What a status of HTTP says about a file; by ranges where there is no sentence of its own. */
const statuses: Readonly<Record<number, readonly [DataErrorCode, string]>> = {
  401: ["data.unreadable", `The server wants to know who asks (401). ${instead}`],
  403: ["data.unreadable", `The server does not let you read this (403). ${instead}`],
  404: ["data.missingFile", "There is no such file on the server (404)."],
  410: ["data.missingFile", "The file is no longer on the server (410)."],
  429: ["data.unreadable", "The server was asked too often (429); wait, and read it again."],
};

/** The error for an answer that brings no bytes. */
export function wrongStatus(status: number, address: string): DataError {
  const [code, sentence] = statuses[status] ?? [
    "data.unreadable",
    status >= 500
      ? `The server has failed (${status}); read it again later.`
      : `The server answers with the status ${status}, and without the file. ${instead}`,
  ];
  return new DataError(code, sentence, { file: shownAddress(address) });
}

/** The error where no answer came: `fetch` itself tells pages nothing, so that they learn nothing of other sites. */
export function noAnswer(error: unknown, address: string): DataError {
  const { host, origin } = new URL(address);
  const own = globalThis.location?.origin;
  const elsewhere = own !== undefined && own !== origin;
  const reason = reasonOf(error);
  const cannot = `${host} cannot be reached${reason ? ` (${reason})` : ""}`;
  const sentence = elsewhere
    ? `${cannot}, or this page may not read from it: the server must allow that (CORS: it sends no Access-Control-Allow-Origin for ${own}), and so must the policy of the page (connect-src). ${instead}`
    : `${cannot}.`;
  return new DataError("data.unreadable", sentence, { file: shownAddress(address) }, { cause: error });
}

/** What Node says beyond "fetch failed". */
function reasonOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!(cause instanceof Error)) return undefined;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

/** The error of bytes that did not come. */
export function webError(sentence: string, address: string, cause?: unknown): DataError {
  const options = cause === undefined ? {} : { cause };
  return new DataError("data.unreadable", sentence, { file: shownAddress(address) }, options);
}

/** The error of an answer with another part of the file. */
export const otherBytes = (address: string): DataError =>
  webError("The server sent other bytes of the file than those it was asked for.", address);

/** Throws for a page in place of the file, as servers send that want somebody to log in. */
export function refusePage({ headers }: Response, bytes: Uint8Array, address: string): void {
  if (!/^text\/html\b/i.test(headers.get("content-type") ?? "")) return;
  if (!/^\s*</.test(new TextDecoder().decode(bytes.subarray(0, 64)))) return;
  const sentence = `The server sends a page (text/html) and not the file, perhaps to log in. ${instead}`;
  throw webError(sentence, address);
}
