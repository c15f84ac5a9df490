// What pyhf's own tests refuse of specifications, patches and workspaces: each is refused here too.

import { beforeAll } from "vitest";
import { digest } from "../../src/histfactory/document/digest.js";
import { patchWorkspace, readPatch, readPatchSet } from "../../src/histfactory/document/patchset.js";
import * as g from "../kit/library.js";
import {
  build,
  channel,
  configured,
  example,
  type Json,
  mu,
  normsys,
  type Row,
  read,
  refuses,
  sample,
  simple,
  untyped,
  withModifier,
  without,
  workspace,
} from "../kit/refusals.js";

beforeAll(() => g.init());

refuses("specifications", specifications);
refuses("patches and sets of them", patches);
refuses("workspaces", workspaces);

function specifications(): Row[] {
  const twice = [channel([sample("a", [1], [mu])]), channel([sample("b", [1], [mu])])];
  const settings: [Json, string][] = [
    [{ inits: ["a"] }, "spec.type"],
    [{ bounds: [0, 1] }, "spec.type"],
    [{ auxdata: ["a"] }, "spec.type"],
    [{ factors: ["a"] }, "spec.type"],
    [{ factors: [0] }, "spec.config"],
    [{ paramset_type: "fake" }, "spec.unknownKey"],
    [{ n_parameters: 5 }, "spec.unknownKey"],
    [{ op_code: "fake" }, "spec.unknownKey"],
    [{ inits: [1, 2] }, "spec.length"],
    [{ fixed: [true, false] }, "spec.type"],
  ];
  return [
    ["no channels", () => build([]), "spec.empty"],
    ["no samples", () => build([channel([])]), "spec.empty"],
    ["no data", () => build([channel([sample("a", [])])]), "spec.empty"],
    ["no name", () => build([channel([{ data: [1], modifiers: [] }])]), "spec.missing"],
    ["no modifiers", () => build([channel([sample("a", [10])])]), "spec.noParameters"],
    ["channels of one name", () => build(twice), "spec.duplicate"],
    [
      "samples of one name",
      () => build([channel([sample("a", [1], [mu]), sample("a", [1])])]),
      "spec.duplicate",
    ],
    ["modifiers of one name", () => build([channel([sample("a", [1], [mu, mu])])]), "spec.duplicate"],
    ["a modifier of no type", withModifier({ name: "x", type: "nosuch", data: [1] }), "spec.modifierType"],
    ["empty staterror", withModifier({ name: "x", type: "staterror", data: [] }), "spec.empty"],
    ["empty shapesys", withModifier({ name: "x", type: "shapesys", data: [] }), "spec.empty"],
    [
      "empty histosys",
      withModifier({ name: "x", type: "histosys", data: { lo_data: [], hi_data: [] } }),
      "spec.empty",
    ],
    ...["staterror", "shapesys"].map(
      (type): Row => [
        `other bins of ${type}`,
        withModifier({ name: "x", type, data: [1, 2] }),
        "spec.length",
      ],
    ),
    [
      "other bins of histosys",
      withModifier({ name: "x", type: "histosys", data: { lo_data: [1, 2], hi_data: [1] } }),
      "spec.length",
    ],
    [
      "a key too many in histosys",
      withModifier({ name: "x", type: "histosys", data: { hi_data: [1], lo_data: [0.5], foo: 2 } }),
      "spec.unknownKey",
    ],
    [
      "a key too many in normsys",
      withModifier({ ...normsys, data: { hi: 1, lo: 1, foo: 2 } }),
      "spec.unknownKey",
    ],
    ["a key too many", () => build([channel([sample("b", [5], [mu])])], {}, { fake: 2 }), "spec.unknownKey"],
    ["parameters as object", configured({ a: "fake" }), "spec.type"],
    ["a parameter twice", configured([{ name: "mu" }, { name: "mu" }]), "spec.duplicate"],
    ...settings.map(
      ([given, code]): Row => [
        `a parameter with ${JSON.stringify(given)}`,
        configured([{ name: "mu", ...given }]),
        code,
      ],
    ),
    ["another version", () => read(simple({ version: "1.1.0" })), "spec.value"],
  ];
}

