"""The figures in test/fixtures/optim.json, which the optim and random tests read: optax, jax.random and scipy, 64 bit.

Run: python -P test/peers/optim.py > test/fixtures/optim.json   (needs jax, optax and scipy; a minute)
"""

import json
import warnings

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import optax
from scipy.special import ndtri

warnings.filterwarnings("ignore", category=DeprecationWarning)
numbers = {"versions": {"jax": jax.__version__, "optax": optax.__version__}}


# The three losses, each with its start. test/kit/losses.ts has the same with gradients by hand.


def quadratic(p):
    """Curvatures 1 to 100 and one coupling; a scalar and a vector leaf."""
    a, w = p["a"], p["w"]
    return 0.5 * (a - 3) ** 2 + 0.5 * jnp.sum(jnp.array([1.0, 10.0, 100.0]) * (w - 1) ** 2) + 0.3 * a * w[0]


def rosenbrock(p):
    """A hundredth of Rosenbrock's function in three dimensions; leaves in nested lists."""
    x = [p["x"][0], p["x"][1]["y"][0], p["x"][1]["y"][1]]
    return 0.01 * sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(2))


rows = np.arange(24)
features = np.stack([(rows * 7 % 11 - 5) / 4, (rows * 5 % 13 - 6) / 4], axis=1)
labels = np.where(rows % 3 == 0, 1.0, -1.0)
weights = 0.5 + rows % 4 / 4


def logistic(p):
    """The weighted mean of log(1 + exp(-y (w x + b))) over 24 events."""
    layer = p["net"][0]
    z = features @ layer["w"] + layer["b"]
    return jnp.sum(weights * jax.nn.softplus(-labels * z)) / np.sum(weights)


losses = {
    "quadratic": (quadratic, lambda: {"a": jnp.array(0.5), "w": jnp.array([-1.0, 0.25, 2.0])}),
    "rosenbrock": (rosenbrock, lambda: {"x": [jnp.array(-1.2), {"y": jnp.array([1.0, 0.5])}]}),
    "logistic": (logistic, lambda: {"net": [{"w": jnp.array([0.3, -0.2]), "b": jnp.array(0.1)}]}),
}


def flat(params):
    """Leaves by sorted keys, as ravel gives them."""
    return [float(x) for leaf in jax.tree.leaves(params) for x in jnp.atleast_1d(leaf)]


def spoil(step, grads):
    """A NaN in the first leaf at steps 3, 10, 17, ..."""
    leaves, structure = jax.tree.flatten(grads)
    leaves[0] = jnp.where(step % 7 == 3, jnp.full_like(leaves[0], jnp.nan), leaves[0])
    return jax.tree.unflatten(structure, leaves)


def run(optimizer, name, spoiled=False, steps=100):
    loss, start = losses[name]
    params = start()
    state = optimizer.init(params)

    @jax.jit
    def step(i, params, state):
        value, grads = jax.value_and_grad(loss)(params)
        if spoiled:
            grads = spoil(i, grads)
        if isinstance(optimizer, optax.GradientTransformationExtraArgs):
            updates, state = optimizer.update(grads, state, params, value=value, grad=grads, value_fn=loss)
        else:
            updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    for i in range(steps):
        params, state = step(i, params, state)
    return flat(params)


def in_f64(schedule):
    """optax counts in int32, and JAX divides int32 in f32 even in 64-bit mode: 1e-8 off in the rate."""
    return lambda count: schedule(count.astype(jnp.float64))


def steps(optimizer, every):
    return optax.MultiSteps(optimizer, every, accumulator_dtype=jnp.float64).gradient_transformation()


def first_leaf(tree):
    """True for the first leaf, in the order of sorted keys."""
    leaves, structure = jax.tree.flatten(tree)
    return jax.tree.unflatten(structure, [i == 0 for i in range(len(leaves))])


def by_place(tree):
    leaves, structure = jax.tree.flatten(tree)
    return jax.tree.unflatten(structure, ["first" if i == 0 else "rest" for i in range(len(leaves))])


