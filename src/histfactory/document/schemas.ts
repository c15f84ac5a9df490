import { checkChoice, checkOptions, type Known } from "../../core/options.js";
import { modifierRecords, modifierTypes } from "../modifiers/index.js";
import type { Exact } from "./exactnumber.js";
import type { Json } from "./json.js";
import type { PatchSetDocument } from "./patchset.js";
import {
  constant,
  describe,
  list,
  meant,
  type NumberKinds,
  number,
  numbers,
  pattern,
  Report,
  type Rule,
  record,
  text,
  truth,
} from "./problems.js";
import type { SpecProblem } from "./specerror.js";
import type { ModelSpec, PatchOperation } from "./specs.js";
import type { WorkspaceDocument } from "./workspace.js";
import { isObject } from "./writejson.js";

/** What passes the schemas. */
interface Documents {
  readonly workspace: WorkspaceDocument;
  readonly model: ModelSpec<Exact>;
  readonly measurement: unknown;
  readonly patchset: PatchSetDocument;
  readonly jsonpatch: readonly PatchOperation<Json>[];
}

/** The schemas of pyhf 1.0.0. */
export type SchemaName = keyof Documents;

/** What a schema lets pass beyond pyhf. */
export interface ValidateOptions extends NumberKinds {
  /** Further modifier types (custom ones); their data are not looked at. */
  readonly modifiers?: readonly string[] | undefined;
}

/**
 * Throws a SpecError if the value breaks pyhf's JSON schema of that name: wrong types, missing and unknown
 * keys, empty arrays. Whether lengths, names and parameters fit together is for `validateModel`.
 */
export function validate<Name extends SchemaName>(
  name: Name,
  value: unknown,
  options: ValidateOptions = {},
): asserts value is Documents[Name] {
  checkAsked("validate", name, options);
  const report = new Report(options);
  schema(name, options)(value, report);
  report.settle();
}

/** What {@link validate} would throw, as a list; empty if all is well. */
export function schemaProblems(
  name: SchemaName,
  value: unknown,
  options: ValidateOptions = {},
): readonly SpecProblem[] {
  checkAsked("schemaProblems", name, options);
  const report = new Report(options);
  schema(name, options)(value, report);
  return report.problems;
}

const schemaNames: readonly SchemaName[] = ["workspace", "model", "measurement", "patchset", "jsonpatch"];

/** Options of all checks. */
export const validateOptions: Known<ValidateOptions> = { modifiers: true, scalar: true, vector: true };

function checkAsked(caller: string, name: SchemaName, options: ValidateOptions): void {
  checkChoice(`the schema of ${caller}()`, name, schemaNames);
  checkOptions(caller, options, validateOptions);
}

/** The rule of a schema. */
export function schema(name: SchemaName, { modifiers = [] }: ValidateOptions = {}): Rule {
  switch (name) {
    case "workspace":
      return workspace(modifiers);
    case "model":
      return model(modifiers);
    case "measurement":
      return measurement;
    case "patchset":
      return patchset;
    case "jsonpatch":
      return jsonpatch;
  }
}

const version = constant("1.0.0", 'write "version": "1.0.0", the only version of the format there is');

const shapes: ReadonlyMap<string, Rule> = new Map(
  modifierTypes.map((type) => {
    const { data, name } = modifierRecords[type];
    return [type, numbered(data, name && constant(name.only, name.remedy))];
  }),
);

function numbered(data: Rule, name: Rule = text): Rule {
  return record("a modifier", { name, type: text, data }, ["name", "type", "data"]);
}

function modifier(custom: readonly string[]): Rule {
  const known: readonly string[] = [...modifierTypes, ...custom];
  const other = record("a modifier", { name: text, type: text }, ["name", "type"], true);
  return (value, report) => {
    const type = isObject(value) ? value.type : undefined;
    const own = typeof type === "string" ? shapes.get(type) : undefined;
    if (typeof type !== "string") numbered(() => {})(value, report);
    else if (custom.includes(type)) other(value, report);
    else if (own !== undefined) own(value, report);
    else {
      report.fail(
        "spec.modifierType",
        `one of the types ${known.join(", ")}`,
        describe(type),
        meant(type, known, "correct the type"),
        "type",
      );
    }
  };
}

