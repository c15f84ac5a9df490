"""The figures in test/fixtures/workspace.json, which test/histfactory/workspace.test.ts reads: what pyhf does with workspaces.

The workspaces are made here, by chance. With the archive of the ATLAS sbottom search
(pyhf-ins1748602-probability-models.tar.gz) as argument, digests of its workspaces are recorded too.

Run: python -P test/peers/workspace.py [archive] > test/fixtures/workspace.json   (needs pyhf; a minute)
     npx biome format --write test/fixtures/workspace.json
"""

import copy
import io
import json
import logging
import random
import sys
import tarfile
import tempfile

import jsonpatch
import numpy
import pyhf
from click.testing import CliRunner
from pyhf.cli import cli

logging.disable(logging.CRITICAL)
numpy.seterr(all="ignore")
chance = random.Random(20260801)
result = {
    "origin": "test/peers/workspace.py",
    "versions": {"pyhf": pyhf.__version__, "python": sys.version.split()[0]},
}


# Numbers: text, and how Python writes it after reading.

texts = ["0", "-0", "0.0", "-0.0", "1", "1.0", "10E-1", "1e5", "1E+5", "0.10", "1e15", "1e16", "1.5e16", "1e-4", "1e-5"]
texts += ["123456789012345678", "1234567890123456789012345678901234567890", "-98765432109876543210", "9007199254740993"]
texts += ["1e21", "1e22", "123456789012345680000.0", "9007199254740992.0", "9999999999999998.0", "0.00012345", "5e-324"]
texts += ["1.7976931348623157e308", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "2.5e-7", "4.35", "0.1e1", "1e0"]
for _ in range(60):
    mantissa = chance.choice([f"{chance.random():.17f}", f"{chance.random():.3f}", chance.randrange(1, 1000)])
    texts.append(f"{mantissa}e{chance.randrange(-25, 25)}")
for _ in range(20):
    texts.append(repr(chance.gauss(0, 1) * 10 ** chance.randrange(-8, 18)))
result["numbers"] = [[t, json.dumps(json.loads(t))] for t in texts]


# Documents: text, three ways to write it, digests.


def written(text):
    value = json.loads(text)
    return {
        "text": text,
        "line": json.dumps(value, sort_keys=True),
        "indented": json.dumps(value, sort_keys=True, indent=4),
        "digests": [pyhf.utils.digest(value, algorithm=a) for a in ("md5", "sha1", "sha224", "sha256")],
    }


result["documents"] = [
    written(t)
    for t in [
        "[]",
        '{"b": [], "a": {}, "": null, "B": [true, false, [[1, [2.0]]]]}',
        r'{"\u00e9": "caf\u00e9 \"\\\/\b\f\n\r\t\u0001\u007f", "é2": "ü 𝛼 \ud835\udefc"}',
        '{"\U0001d6fc": 1, "\uffee": 2, "z": 3, "Z": 4, "é": 5, "e\u0301": 6}',
        '{"a": 1, "a": 2.0, "__proto__": {"x": 1}, "constructor": null}',
        json.dumps("x" * 53),
        json.dumps("x" * 54),
        json.dumps("x" * 62),
        json.dumps(list(range(300))),
    ]
]


# Workspaces by chance. Contents follow from names and a variant, so that two workspaces may agree or not.


def spelled(x):
    """One of the ways to write a number."""
    if float(x).is_integer() and chance.random() < 0.6:
        return chance.choice([f"{int(x)}", f"{int(x)}.0", f"{int(x)}e0", f"{int(x)}.00"])
    return chance.choice([repr(float(x)), f"{x:.17g}", f"{x:.3e}"])


