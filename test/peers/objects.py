"""The figures in test/fixtures/objects.json, which test/events/objects.test.ts reads: cuts on objects by awkward and vector.

Columns are f32 and integers; everything is computed and compared in f64. An event without a value (a jet that it does
not have, the largest of nothing) fails.

Run: test/peers/objects.ts, which writes the events to a folder, then
     python -P test/peers/objects.py FOLDER > test/fixtures/objects.json   (needs awkward and vector; seconds)
     npx biome format --write test/fixtures/objects.json
"""

import json
import sys

import awkward as ak
import numpy as np
import vector

vector.register_awkward()
folder = sys.argv[1]
with open(f"{folder}/events.json", encoding="utf-8") as file:
    listing = json.load(file)
raw = {name: np.fromfile(f"{folder}/{name}", dtype) for name, dtype in listing["types"].items()}


def table(name):
    """A collection of four-vectors, f32 as f64."""
    offsets = ak.index.Index64(raw[f"{name}.offsets"].astype(np.int64))

    def lists(column):
        wide = column.astype(np.float64) if column.dtype.kind == "f" else column
        return ak.Array(ak.contents.ListOffsetArray(offsets, ak.contents.NumpyArray(wide)))

    columns = {n.split(".")[1]: lists(c) for n, c in raw.items() if n.startswith(f"{name}.") and not n.endswith(".offsets")}
    return ak.zip(columns, with_name="Momentum4D")


jets, electrons, muons = table("jets"), table("electrons"), table("muons")
met = raw["met"].astype(np.float64)
formulas = []


def formula(name, text, mask, value=None):
    """One cut: how it is written, who passes, and the number that it is about."""
    mask = np.asarray(ak.fill_none(mask, False)).astype(np.uint8)
    h = 2166136261
    for byte in mask.tolist():
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
    passing = np.flatnonzero(mask)
    row = {"name": name, "text": text, "passing": len(passing), "first": passing[:50].tolist(), "hash": h}
    if value is not None:
        numbers = ak.to_numpy(ak.fill_none(ak.values_astype(value, np.float64), np.nan))
        some = np.flatnonzero(np.isfinite(numbers))[:20]
        row["values"] = [[int(i), float(numbers[i])] for i in some]
    formulas.append(row)


def at(array, index):
    """Element `index` of each list, None where there is none."""
    return ak.firsts(array[:, ::-1] if index < 0 else array[:, index:])


def above(name, text, value, least):
    formula(name, f"{text} > {least}", value > least, value)


def at_least(name, text, mask, least):
    count = ak.sum(mask, axis=1)
    formula(name, f"count({text}) >= {least}", count >= least, count)


# The numbers are those of foreign-files.md's list: 11 needs trained models.
pt, eta, btag = jets.pt, abs(jets.eta), jets.btag

above("leading", "jets.pt[0]", ak.firsts(pt), 50)  # 1
at_least("four", "jets.pt > 30.1", pt > 30.1, 4)  # 2
central = (pt > 30.1) & (eta < 2.4)
at_least("central", "jets.pt > 30.1 && abs(jets.eta) < 2.4", central, 4)  # 3
above("ht", "sum(jets.pt[jets.pt > 30.1 && abs(jets.eta) < 2.4])", ak.sum(pt[central], axis=1), 200)  # 4
ht = ak.sum(pt[pt > 30], axis=1)
both = (ak.sum((pt > 30) & (eta < 2.4), axis=1) >= 4) & (ht > 250)
formula("both", "count(jets.pt > 30 && abs(jets.eta) < 2.4) >= 4 && sum(jets.pt[jets.pt > 30]) > 250", both, ht)
tagged = ak.sum(btag > 0.5, axis=1)
formula("oneTag", "count(jets.btag > 0.5) == 1", tagged == 1, tagged)  # 5
at_least("twoTags", "jets.btag > 0.5", btag > 0.5, 2)  # 6
leptons = ak.sum(electrons.pt > 25, axis=1) + ak.sum(muons.pt > 25, axis=1)
formula("oneLepton", "count(electrons.pt > 25) + count(muons.pt > 25) == 1", leptons == 1, leptons)  # 7
good = (electrons.pt > 20) & (abs(electrons.eta) < 2.1) & (electrons.cutBased == 4) & (electrons.sip3d < 4)
text = "count(electrons.pt > 20 && abs(electrons.eta) < 2.1 && electrons.cutBased == 4 && electrons.sip3d < 4) == 1"
formula("goodElectron", text, ak.sum(good, axis=1) == 1, ak.sum(good, axis=1))  # 8
scaled = pt * 1.03
at_least("scaledCount", "1.03 * jets.pt > 30.1", scaled > 30.1, 4)  # 9
above("scaledHt", "sum(1.03 * jets.pt[1.03 * jets.pt > 30.1])", ak.sum(scaled[scaled > 30.1], axis=1), 250)