function channels(custom: readonly string[]): Rule {
  const modifiers = list("modifiers", modifier(custom), 0);
  const sample = record("a sample", { name: text, data: numbers, modifiers }, ["name", "data", "modifiers"]);
  const samples = list("samples", sample);
  return list("channels", record("a channel", { name: text, samples }, ["name", "samples"]));
}

const parameters = list(
  "parameter configurations",
  record(
    "a parameter configuration",
    {
      name: text,
      inits: numbers,
      bounds: list("pairs of numbers", list("numbers", number, 0)),
      auxdata: numbers,
      factors: numbers,
      sigmas: numbers,
      fixed: truth,
    },
    ["name"],
  ),
  0,
);

const measurement = record(
  "a measurement",
  {
    name: text,
    config: record("the configuration of a measurement", { poi: text, parameters }, ["poi", "parameters"]),
  },
  ["name", "config"],
);

const observation = record("an observation", { name: text, data: numbers }, ["name", "data"]);

function model(custom: readonly string[]): Rule {
  return record("a model", { channels: channels(custom), parameters }, ["channels"]);
}

function workspace(custom: readonly string[]): Rule {
  return record(
    "a workspace",
    {
      channels: channels(custom),
      measurements: list("measurements", measurement),
      observations: list("observations", observation),
      version,
    },
    ["channels", "measurements", "observations", "version"],
  );
}

/** Keys beyond those an operation needs are allowed, as RFC 6902 has it. */
const operation: Rule = (value, report) => {
  const op = isObject(value) ? value.op : undefined;
  const any: Rule = () => {};
  if (op === undefined) {
    record("an operation", { op: text, path: text }, ["op", "path"], true)(value, report);
  } else if (op === "add" || op === "replace" || op === "test") {
    record("an operation", { path: text, value: any }, ["path", "value"], true)(value, report);
  } else if (op === "remove") {
    record("an operation", { path: text }, ["path"], true)(value, report);
  } else if (op === "move" || op === "copy") {
    record("an operation", { path: text, from: text }, ["path", "from"], true)(value, report);
  } else {
    report.fail(
      "spec.value",
      "add, remove, replace, move, copy or test",
      describe(op),
      "correct the operation",
      "op",
    );
  }
};

const jsonpatch = list("operations", operation, 0);

const word = pattern(/^\w+$/, "a text of letters, digits and underscores");
const labelValue: Rule = (value, report) => {
  if (typeof value !== "string" && !report.isNumber(value)) {
    report.fail("spec.type", "a number or a text", describe(value), "give the value of the label");
  }
};

const patch = record(
  "a patch",
  {
    metadata: record(
      "the metadata of a patch",
      { name: word, values: list("values", labelValue, 0) },
      ["name", "values"],
      true,
    ),
    patch: jsonpatch,
  },
  ["metadata", "patch"],
);

/** At least one of these keys. */
function some(what: string, fields: Readonly<Record<string, Rule>>): Rule {
  const rule = record(what, fields, []);
  return (value, report) => {
    if (isObject(value) && Object.keys(value).length === 0) {
      report.fail(
        "spec.empty",
        `one of the keys ${Object.keys(fields).join(", ")}`,
        "an empty object",
        "add one",
      );
    } else rule(value, report);
  };
}

const patchset = record(
  "a patch set",
  {
    version,
    patches: list("patches", patch),
    metadata: record(
      "the metadata of a patch set",
      {
        references: some("the references", {
          hepdata: pattern(/^ins\d{7}$/, 'a text such as "ins1234567", with 7 digits'),
        }),
        digests: some("the digests", {
          md5: pattern(/^[a-f\d]{32}$/, "32 hexadecimal digits"),
          sha256: pattern(/^[a-fA-F\d]{64}$/, "64 hexadecimal digits"),
        }),
        labels: list("labels", word),
        description: text,
      },
      ["references", "digests", "labels", "description"],
      true,
    ),
  },
  ["patches", "metadata", "version"],
);