def text_of(value):
    """JSON text with numbers spelled by chance."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=chance.random() < 0.5)
    if isinstance(value, (int, float)):
        return spelled(value)
    if isinstance(value, list):
        return "[" + ",".join(map(text_of, value)) + "]"
    return "{" + ",".join(f"{json.dumps(k)}:{text_of(v)}" for k, v in value.items()) + "}"


def workspace(seed):
    r = random.Random(seed)
    channels, observations = [], []
    for name in r.sample(["SR", "CR low", "VR", "\uff5e", "𝛼"], r.randrange(1, 4)):
        variant = r.choice([0, 0, 0, 1])
        c = random.Random(f"{name}/{variant}")
        # Channels of one name have the same bins, so that they can be merged.
        bins = random.Random(name).randrange(1, 4)
        samples = []
        for sample in c.sample(["signal", "tt̄", "Z", "multi boson"], c.randrange(1, 4)):
            data = [c.choice([round(c.uniform(0, 90), 3), c.randrange(0, 60), 1e5, 1e-5]) for _ in range(bins)]
            modifiers = []
            if sample == "signal":
                modifiers.append({"name": "mu", "type": "normfactor", "data": None})
            if c.random() < 0.5:
                modifiers.append({"name": "lumi", "type": "lumi", "data": None})
            if c.random() < 0.5:
                modifiers.append({"name": "jes", "type": "normsys", "data": {"lo": round(c.uniform(0.8, 1), 2), "hi": 1.1}})
            if c.random() < 0.5:
                shift = {"lo_data": [0.9 * d for d in data], "hi_data": [d + 1 for d in data]}
                modifiers.append({"name": c.choice(["jes", "shape"]), "type": "histosys", "data": shift})
            if c.random() < 0.5:
                modifiers.append({"name": f"stat_{name}", "type": "staterror", "data": [d / 10 for d in data]})
            if c.random() < 0.3:
                modifiers.append({"name": f"unc_{name}_{sample}", "type": "shapesys", "data": [d / 5 for d in data]})
            if c.random() < 0.2:
                modifiers.append({"name": f"free_{name}", "type": "shapefactor", "data": None})
            c.shuffle(modifiers)
            samples.append({"name": sample, "data": data, "modifiers": modifiers})
        channels.append({"name": name, "samples": samples})
        observations.append({"name": name, "data": [c.randrange(0, 100) for _ in range(bins)]})
    r.shuffle(observations)
    measurements = []
    for name in r.sample(["main", "other", "b/a"], r.randrange(1, 3)):
        lumi = [{"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "inits": [1.0], "bounds": [[0.9, 1.1]]}]
        parameters = [
            {"name": "mu", "bounds": [[0, r.choice([5, 10])]], "fixed": False},
            {"name": "jes", "inits": [0.5]},
        ]
        parameters = lumi + r.sample(parameters, r.randrange(0, 3))
        r.shuffle(parameters)
        poi = r.choice(["mu", "mu", "mu", "lumi"])
        measurements.append({"name": name, "config": {"poi": poi, "parameters": parameters}})
    spec = {"channels": channels, "measurements": measurements, "observations": observations, "version": "1.0.0"}
    items = list(spec.items())
    r.shuffle(items)
    return text_of(dict(items))


def attempt(operation):
    """The start of a digest, or the name of the exception."""
    try:
        return pyhf.utils.digest(operation())[:16]
    except Exception as error:
        return type(error).__name__


def inspected(text):
    """What `pyhf inspect` prints and writes, or the name of the exception."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/in.json", "w", encoding="utf-8") as file:
            file.write(text)
        done = CliRunner().invoke(cli, ["inspect", f"{folder}/in.json", "--output-file", f"{folder}/out.json"])
        if done.exception is not None:
            return {"error": type(done.exception).__name__}
        with open(f"{folder}/out.json", encoding="utf-8") as file:
            return {"text": done.stdout, "json": json.load(file)}


def some(names, most=2):
    return chance.sample(sorted(names), chance.randrange(0, min(most, len(names)) + 1))


