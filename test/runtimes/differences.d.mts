interface Answers {
  readonly runs: Readonly<Record<string, { bits: Readonly<Record<string, string>>; error?: string }>>;
  readonly says: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly name: string;
  readonly says: Readonly<Record<string, unknown>>;
  readonly refuses?: boolean;
}

export function differences(
  place: Place,
  found: Partial<Answers> & { readonly error?: string },
  reference: Answers,
): string[];