const patch = (name: string, values: unknown): Json => ({
  metadata: { name, values },
  patch: [{ op: "add", path: "/foo", value: 1 }],
});

const patchSet = (metadata: Json = {}, patches: unknown[] = [patch("a", [1])]): Json => ({
  metadata: {
    ...{ name: "p", description: "d", references: { hepdata: "ins1234567" }, labels: ["x"] },
    digests: { sha256: digest(read(simple()).document, "sha256") },
    ...metadata,
  },
  patches,
  version: "1.0.0",
});

function patches(): Row[] {
  const operation = (given: unknown) => () => readPatch([given]);
  const set = (metadata: Json, patches?: unknown[]) => () => readPatchSet(patchSet(metadata, patches));
  const missing = (...path: (string | number)[]): Row => [
    `a set without ${path.join(".")}`,
    () => readPatchSet(without(patchSet(), ...path)),
    "spec.missing",
  ];
  const good = readPatchSet(patchSet());
  const other = () => read(simple({ observations: [{ name: "c", data: [6, 9] }] }));
  const fake = untyped<Parameters<typeof patchWorkspace>[1]>([{ op: "fake", path: "/channels" }]);
  good.verify(read(simple()));
  return [
    ["no operation", operation({ path: "/a" }), "spec.missing"],
    ["an unknown operation", operation({ op: "fake", path: "/a" }), "spec.value"],
    ["add from", operation({ op: "add", path: "/a", from: { foo: [1] } }), "spec.missing"],
    ["add without a value", operation({ op: "add", path: "/a" }), "spec.missing"],
    ["add without a path", operation({ op: "add", value: 1 }), "spec.missing"],
    ["remove without a path", operation({ op: "remove" }), "spec.missing"],
    ["move from nowhere", operation({ op: "move", path: "/a" }), "spec.missing"],
    ["move to nowhere", operation({ op: "move", from: "/a" }), "spec.missing"],
    ...[
      ...[["version"], ["metadata", "digests"], ["metadata", "description"], ["metadata", "labels"]],
      ...[
        ["patches", 0, "metadata", "name"],
        ["patches", 0, "metadata", "values"],
        ["metadata", "references"],
      ],
    ].map((path) => missing(...path)),
    ["labels with spaces", set({ labels: ["x y"] }), "spec.value"],
    ["digests that are none", set({ digests: { md5: "a" } }), "spec.value"],
    ["a reference that is none", set({ references: { hepdata: "1234" } }), "spec.value"],
    ["no patches", set({}, []), "spec.empty"],
    ["a value that is an array", set({}, [patch("a", [[1]])]), "spec.type"],
    ["patches of one name", set({}, [patch("a", [1]), patch("a", [2])]), "patch.duplicate"],
    ["patches of the same values", set({}, [patch("a", [1]), patch("b", [1])]), "patch.duplicate"],
    ["more values than labels", set({}, [patch("a", [1, 2])]), "patch.values"],
    ["an unknown patch", () => good.patch("nope"), "patch.lookup"],
    ["unknown values", () => good.patch([7]), "patch.lookup"],
    ["another workspace", () => good.verify(other()), "patch.digest"],
    ["a patch of another workspace", () => good.apply(other(), "a"), "patch.digest"],
    ["no workspace", () => good.verify(untyped({})), "workspace.type"],
    ["nothing to verify", () => good.verify(untyped(undefined)), "workspace.type"],
    ["nothing to apply to", () => good.apply(untyped(null), "a"), "workspace.type"],
    ["a workspace that is no longer one", () => good.apply(read(simple()), "a"), "spec.unknownKey"],
    ["an operation that was not read", () => patchWorkspace(read(simple()), fake), "spec.value"],
    ["the same for a model", () => read(simple()).model({ patches: [fake] }), "spec.value"],
    ["operations in place of patches", () => read(simple()).model({ patches: untyped(fake) }), "spec.type"],
    ["patches as text", () => read(simple()).model({ patches: untyped("x") }), "option.value"],
    ["a patch of nothing", () => patchWorkspace(untyped({}), []), "workspace.type"],
  ];
}

