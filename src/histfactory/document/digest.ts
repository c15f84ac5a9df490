import { type HashName, hash, hashNames } from "./hash.js";
import { quote, SpecError } from "./specerror.js";
import { writeJson } from "./writejson.js";

/**
 * pyhf's digest of a document: the hash of Python's `json.dumps(value, sort_keys=True, ensure_ascii=False)`
 * in UTF-8. Documents read from text keep `1.0` apart from `1`, which changes the digest; whole numbers of
 * JavaScript objects count as Python's ints.
 */
export function digest(value: unknown, algorithm: HashName = "sha256"): string {
  if (!hashNames.includes(algorithm)) {
    throw problem(
      "json.value",
      `one of the algorithms ${hashNames.join(", ")}`,
      quote(String(algorithm)),
      "choose one of them",
    );
  }
  const text = writeJson(value, { ascii: false });
  // With the u flag, a surrogate matches only if it is alone.
  if (/\p{Surrogate}/u.test(text)) {
    throw problem(
      "json.encoding",
      "text that UTF-8 can hold",
      "half of a surrogate pair",
      "correct the escape in the document",
    );
  }
  return hash(algorithm, new TextEncoder().encode(text));
}

function problem(
  code: "json.value" | "json.encoding",
  expected: string,
  got: string,
  remedy: string,
): SpecError {
  return new SpecError([{ code, path: "$", expected, got, remedy }]);
}