def edits(ws):
    modifiers = sorted({name for name, _ in ws.modifiers})
    for _ in range(8):
        arguments = {
            "modifiers": some(modifiers),
            "modifier_types": some(set(dict(ws.modifiers).values()), 1),
            "samples": some(ws.samples, 1),
            "channels": some(ws.channels, 1),
            "measurements": some(ws.measurement_names, 1),
        }
        if chance.random() < 0.2:
            arguments[chance.choice(list(arguments))] = ["none such"]
        yield ["prune", arguments, attempt(lambda: ws.prune(**arguments))]
    for _ in range(5):
        arguments = {
            "modifiers": {name: f"{name} é" for name in some(modifiers) if name != "lumi"},
            "samples": {name: f"new {name}" for name in some(ws.samples)},
            "channels": {name: f"0{name}" for name in some(ws.channels)},
            "measurements": {name: "__proto__" for name in some(ws.measurement_names, 1)},
        }
        if chance.random() < 0.2:
            arguments[chance.choice(list(arguments))] = {"none such": "x"}
        yield ["rename", arguments, attempt(lambda: ws.rename(**arguments))]


loaded, result["workspaces"] = [], []
for seed in range(8):
    text = workspace(seed)
    ws = pyhf.Workspace(json.loads(text))
    loaded.append(ws)
    result["workspaces"].append(
        {
            "text": text,
            "digest": pyhf.utils.digest(ws),
            "md5": pyhf.utils.digest(ws, algorithm="md5"),
            "sorted": pyhf.utils.digest(pyhf.Workspace.sorted(ws)),
            "inspect": inspected(text),
            "edits": list(edits(ws)),
        }
    )

result["combinations"] = [
    [i, j, join, merge, attempt(lambda: pyhf.Workspace.combine(left, right, join=join, merge_channels=merge))]
    for i, left in enumerate(loaded)
    for j, right in enumerate(loaded)
    for join in pyhf.Workspace.valid_joins
    for merge in (False, True)
    if (i * 3 + j) % 5 < 2
]


# What pyhf refuses: one workspace with everything, and patches that break it.

sound = {
    "channels": [
        {
            "name": "SR",
            "samples": [
                {
                    "name": "signal",
                    "data": [5.0, 8.0],
                    "modifiers": [
                        {"name": "mu", "type": "normfactor", "data": None},
                        {"name": "lumi", "type": "lumi", "data": None},
                    ],
                },
                {
                    "name": "background",
                    "data": [50.0, 60.0],
                    "modifiers": [
                        {"name": "norm", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}},
                        {"name": "shape", "type": "histosys", "data": {"lo_data": [45.0, 63.0], "hi_data": [56.0, 58.0]}},
                        {"name": "unc", "type": "shapesys", "data": [5.0, 6.0]},
                        {"name": "stat", "type": "staterror", "data": [2.0, 3.0]},
                    ],
                },
            ],
        },
        {
            "name": "CR",
            "samples": [
                {
                    "name": "background",
                    "data": [100.0, 90.0],
                    "modifiers": [{"name": "free", "type": "shapefactor", "data": None}],
                }
            ],
        },
    ],
    "measurements": [
        {
            "name": "main",
            "config": {
                "poi": "mu",
                "parameters": [
                    {"name": "lumi", "auxdata": [1.0], "sigmas": [0.1], "inits": [1.0], "bounds": [[0.5, 1.5]]},
                    {"name": "mu", "inits": [1.0], "bounds": [[0.0, 8.0]], "fixed": False},
                ],
            },
        }
    ],
    "observations": [{"name": "SR", "data": [56.0, 70.0]}, {"name": "CR", "data": [99.0, 92.0]}],
    "version": "1.0.0",
}


def places(value, path=""):
    yield path, value
    if isinstance(value, (dict, list)):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], f"{path}/{key}")


