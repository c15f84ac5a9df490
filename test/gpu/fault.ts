/** An error of the room gpu, as its callers make it. */
export class GpuFault extends Error {
  override readonly name = "GpuFault";
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, sentence: string, fields: Readonly<Record<string, unknown>>) {
    super(sentence);
    this.code = code;
    this.fields = fields;
  }
}

export const fault = (code: string, sentence: string, fields: Readonly<Record<string, unknown>>) =>
  new GpuFault(code, sentence, fields);
