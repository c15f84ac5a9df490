"""Value and gradients of the loss of bench/objects.js by awkward's JAX backend: python awkward_jax.py FOLDER

The folder has offsets.i32, pt.f32, eta.f32 and x.f32. Prints a line when it is ready: #ready, the value, the gradients,
the versions. Then it reads commands on standard input, as jets_peer.py does, and answers name, best and median seconds.
The backend works on arrays one after the other: a program with it cannot be given to jax.jit.
"""

import os
import sys
import time
import warnings

os.environ["JAX_PLATFORMS"] = "cpu"
warnings.filterwarnings("ignore")

import awkward as ak
import jax
import jax.numpy as jnp
import numpy as np

ak.jax.register_and_check()


def read(name):
    return np.fromfile(f"{sys.argv[1]}/{name}", {"i32": np.int32, "f32": np.float32}[name[-3:]])


offsets = ak.index.Index64(read("offsets.i32").astype(np.int64))
pt, eta = (
    ak.to_backend(ak.Array(ak.contents.ListOffsetArray(offsets, ak.contents.NumpyArray(read(name)))), "jax")
    for name in ("pt.f32", "eta.f32")
)
x = jnp.asarray(read("x.f32"))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def per_event(jagged):
    return ak.to_jax(ak.sum(jagged, axis=1))


def loss(p):
    w = sigmoid((pt - p[0]) / 5) * sigmoid((2.4 - abs(eta)) / 0.05)
    weight = jax.nn.sigmoid((per_event(pt * w) - p[1]) / 10) * jax.nn.sigmoid((per_event(w) - 3.5) / 0.1)
    return -jnp.log((weight * x).sum())


p = jnp.asarray([30.0, 250.0], jnp.float32)
calls = {
    "akjax-value": lambda: loss(p).block_until_ready(),
    "akjax-grad": lambda: jax.block_until_ready(jax.value_and_grad(loss)(p)),
}
value, gradients = calls["akjax-grad"]()
print("#ready", float(value), [float(g) for g in gradients], ak.__version__, jax.__version__, flush=True)
for line in sys.stdin:
    name = line.strip()
    if name == "quit":
        break
    seconds = []
    began = time.perf_counter()
    while len(seconds) < 3 or (time.perf_counter() - began < 0.5 and len(seconds) < 30):
        start = time.perf_counter()
        calls[name]()
        seconds.append(time.perf_counter() - start)
    seconds.sort()
    print(name, seconds[0], seconds[len(seconds) // 2], flush=True)