# Rates are so small that no path amplifies rounding: rmsprop at 0.01 is chaotic in Rosenbrock's valley.
cosine = in_f64(optax.cosine_decay_schedule(0.1, 80, 0.05))
optimizers = {
    "sgd": optax.sgd(0.01),
    "sgdMomentum": optax.sgd(0.01, momentum=0.9),
    "sgdNesterov": optax.sgd(0.005, momentum=0.9, nesterov=True),
    "adam": optax.adam(0.05),
    "adamOptions": optax.adam(0.05, b1=0.8, b2=0.95, eps=1e-3, eps_root=1e-4),
    "adamCosine": optax.adam(cosine),
    "nadam": optax.nadam(0.05),
    "adamw": optax.adamw(0.05, weight_decay=0.1),
    "adamwMask": optax.adamw(0.05, weight_decay=0.1, mask=first_leaf),
    "adamwSchedule": optax.adamw(0.05, weight_decay=cosine),
    "nadamw": optax.nadamw(0.05),
    "radam": optax.radam(0.05),
    "radamOptions": optax.radam(0.01, b1=0.8, b2=0.9, eps_root=1e-6, threshold=4.0, nesterov=True),
    "rmsprop": optax.rmsprop(0.002),
    "rmspropMomentum": optax.rmsprop(0.002, momentum=0.8, nesterov=True, initial_scale=1.0),
    "rmspropCentered": optax.rmsprop(0.002, centered=True, eps=1e-3),
    "rmspropUnbiased": optax.rmsprop(0.002, bias_correction=True, eps_in_sqrt=False),
    "rmspropAll": optax.rmsprop(0.002, centered=True, bias_correction=True, eps=1e-3, momentum=0.5),
    "adagrad": optax.adagrad(0.3),
    "adagradZero": optax.adagrad(0.3, initial_accumulator_value=0.0, eps=1e-5),
    "lion": optax.lion(0.01),
    "lionOptions": optax.lion(0.01, b1=0.8, b2=0.95, weight_decay=0.0),
    "sign": optax.chain(optax.scale_by_sign(), optax.scale(-0.01)),
    "sgdExponential": optax.sgd(in_f64(optax.exponential_decay(0.01, 30, 0.5, transition_begin=5))),
    "sgdWarmup": optax.sgd(in_f64(optax.warmup_cosine_decay_schedule(0.001, 0.01, 10, 80, 0.002))),
    "clip": optax.chain(optax.clip(0.5), optax.sgd(0.01, momentum=0.9)),
    "clipByGlobalNorm": optax.chain(optax.clip_by_global_norm(0.5), optax.adam(0.05)),
    "decayed": optax.chain(optax.add_decayed_weights(0.1), optax.sgd(0.01)),
    "ema": optax.chain(optax.ema(0.8), optax.sgd(0.01)),
    "emaBiased": optax.chain(optax.ema(0.8, debias=False), optax.sgd(0.01)),
    "accumulate": steps(optax.adam(0.05), 4),
    "accumulateMore": steps(optax.adam(0.05), lambda step: 1 + step % 3),
    "multiTransform": optax.multi_transform({"first": optax.sgd(0.01), "rest": optax.adam(0.05)}, by_place),
    "zeroNans": optax.chain(optax.zero_nans(), optax.adam(0.05)),
    "applyIfFinite": optax.apply_if_finite(optax.adam(0.05), 3),
}
numbers["optimizers"] = {
    loss: {name: run(rule, loss, name in ("zeroNans", "applyIfFinite")) for name, rule in optimizers.items()}
    for loss in losses
}
# Another line search than ours, so the way differs and only the end is comparable.
numbers["lbfgs"] = {loss: run(optax.lbfgs(), loss) for loss in losses}

schedules = {
    "linear": optax.linear_schedule(1.0, 0.1, 10, 3),
    "polynomial": optax.polynomial_schedule(1.0, 0.1, 2.5, 10, 3),
    "cosine": optax.cosine_decay_schedule(2.0, 20, 0.1),
    "cosinePower": optax.cosine_decay_schedule(2.0, 20, 0.1, 1.5),
    "exponential": optax.exponential_decay(2.0, 7, 0.3, 2),
    "staircase": optax.exponential_decay(2.0, 7, 0.3, staircase=True, end_value=0.1),
    "piecewise": optax.piecewise_constant_schedule(2.0, {5: 0.5, 10: 0.1}),
    "warmup": optax.warmup_cosine_decay_schedule(0.1, 2.0, 6, 30, 0.2),
    "joined": optax.join_schedules([optax.linear_schedule(1.0, 2.0, 4), optax.constant_schedule(0.5)], [9]),
}
at = (0, 1, 5, 9, 13, 40)
numbers["schedules"] = {name: [float(f(jnp.float64(s))) for s in at] for name, f in schedules.items()}

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
    "orthogonal": jax.nn.initializers.orthogonal()(key, (4, 3), jnp.float64).ravel().tolist(),
    "orthogonalWide": jax.nn.initializers.orthogonal(2.0)(key, (2, 3), jnp.float64).ravel().tolist(),
    "glorotUniform": jax.nn.initializers.glorot_uniform()(key, (2, 3), jnp.float64).ravel().tolist(),
}
probabilities = [2.0**-53, 1e-12, 1e-6, 0.02, 0.0749, 0.0751, 0.3, 0.5, 0.7, 0.93, 0.999]
numbers["quantiles"] = [[p, float(ndtri(p))] for p in probabilities]

if __name__ == "__main__":
    print(json.dumps(numbers, indent=1))