function workspaces(): Row[] {
  const renamed = (o: Json) => workspace().rename(untyped(o));
  const apart = { channels: { SR: "a", CR: "b" } };
  const combine = (right: () => unknown, options: Json) => () =>
    workspace().combine(untyped(right()), untyped(options));
  const changed = (names: Json, change: (document: ReturnType<typeof simple>) => void) => () => {
    const copy = JSON.parse(renamed(names).write()) as ReturnType<typeof simple>;
    change(copy);
    return read(copy);
  };
  const bounded = (names: Json, high: number) =>
    changed(names, ({ measurements }) => {
      measurements[0]!.config.parameters = [{ name: "mu", bounds: [[0, high]] }];
    });
  const [left, right] = [bounded({}, 1)(), bounded(apart, 2)];
  const observed = changed({}, ({ observations }) => {
    observations[0]!.data[0] = -10;
  });
  const prune = (given: Json) => () => workspace().prune(untyped(given));
  const parts = {
    channels: "SR",
    samples: "signal",
    modifiers: "mu",
    modifierTypes: "lumi",
    measurements: "main",
  };
  return [
    ["an unknown measurement", () => workspace().measurement("nonexist"), "workspace.measurement"],
    ["a measurement number 9999", () => workspace().measurement(9999), "workspace.measurement"],
    ["a measurement that is null", () => workspace().measurement(untyped(null)), "workspace.measurement"],
    ["no measurements", () => read(simple({ measurements: [] })), "spec.empty"],
    ...Object.keys(parts).map(
      (key): Row => [`no such ${key}`, prune({ [key]: ["fake"] }), "workspace.unknownName"],
    ),
    ...Object.entries(parts).map(
      ([key, name]): Row => [`${key} as text`, prune({ [key]: name }), "option.value"],
    ),
    ["nothing left of channels", prune({ channels: ["SR", "CR"] }), "spec.empty"],
    ["nothing left of measurements", prune({ measurements: ["main"] }), "spec.empty"],
    ["a list of the wrong name", prune({ modifier_kinds: ["normsys"] }), "option.unknown"],
    ["a new name for nothing", () => renamed({ channels: { fake: "x" } }), "workspace.unknownName"],
    ...(["none", "outer"] as const).flatMap((join): Row[] => [
      [
        `channels that differ, ${join}`,
        combine(() => renamed({ samples: { signal: "z" } }), { join }),
        "workspace.conflict",
      ],
      [
        `other parameters of interest, ${join}`,
        combine(() => renamed({ ...apart, modifiers: { mu: "z" } }), { join }),
        "workspace.conflict",
      ],
      [`other configurations, ${join}`, () => left.combine(right(), { join }), "workspace.conflict"],
      [`other observations, ${join}`, combine(observed, { join }), "workspace.conflict"],
    ]),
    ["an unknown join", combine(() => renamed(apart), { join: "fake" }), "workspace.join"],
    [
      "a join that merges nothing",
      combine(() => renamed(apart), { join: "none", mergeChannels: true }),
      "workspace.join",
    ],
    ["half of one", combine(() => ({}), {}), "workspace.type"],
    ["data of no model", () => workspace().data(untyped({})), "workspace.type"],
    ["samples by another name", () => read({ channels: [{ name: "c", samples_wrong: [] }] }), "spec.missing"],
    ["an unknown option", () => g.readWorkspace(example, untyped({ abc: true })), "option.unknown"],
    ["no observations", () => read(simple({ observations: [] })).model(), "spec.empty"],
    [
      "observations of other bins",
      () => {
        const given = read(simple({ observations: [{ name: "c", data: [1] }] }));
        return given.data(given.model());
      },
      "spec.length",
    ],
  ];
}