def breaks():
    """Each place removed, of another type, empty, longer; each object with a key more."""
    for path, value in places(sound):
        if path == "":
            continue
        yield [{"op": "remove", "path": path}]
        for other in chance.sample([None, True, "x", 7, [], {}, [[1]]], 1):
            if type(other) is not type(value) or other in ([], {}):
                yield [{"op": "replace", "path": path, "value": other}]
        if isinstance(value, dict):
            yield [{"op": "add", "path": f"{path}/more", "value": 1}]
        if isinstance(value, list):
            yield [{"op": "add", "path": f"{path}/-", "value": copy.deepcopy(value[0])}]
    sr = "/channels/0/samples/0/modifiers"
    background = "/channels/0/samples/1/modifiers"
    control = "/channels/1/samples/0/modifiers"
    parameters = "/measurements/0/config/parameters"
    for path, modifier in [
        (sr, {"name": "unc", "type": "shapesys", "data": [1.0, 1.0]}),
        (control, {"name": "unc", "type": "shapesys", "data": [1.0, 1.0]}),
        (sr, {"name": "norm", "type": "histosys", "data": {"lo_data": [4.0, 7.0], "hi_data": [6.0, 9.0]}}),
        (sr, {"name": "norm", "type": "normfactor", "data": None}),
        (sr, {"name": "mu", "type": "normsys", "data": {"lo": 0.9, "hi": 1.1}}),
        (sr, {"name": "mu", "type": "shapefactor", "data": None}),
        (sr, {"name": "stat", "type": "shapesys", "data": [1.0, 1.0]}),
        (sr, {"name": "stat", "type": "staterror", "data": [1.0, 1.0]}),
        (control, {"name": "stat", "type": "staterror", "data": [1.0, 1.0]}),
        (sr, {"name": "free", "type": "shapefactor", "data": None}),
        (sr, {"name": "lumi", "type": "normfactor", "data": None}),
        (sr, {"name": "Lumi", "type": "lumi", "data": None}),
        (background, {"name": "x", "type": "x", "data": None}),
        (background, {"type": "normfactor", "data": None}),
    ]:
        yield [{"op": "add", "path": f"{path}/-", "value": modifier}]
    for poi in ["none such", "norm", "stat", "free", "unc", "lumi", ""]:
        yield [{"op": "replace", "path": "/measurements/0/config/poi", "value": poi}]
    for parameter in [
        {"name": "none such", "inits": [1.0, 2.0]},
        {"name": "norm", "inits": [1.0, 2.0]},
        {"name": "norm", "auxdata": [0.5], "inits": [0.1], "bounds": [[-1, 1]]},
        {"name": "norm", "sigmas": [0.5]},
        {"name": "norm", "factors": [0.5]},
        {"name": "unc", "factors": [10.0, 20.0]},
        {"name": "unc", "factors": [10.0]},
        {"name": "unc", "sigmas": [10.0, 20.0]},
        {"name": "unc", "auxdata": [10.0, 20.0]},
        {"name": "unc", "bounds": [[0, 1]]},
        {"name": "stat", "sigmas": [0.1, 0.2]},
        {"name": "stat", "sigmas": [0.1, 0.2, 0.3]},
        {"name": "stat", "inits": [0.9]},
        {"name": "free", "auxdata": [1.0, 1.0]},
        {"name": "free", "inits": [1.0, 2.0], "bounds": [[0, 3], [0, 4]]},
        {"name": "free", "fixed": True},
        {"name": "free", "fixed": [True, False]},
    ]:
        yield [{"op": "add", "path": f"{parameters}/-", "value": parameter}]
    yield [{"op": "remove", "path": f"{parameters}/0/{key}"} for key in ("auxdata", "sigmas")]
    yield [{"op": "remove", "path": sr + "/0"}, {"op": "replace", "path": "/measurements/0/config/poi", "value": ""}]
    yield [{"op": "replace", "path": "/observations/0/name", "value": "XX"}]
    yield [{"op": "replace", "path": "/channels/1/name", "value": "SR"}]
    yield [{"op": "replace", "path": "/channels/0/samples/0/name", "value": "background"}]


def verdict(patch):
    """Where pyhf refuses, from reading to the likelihood, and with what exception."""
    stage = "workspace"
    try:
        ws = pyhf.Workspace(jsonpatch.apply_patch(sound, patch))
        stage = "model"
        model = ws.model()
        stage = "data"
        data = ws.data(model)
        model.logpdf(model.config.suggested_init(), data)
        return "accepted"
    except Exception as error:
        return f"{stage} {type(error).__name__}"


result["sound"] = sound
result["breaks"] = [[patch, verdict(patch)] for patch in breaks()]