one, two, three = ak.unzip(ak.combinations(jets, 3))
trijet = one + two + three
with_tag = np.maximum(np.maximum(one.btag, two.btag), three.btag) > 0.5
candidates = trijet[with_tag]
best = ak.firsts(candidates[ak.argmax(candidates.pt, axis=1, keepdims=True)]).mass
text = "100 < mass(leading(triples(jets)[max(btag) > 0.5], pt)) < 250"
formula("trijet", text, (best > 100) & (best < 250), best)  # 10

pair = ak.firsts(muons) + at(muons, 1)
opposite = at(muons.charge, 0) * at(muons.charge, 1) < 0
text = "count(muons.pt > 15) == 2 && muons.charge[0] * muons.charge[1] < 0 && 30 < mass(muons[0] + muons[1]) < 120"
window = (pair.mass > 30) & (pair.mass < 120)
formula("dimuon", text, (ak.sum(muons.pt > 15, axis=1) == 2) & opposite & window, pair.mass)  # 12
above("dijet", "mass(jets[0] + jets[1])", (ak.firsts(jets) + at(jets, 1)).mass, 100)

jet, muon = ak.unzip(ak.cartesian([jets, muons]))
above("nearest", "min(deltaR(jets, muons))", ak.min(jet.deltaR(muon), axis=1), 0.4)  # 13
formula("apart", "all(deltaR(jets, muons) > 0.4)", ak.all(jet.deltaR(muon) > 0.4, axis=1))
jet, muon = ak.unzip(ak.cartesian([jets, muons], nested=True))
clean = ak.fill_none(ak.min(jet.deltaR(muon), axis=2), np.inf) > 0.4
clean = ak.fill_none(ak.sum(clean & (pt > 30.1), axis=1), 0)
formula("clean", "count(jets.pt > 30.1 && !any(deltaR(jets, muons) < 0.4, muons)) >= 3", clean >= 3, clean)
to_first = ak.min(jets.deltaR(ak.firsts(muons)), axis=1)
above("nearFirst", "min(deltaR(jets, muons[0]))", to_first, 0.4)

one, two = ak.unzip(ak.combinations(muons, 2))
mass = (one + two).mass[one.charge * two.charge < 0]
best = ak.firsts(mass[ak.argmin(abs(mass - 91.2), axis=1, keepdims=True)])
text = "71 < mass(nearest(pairs(muons)[charge == 0], mass, 91.2)) < 111"
formula("bestZ", text, (best > 71) & (best < 111), best)  # 14

formula("any", "any(jets.btag > 0.8)", ak.any(btag > 0.8, axis=1))  # 15
formula("all", "all(jets.pt > 20)", ak.all(pt > 20, axis=1))
above("max", "max(jets.pt)", ak.max(pt, axis=1), 100)
above("min", "min(jets.pt)", ak.min(pt, axis=1), 20)
above("mean", "mean(jets.pt)", ak.mean(pt, axis=1), 50)
loose = ak.sum(muons.loose != 0, axis=1)
formula("veto", "count(muons.loose) == 0", loose == 0, loose)
at_least("bits", "jets.jetId & 4", (jets.jetId & 4) != 0, 3)

above("last", "jets.pt[-1]", at(pt, -1), 40)
above("filteredFirst", "jets.pt[abs(jets.eta) < 2.4 && jets.btag > 0.5][0]", ak.firsts(pt[(eta < 2.4) & (btag > 0.5)]), 50)
by_tag = pt[ak.argsort(btag, axis=1, ascending=False, stable=True)]
above("leadingByTag", "jets.pt[argmax(jets.btag)]", ak.firsts(pt[ak.argmax(btag, axis=1, keepdims=True)]), 60)
above("thirdByTag", "sort(jets.pt, -jets.btag)[2]", at(by_tag, 2), 40)
above("topTwo", "sum(topK(jets.pt, 2))", ak.sum(ak.sort(pt, axis=1, ascending=False)[:, :2], axis=1), 120)
at_least("hardOfMet", "jets.pt > 2 * met", pt > 2 * met, 2)

h = 2166136261
for name in sorted(raw):
    for byte in raw[name].tobytes():
        h = (h ^ byte) * 16777619 & 0xFFFFFFFF
versions = {"awkward": ak.__version__, "vector": vector.__version__, "numpy": np.__version__}
figures = {"origin": "test/peers/objects.py", "versions": versions, "rows": listing["rows"], "hash": h, "formulas": formulas}
json.dump(figures, sys.stdout, allow_nan=False)
