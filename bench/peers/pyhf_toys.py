"""pyhf's toy calculator on the model of pyhf_fits.py: seconds per 2 x 2000 toys, from fewer. usage: pyhf_toys.py [toys]"""
import json, logging, sys, time
import numpy as np, pyhf

# pyhf 0.7.6 calls percentile with a keyword that NumPy 2 has renamed.
percentile = np.percentile
np.percentile = lambda *a, interpolation=None, **k: percentile(*a, **k, **({"method": interpolation} if interpolation else {}))
toys = int(sys.argv[1]) if len(sys.argv) > 1 else 20
pyhf.set_backend("numpy", "scipy")
rng = np.random.default_rng(1)
nb = 20
b = 50 + 50 * rng.random(nb)
modifiers = [
    {"name": f"a{k}", "type": "histosys", "data": {
        "hi_data": list(b * (1 + 0.1 * rng.random(nb))),
        "lo_data": list(b * (1 - 0.1 * rng.random(nb))),
    }}
    for k in range(10)
]
spec = {"channels": [{"name": "c", "samples": [
    {"name": "s", "data": list(10 * rng.random(nb)),
     "modifiers": [{"name": "mu", "type": "normfactor", "data": None}]},
    {"name": "b", "data": list(b), "modifiers": modifiers},
]}]}
model = pyhf.Model(spec)
data = list(b) + model.config.auxdata
np.random.seed(0)
start = time.perf_counter()
pyhf.infer.hypotest(
    1.0, data, model, test_stat="qtilde", calctype="toybased", ntoys=toys, track_progress=False
)
seconds = time.perf_counter() - start
print(json.dumps({"version": pyhf.__version__, "seconds": seconds * 2000 / toys, "toys": toys}))