# Patches (RFC 6902) of a small document.

target = {"a": [1, 2.0, {"b": None}], "c/d": {"e~f": "g", "": 0}, "-": [], "0": [10]}
patches = [
    [{"op": "add", "path": "/a/-", "value": 3}, {"op": "add", "path": "/a/0", "value": 0.0}],
    [{"op": "add", "path": "/a/4", "value": 3}],
    [{"op": "add", "path": "/a/3", "value": 3}],
    [{"op": "add", "path": "/a/01", "value": 3}],
    [{"op": "add", "path": "/x/y", "value": 3}],
    [{"op": "add", "path": "", "value": [1.0]}],
    [{"op": "add", "path": "/c~1d/e~0f", "value": {"k": 1.0}}],
    [{"op": "add", "path": "/c~2d", "value": 1}],
    [{"op": "add", "path": "a", "value": 1}],
    [{"op": "add", "path": "/a/2/b/c", "value": 1}],
    [{"op": "remove", "path": "/a/2/b"}],
    [{"op": "remove", "path": "/a/-"}],
    [{"op": "remove", "path": "/a/3"}],
    [{"op": "remove", "path": "/z"}],
    [{"op": "replace", "path": "/c~1d/", "value": 1.0}],
    [{"op": "replace", "path": "/z", "value": 1.0}],
    [{"op": "replace", "path": "/a/-", "value": 1.0}],
    [{"op": "replace", "path": "", "value": {}}],
    [{"op": "test", "path": "/a/1", "value": 2}, {"op": "test", "path": "/-", "value": []}],
    [{"op": "test", "path": "/a/1", "value": 3}],
    [{"op": "test", "path": "/a/1", "value": "2"}],
    [{"op": "test", "path": "/a/9", "value": 3}],
    [{"op": "test", "path": "/a/2", "value": {"b": None}}],
    [{"op": "test", "path": "/a/2/b", "value": False}],
    [{"op": "move", "from": "/a/0", "path": "/a/2"}],
    [{"op": "move", "from": "/a/0", "path": "/a/3"}],
    [{"op": "move", "from": "/a", "path": "/a/2/b"}],
    [{"op": "move", "from": "/a", "path": "/a"}],
    [{"op": "move", "from": "/z", "path": "/a"}],
    [{"op": "copy", "from": "/a/2", "path": "/a/0"}, {"op": "add", "path": "/a/0/b", "value": 1}],
    [{"op": "copy", "from": "", "path": "/a/0"}],
    [{"op": "copy", "from": "/z", "path": "/a/0"}],
    [{"op": "add", "path": "/__proto__", "value": {"x": 1}}, {"op": "add", "path": "/__proto__/y", "value": 2}],
    [{"op": "remove", "path": "/__proto__"}],
    [{"op": "remove", "path": "/a/length"}],
]
result["target"] = json.dumps(target)
result["patches"] = [[json.dumps(p), attempt(lambda: jsonpatch.apply_patch(target, p))] for p in patches]


# Published workspaces, if the archive is at hand: digests only.

if len(sys.argv) > 1:
    with tarfile.open(sys.argv[1]) as archive:

        def member(name):
            return json.load(io.TextIOWrapper(archive.extractfile(name), encoding="utf-8"))

        points = sorted(n for n in archive.getnames() if "/patch." in n)
        chosen = {n for n in archive.getnames() if n.endswith("BkgOnly.json")}
        result["sbottom"] = {}
        for name in sorted(chosen):
            region = name.split("/")[0]
            background = pyhf.Workspace(member(name))
            entry = {"background": pyhf.utils.digest(background), "patches": {}}
            for point in chance.sample([p for p in points if p.startswith(region)], 3):
                patched = pyhf.Workspace(jsonpatch.apply_patch(background, member(point)))
                entry["patches"][point] = [
                    pyhf.utils.digest(patched, algorithm="md5"),
                    attempt(lambda: pyhf.Workspace.sorted(patched)),
                ]
            result["sbottom"][name] = entry

json.dump(result, sys.stdout)
