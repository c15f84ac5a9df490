import { maxNesting, type Span } from "./ast.js";
import { CutError, type CutErrorCode } from "./cuterror.js";
import { nextToken, numberValue, type Token } from "./lex.js";

/** What to write instead of a symbol that stands where it cannot. */
const remedies: Readonly<Record<string, string | undefined>> = {
  "=": "Write == to compare.",
  "&": "Write && for and; bits of integers are tested by a whole number, as in jets.jetId & 4.",
  ".": "Names have letters, digits, _ and dots between, as in Muon_pt and Jet.PT; put others in backquotes.",
};

/** A place in the text of an expression: the token there, and how deep in it. Everything here throws CutErrors. */
export class Cursor {
  readonly #text: string;
  #nesting = 0;
  token: Token;

  constructor(text: string) {
    this.#text = text;
    this.token = nextToken(text, 0);
  }

  /** Takes the token and goes to the next. */
  advance(): Token {
    const token = this.token;
    this.token = nextToken(this.#text, token.end);
    return token;
  }

  /** What the first group of a pattern finds in the text from the token on. */
  ahead(pattern: RegExp): string | null {
    return pattern.exec(this.#text.slice(this.token.start, this.token.start + 40))?.[1] ?? null;
  }

  /** Takes a token of this kind; `expected` is how a person calls it. */
  expect(kind: string, expected = kind): Token {
    if (this.token.kind !== kind) this.unexpected(expected);
    return this.advance();
  }

  unexpected(expected: string): never {
    const { kind, text, ...at } = this.token;
    const found = kind === "end" ? "the text ends" : `${text.slice(0, 40)} stands`;
    const words = text === "and" || text === "or" ? "Write && for and, || for or." : undefined;
    const remedy = remedies[kind] ?? words;
    return this.fail("expr.syntax", at, `Expected ${expected}, but ${found} here.`, remedy);
  }

  /** The number here. */
  literal(): number {
    return numberValue(this.advance(), this.#text);
  }

  /** A number, with a sign or without. */
  signedLiteral(expected: string): number {
    const sign = this.token.kind === "-" || this.token.kind === "+" ? this.advance().kind : "+";
    if (this.token.kind !== "number") this.unexpected(expected);
    return sign === "-" ? -this.literal() : this.literal();
  }

  /** One level of nesting more, which is the stack of the parser. */
  enter(): void {
    if (++this.#nesting <= maxNesting) return;
    const sentence = `More than ${maxNesting} parentheses, calls or signs inside one another.`;
    this.fail("expr.tooDeep", this.token, sentence, "Give a part of it a name with a definition.");
  }

  leave(): void {
    this.#nesting--;
  }

  fail(code: CutErrorCode, { start, end }: Span, sentence: string, remedy?: string): never {
    const hint = remedy === undefined ? {} : { remedy };
    throw new CutError({ code, sentence, ...hint, text: this.#text, start, end });
  }
}
