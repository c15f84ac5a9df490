"""The figures in optim.json, which the optim and random tests read: optax, jax.random and scipy in 64 bit.

Run: python -P test/peers/optim.py > test/peers/optim.json   (needs jax, optax and scipy)
"""

import json

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import optax
from scipy.special import ndtri

numbers = {"versions": {"jax": jax.__version__, "optax": optax.__version__}}


def loss(p):
    """A quadratic with a scalar and a vector leaf, curvatures 1 to 9 and one coupling."""
    a, w = p["a"], p["w"]
    return 0.5 * (a - 3) ** 2 + 0.5 * jnp.sum(jnp.array([1.0, 4.0, 9.0]) * (w - 1) ** 2) + 0.3 * a * w[0]


def run(optimizer, steps=100):
    params = {"a": jnp.array(0.5), "w": jnp.array([-1.0, 0.25, 2.0])}
    state = optimizer.init(params)
    for _ in range(steps):
        updates, state = optimizer.update(jax.grad(loss)(params), state, params)
        params = optax.apply_updates(params, updates)
    return [float(params["a"]), *map(float, params["w"])]


def in_f64(schedule):
    """optax counts in int32, and JAX divides int32 in f32 even in 64-bit mode: 1e-8 off in the rate."""
    return lambda count: schedule(count.astype(jnp.float64))


numbers["optimizers"] = {
    "sgd": run(optax.sgd(0.01)),
    "sgdMomentum": run(optax.sgd(0.01, momentum=0.9)),
    "sgdNesterov": run(optax.sgd(0.01, momentum=0.9, nesterov=True)),
    "adam": run(optax.adam(0.05)),
    "adamOptions": run(optax.adam(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4)),
    "adamCosine": run(optax.adam(in_f64(optax.cosine_decay_schedule(0.1, 80, 0.05)))),
    "sgdExponential": run(optax.sgd(in_f64(optax.exponential_decay(0.1, 30, 0.5, transition_begin=5)))),
}

schedules = {
    "linear": optax.linear_schedule(1.0, 0.1, 10, 3),
    "cosine": optax.cosine_decay_schedule(2.0, 20, 0.1),
    "exponential": optax.exponential_decay(2.0, 7, 0.3, 2),
    "staircase": optax.exponential_decay(2.0, 7, 0.3, staircase=True, end_value=0.1),
}
numbers["schedules"] = {name: [float(f(s)) for s in (0, 1, 5, 9, 13, 40)] for name, f in schedules.items()}

key = jax.random.key(1234)
numbers["random"] = {
    "bits": jax.random.bits(key, (4,), jnp.uint32).tolist(),
    "key": jax.random.key_data(jax.random.key(2**40 + 5)).tolist(),
    "split": jax.random.key_data(jax.random.split(key, 3)).tolist(),
    "foldIn": jax.random.key_data(jax.random.fold_in(key, 77)).tolist(),
    "uniform": jax.random.uniform(key, (4,)).tolist(),
    "normal": jax.random.normal(key, (4,)).tolist(),
    "truncatedNormal": jax.random.truncated_normal(key, -2.0, 2.0, (4,)).tolist(),
    "heNormal": jax.nn.initializers.he_normal()(key, (2, 3), jnp.float64).ravel().tolist(),
    "glorotUniform": jax.nn.initializers.glorot_uniform()(key, (2, 3), jnp.float64).ravel().tolist(),
}
probabilities = [2.0**-53, 1e-12, 1e-6, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.93, 0.999]
numbers["quantiles"] = [[p, float(ndtri(p))] for p in probabilities]

if __name__ == "__main__":
    print(json.dumps(numbers, indent=1))
