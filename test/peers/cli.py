"""The figures in test/fixtures/cli-pyhf.json, which test/cli/pyhf.test.ts reads: what pyhf's commands print and write.

Workspaces are those of test/fixtures/workspace.json (made by test/peers/workspace.py), and small ones made here
for fits.

Run: python -P test/peers/cli.py > test/fixtures/cli-pyhf.json   (needs pyhf; seconds)
"""

import json
import logging
import os
import random
import sys
import tempfile

import pyhf
from click.testing import CliRunner
from pyhf.cli import cli

logging.disable(logging.CRITICAL)
chance = random.Random(20261122)
here = os.path.dirname(os.path.abspath(__file__))
with open(f"{here}/../fixtures/workspace.json", encoding="utf-8") as file:
    texts = [w["text"] for w in json.load(file)["workspaces"]]
files = {f"w{i}.json": text for i, text in enumerate(texts) if i % 2 == 0}


def model(bins, background, uncertainty, channel):
    """A channel with a peak on falling background, and every kind of modifier."""
    r = random.Random(f"{bins}/{channel}")
    falling = [round(background * 0.7**i, 3) for i in range(bins)]
    peak = [round(background * 0.1 * (i + 1) / bins, 3) for i in range(bins)]
    shape = {"lo_data": [round(0.95 * b, 3) for b in falling], "hi_data": [round(1.07 * b + 0.1, 3) for b in falling]}
    background_modifiers = [
        {"name": "scale", "type": "normsys", "data": {"lo": 0.93, "hi": 1.08}},
        {"name": "shape", "type": "histosys", "data": shape},
        {"name": f"stat_{channel}", "type": "staterror", "data": [round(uncertainty * b**0.5, 3) for b in falling]},
    ]
    signal_modifiers = [
        {"name": "mu", "type": "normfactor", "data": None},
        {"name": "lumi", "type": "lumi", "data": None},
        {"name": "scale", "type": "normsys", "data": {"lo": 0.97, "hi": 1.02}},
    ]
    samples = [
        {"name": "signal", "data": peak, "modifiers": signal_modifiers},
        {"name": "background", "data": falling, "modifiers": background_modifiers},
    ]
    observed = [max(0, round(b + 0.4 * s + r.gauss(0, 1) * b**0.5)) for b, s in zip(falling, peak)]
    return {"name": channel, "samples": samples}, {"name": channel, "data": observed}


def workspace(channels):
    lumi = {"name": "lumi", "auxdata": [1.0], "sigmas": [0.02], "inits": [1.0], "bounds": [[0.5, 1.5]]}
    return {
        "channels": [c for c, _ in channels],
        "observations": [o for _, o in channels],
        "measurements": [
            {"name": "main", "config": {"poi": "mu", "parameters": [lumi]}},
            {"name": "wide", "config": {"poi": "mu", "parameters": [lumi, {"name": "mu", "bounds": [[0, 20]]}]}},
        ],
        "version": "1.0.0",
    }


uncorrelated = {
    "channels": [
        {
            "name": "counts",
            "samples": [
                {
                    "name": "signal",
                    "data": [6.0, 9.0],
                    "modifiers": [{"name": "mu", "type": "normfactor", "data": None}],
                },
                {
                    "name": "background",
                    "data": [50.0, 60.0],
                    "modifiers": [{"name": "uncertainty", "type": "shapesys", "data": [5.0, 12.0]}],
                },
            ],
        }
    ],
    "observations": [{"name": "counts", "data": [52.0, 65.0]}],
    "measurements": [{"name": "counting", "config": {"poi": "mu", "parameters": []}}],
    "version": "1.0.0",
}
one = workspace([model(4, 60, 0.5, "SR")])
two = workspace([model(3, 40, 0.6, "SR"), model(2, 150, 0.4, "CR")])
files["counts.json"] = json.dumps(uncorrelated)
files["one.json"] = json.dumps(one)
files["two.json"] = json.dumps(two)

only = pyhf.Workspace(two).prune(samples=["signal"])
only["measurements"] = [dict(m, config=dict(m["config"], poi="")) for m in only["measurements"]]
files["background.json"] = json.dumps(only)
signal = two["channels"][0]["samples"][0]


def patch(scale):
    sample = dict(signal, data=[scale * x for x in signal["data"]])
    return [
        {"op": "add", "path": "/channels/0/samples/0", "value": sample},
        {"op": "replace", "path": "/measurements/0/config/poi", "value": "mu"},
    ]


patchset = {
    "metadata": {
        "description": "signals of two masses",
        "digests": {a: pyhf.utils.digest(json.loads(json.dumps(only)), algorithm=a) for a in ("md5", "sha256")},
        "labels": ["mass"],
        "references": {"hepdata": "ins1234567"},
    },
    "patches": [
        {"metadata": {"name": f"mass_{mass}", "values": [mass]}, "patch": patch(scale)}
        for mass, scale in [(100, 1.0), (200, 0.5)]
    ],
    "version": "1.0.0",
}
files["patchset.json"] = json.dumps(patchset)
files["patch.json"] = json.dumps([{"op": "replace", "path": "/channels/0/samples/0/data", "value": [3, 4, 5]}])
files["broken.json"] = '{"channels": ['
files["empty.json"] = "{}"


def record(*args, stdin=None):
    """Runs in a folder with the files: exit status, standard output, and what was written to out.json."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, text in files.items():
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        text = files[stdin] if stdin else None
        done = CliRunner().invoke(cli, list(args), input=text)
        written = None
        if os.path.exists("out.json"):
            with open("out.json", encoding="utf-8") as file:
                written = file.read()
        os.chdir(here)
    # What goes wrong is a traceback there: only that it does is recorded.
    out = done.stdout if done.exit_code == 0 else ""
    return {"args": args, "stdin": stdin, "ok": done.exit_code == 0, "out": out, "written": written}


runs = []
out = ["--output-file", "out.json"]
for i in range(0, len(texts), 2):
    w = f"w{i}.json"
    ws = pyhf.Workspace(json.loads(texts[i]))
    runs.append(record("inspect", w))
    runs.append(record("sort", w) if i % 4 else record("sort", stdin=w))
    runs.append(record("digest", w, *chance.choice([[], ["-a", "md5"], ["-j", "-asha256", "-a", "md5"], ["--plaintext"]])))
    modifier = chance.choice(sorted({name for name, _ in ws.modifiers}))
    kind = chance.choice(sorted({kind for _, kind in ws.modifiers}))
    runs.append(record("prune", w, "-m", modifier, f"--modifier-type={kind}"))
    runs.append(record("rename", w, "-c", ws.channels[0], "new ü", "-s", ws.samples[0], "-x", "--measurement", ws.measurement_names[0], "m"))
for args in [
    ["inspect", "one.json", *out],
    ["inspect", "-", *out],
    ["inspect", "missing.json"],
    ["inspect", "broken.json"],
    ["inspect", "empty.json"],
    ["inspect", "one.json", "--nonsense"],
    ["prune", "two.json", "-c", "CR", *out],
    ["prune", "-cSR", "two.json", "-s", "signal"],
    ["prune", "two.json", "-c", "none such"],
    ["prune", "two.json", "-t", "none such"],
    ["prune", "two.json", "-c", "SR", "-c", "CR"],
    ["rename", "two.json", "-m", "scale", "jes", "-m", "mu", "strength", *out],
    ["rename", "two.json", "-s", "none such", "x"],
    ["rename", "two.json", "-s", "signal"],
    ["combine", "one.json", "counts.json"],
    ["combine", "one.json", "counts.json", "--join", "outer", *out],
    ["combine", "one.json", "two.json", "-j", "left outer"],
    ["combine", "one.json", "two.json", "-j", "right outer", "--merge-channels"],
    ["combine", "one.json", "two.json", "-j", "left outer", "--merge-channels", "--no-merge-channels"],
    ["combine", "one.json", "two.json"],
    ["combine", "one.json", "two.json", "-j", "outer"],
    ["combine", "one.json", "two.json", "--merge-channels"],
    ["combine", "one.json", "two.json", "-j", "inner"],
    ["combine", "one.json"],
    ["sort", "two.json", *out],
    ["digest", "one.json", "-a", "none such"],
    ["digest", "-jp", "one.json"],
    ["digest", "-pj", "one.json"],
    ["patchset", "inspect", "patchset.json"],
    ["patchset", "inspect", "one.json"],
    ["patchset", "extract", "patchset.json", "--name", "mass_100"],
    ["patchset", "extract", "patchset.json", "--name", "mass_200", "--with-metadata"],
    ["patchset", "extract", "patchset.json", "--name", "mass_200", *out],
    ["patchset", "extract", "patchset.json", "--name", "mass_300"],
    ["patchset", "extract", "patchset.json"],
    ["patchset", "apply", "background.json", "patchset.json", "--name", "mass_200"],
    ["patchset", "apply", "background.json", "patchset.json", "--name", "mass_100", *out],
    ["patchset", "apply", "two.json", "patchset.json", "--name", "mass_100"],
    ["patchset", "verify", "background.json", "patchset.json"],
    ["patchset", "verify", "two.json", "patchset.json"],
]:
    runs.append(record(*args, stdin="two.json" if "-" in args else None))
runs.append(record("combine", "-", "counts.json", stdin="one.json"))
runs.append(record("combine", "counts.json", stdin="one.json"))
runs.append(record("patchset", "extract", "--name", "mass_100", stdin="patchset.json"))
runs.append(record("patchset", "verify", "-", "patchset.json", stdin="background.json"))
runs.append(record("patchset", "apply", "background.json", "-", "--name", "mass_100", stdin="patchset.json"))

fits = []
for name in ["counts.json", "one.json", "two.json"]:
    fits.append(record("fit", name, "--value"))
    fits.append(record("cls", name))
for args in [
    ["fit", "two.json", "--measurement", "wide", *out],
    ["fit", "two.json", "-p", "patch.json", "--value", "--backend", "numpy", "--optimizer", "minuit"],
    ["fit", "two.json", "--measurement", "none such"],
    ["fit", "background.json"],
    ["cls", "two.json", "-p", "patch.json", *out],
    ["cls", "two.json", "--test-poi", "0.5", "--test-stat", "q", "--measurement", "wide"],
    ["cls", "one.json", "--test-poi=2", "--calctype", "asymptotics", "--optconf", "maxiter=1000"],
    ["cls", "background.json"],
]:
    fits.append(record(*args))
fits.append(record("cls", stdin="counts.json"))

versions = {"pyhf": pyhf.__version__, "python": sys.version.split()[0]}
json.dump({"origin": "test/peers/cli.py", "versions": versions, "files": files, "runs": runs, "fits": fits}, sys.stdout)
