"""Compares the lines of test/peers/pyhf_random.ts with pyhf: likelihoods and gradients (JAX backend), fits, CLs.

Run: python -P test/peers/pyhf_random.py random.jsonl [likelihood,fits,tests]   (needs pyhf, JAX, iminuit; an hour for 1000)
     python -P test/peers/pyhf_random.py random.jsonl record > test/fixtures/histfactory.jsonl   (of seeds 1 to 30)
Prints one JSON object of counts and greatest differences, and a line on stderr for each disagreement.

Two things of pyhf 0.7.6 are set right first. Its code2 extrapolates below -1 by (b - 2a) α; its documentation, its
slow reference and its main branch have (b - 2a) (α + 1). And where code1 has a kink, at 0, JAX says that the
derivative is 0; these components are left out.
"""

import contextlib
import json
import logging
import math
import sys
import warnings

import jax
import numpy as np
import pyhf
import scipy.optimize
from pyhf.tensor.jax_backend import jax_backend

logging.disable(logging.CRITICAL)
warnings.filterwarnings("ignore")
pyhf.set_backend("numpy", precision="64b")


def code2(self, alphas):
    """pyhf's main branch."""
    tensor = pyhf.tensorlib.astensor
    x = alphas[:, None, :, None]
    a, b = tensor(self._a)[:, :, None, :], tensor(self._b)[:, :, None, :]
    where = pyhf.tensorlib.where
    inside = x * (a * x + b)
    return where(x > 1, (b + 2 * a) * (x - 1), where(x < -1, (b - 2 * a) * (x + 1), inside))


pyhf.interpolators.code2.__call__ = code2


jax_tensors = jax_backend(precision="64b")


@contextlib.contextmanager
def traced_by_jax():
    """JAX for what is called, without turning the tables of all models into JAX arrays, which takes seconds."""
    state = sys.modules["pyhf.tensor.manager"].state
    before = state["current"]
    state["current"] = (jax_tensors, before[1])
    try:
        yield
    finally:
        state["current"] = before


def differentiable(model):
    """The function of parameters and data that gives logpdf and its gradient, compiled by JAX."""

    def logpdf(pars, data):
        with traced_by_jax():
            return model.logpdf(pars, data)[0]

    return jax.jit(jax.value_and_grad(logpdf))


def numbers(x):
    """NaN and infinities travel as text."""
    if isinstance(x, list):
        return [numbers(v) for v in x]
    return float(x) if isinstance(x, str) else x


class Tally:
    """Counts, and greatest differences with the seed that has them."""

    def __init__(self):
        self.counts = {}
        self.worst = {}

    def count(self, name, by=1):
        self.counts[name] = self.counts.get(name, 0) + by

    def difference(self, name, value, limit, seed, text=""):
        if not value <= self.worst.get(name, (-1, 0))[0]:
            self.worst[name] = (value, seed)
        self.count(f"{name}: compared")
        if not value <= limit:
            self.count(f"{name}: beyond {limit:g}")
            print(f"seed {seed}: {name} differs by {value:.3g} {text}", file=sys.stderr)


def close(a, b, floor=1.0):
    """Greatest difference relative to the numbers, or to `floor` where they are smaller; equal infinities agree."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    if a.shape != b.shape:
        return math.inf
    if a.size == 0:
        return 0.0
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        gap = np.abs(a - b) / np.maximum(floor, np.maximum(np.abs(a), np.abs(b)))
    return float(np.max(np.where(same, 0.0, np.where(np.isnan(gap), math.inf, gap))))


def model_of(line):
    workspace = pyhf.Workspace(line["workspace"])
    settings = {k: {"interpcode": v} for k, v in line["interpcodes"].items()}
    model = workspace.model(poi_name=line["poi"], modifier_settings=settings)
    return model, workspace.data(model)


def structure(line, model, data, tally):
    config = model.config
    for name, ours, theirs in [
        ("parameter names", line["parNames"], config.par_names),
        ("starts", line["init"], list(config.suggested_init())),
        ("bounds", [list(b) for b in line["bounds"]], [list(b) for b in config.suggested_bounds()]),
        ("fixed", line["fixed"], list(config.suggested_fixed())),
    ]:
        tally.count(f"{name}: compared")
        if ours != [x.item() if hasattr(x, "item") else x for x in theirs]:
            tally.count(f"{name}: differ")
            print(f"seed {line['seed']}: {name} differ: {ours} {theirs}", file=sys.stderr)
    tally.difference("data", close(line["data"], data), 1e-12, line["seed"])


def likelihood(line, model, f, tally):
    seed = line["seed"]
    data = np.asarray(line["data"], float)
    normsys = {name for name, kind in model.config.modifiers if kind == "normsys"}
    kinked = np.array([line["interpcodes"]["normsys"] == "code1" and n in normsys for n in line["parNames"]])
    for i, point in enumerate(line["points"]):
        pars = np.asarray(point["pars"], float)
        value, gradient = f(pars, data)
        value, expected = float(value), model.expected_data(pars)
        ours = numbers(point["logpdf"])
        tally.difference("logpdf", close(ours, value), 1e-10, seed, f"point {i}: {ours} {value}")
        tally.difference("expected data", close(numbers(point["expected"]), expected), 1e-12, seed, f"point {i}")
        if not math.isfinite(value):
            tally.count("logpdf: not finite in both" if not math.isfinite(ours) else "logpdf: not finite in pyhf")
            continue
        g, h = np.asarray(numbers(point["gradient"])), np.asarray(gradient)
        good = np.isfinite(h)
        if not good.all():
            tally.count("gradient: NaN in pyhf, finite here" if np.isfinite(g).all() else "gradient: NaN in both")
        good &= ~(kinked & (pars == 0))
        if good.any():
            worst = np.nanargmax(np.where(good, np.abs(g - h), -1))
            name = line["parNames"][worst]
            tally.difference("gradient", close(g[good], h[good]), 1e-8, seed, f"point {i}: {name} {g[worst]} {h[worst]}")


def record(line, model, data, f):
    """What pyhf says of a workspace, for test/fixtures/histfactory.jsonl."""
    config = model.config
    points = []
    for point in line["points"][1:3]:
        pars = np.asarray(point["pars"], float)
        value, gradient = f(pars, np.asarray(data, float))
        if not np.isfinite(gradient).all():
            continue
        numbers = {"logpdf": float(value), "gradient": list(map(float, gradient))}
        points.append({"pars": point["pars"], **numbers, "expected": list(map(float, model.expected_data(pars)))})
    return {
        "seed": line["seed"],
        "digest": pyhf.utils.digest(line["workspace"])[:16],
        "names": config.par_names,
        "init": list(map(float, config.suggested_init())),
        "bounds": [list(map(float, b)) for b in config.suggested_bounds()],
        "fixed": [bool(v) for v in config.suggested_fixed()],
        "data": list(map(float, data)),
        "points": points,
    }


def twice_nll(model, pars, data):
    with np.errstate(all="ignore"):
        return float(-2 * pyhf.get_backend()[0].tolist(model.logpdf(np.asarray(pars, float), np.asarray(data, float)))[0])


def fits(line, model, tally):
    """Our fit against pyhf's optimisers with NumPy, as `pyhf` uses them by default."""
    seed, data = line["seed"], np.asarray(line["data"], float)
    ours = line["fit"]
    mine = twice_nll(model, numbers(ours["pars"]), data)
    tally.count(f"fit: status {ours['status']} here")
    lowest, who = math.inf, "nobody"
    for name in ["scipy", "minuit"]:
        pyhf.set_backend("numpy", name, precision="64b")
        start = list(model.config.suggested_init())
        try:
            pars = pyhf.infer.mle.fit(data, model, start)
            found = twice_nll(model, pars, data)
        except Exception as error:
            tally.count(f"{name}: raises {type(error).__name__}")
            tally.count(f"{name}: fails")
            continue
        if not math.isfinite(found):
            tally.count(f"{name}: ends at no number")
            tally.count(f"{name}: fails")
            continue
        if found > mine + 1e-6:
            tally.count(f"{name}: ends higher by more than 1e-6")
        if found > mine + 1e-3:
            tally.count(f"{name}: ends higher by more than 1e-3")
            tally.count(f"{name}: fails")
        if found < lowest:
            lowest, who = found, name
    tally.count("fit: neither of pyhf's optimisers ends" if lowest == math.inf else "fit: compared with pyhf's")
    # At ±1 pyhf's code2 has a step, and with it a likelihood has a local minimum on either side.
    where = ", code2" if line["interpcodes"]["histosys"] == "code2" else ""
    tally.difference(f"twice nll above pyhf's best{where}", mine - lowest, 1e-6, seed, f"{mine} {lowest} {who} {ours}")


class Exact(pyhf.optimize.scipy_optimizer):
    """SciPy's SLSQP as pyhf has it, with gradients by JAX of one compiled function for all fits of a model."""

    tolerances = [1e-14, 1e-11, 1e-8, None]

    def __init__(self, evaluate):
        super().__init__()
        self.maxiter = 1000
        self.evaluate = evaluate

    def minimize(self, objective, data, pdf, init_pars, par_bounds, fixed_vals=None, return_fitted_val=False, **_):
        x0 = np.asarray(init_pars, float).copy()
        for i, v in fixed_vals or []:
            x0[i] = v
        free = np.array(sorted(set(range(len(x0))) - {i for i, _ in fixed_vals or []}))
        data = np.asarray(data, float)

        def function(part):
            x = x0.copy()
            x[free] = part
            value, gradient = self.evaluate(x, data)
            gradient = np.array(gradient)
            # Where a bin expects nothing JAX's derivatives of pyhf's likelihood are NaN.
            for i in np.flatnonzero(np.isnan(gradient)):
                e = np.eye(len(x))[i] * 1e-5
                gradient[i] = float(self.evaluate(x + e, data)[0] - self.evaluate(x - e, data)[0]) / 2e-5
            return -2 * float(value), -2 * gradient[free]

        bounds = [tuple(map(float, par_bounds[i])) for i in free]
        best = None
        start = x0[free]
        for tolerance in self.tolerances if len(free) else []:
            options = {"maxiter": self.maxiter}
            r = scipy.optimize.minimize(
                function, start, method="SLSQP", jac=True, bounds=bounds, tol=tolerance, options=options
            )
            if math.isfinite(r.fun) and (best is None or r.fun <= best.fun):
                best = r
            if r.success:
                break
        if best is None:
            raise pyhf.exceptions.FailedMinimization(scipy.optimize.OptimizeResult(message="not finite"))
        x0[free] = best.x
        return (x0, float(best.fun)) if return_fitted_val else x0


def tests(line, model, f, tally):
    """Our CLs of a signal of 1 against pyhf's, where its fits are as good as ours."""
    seed, data = line["seed"], np.asarray(line["data"], float)
    ours = line.get("test")
    if ours is None:
        tally.count("test: no parameter of interest")
        return
    pyhf.set_backend("numpy", Exact(f), precision="64b")
    try:
        observed, band, calculator = pyhf.infer.hypotest(
            1.0, data, model, test_stat="qtilde", return_expected_set=True, return_calculator=True
        )
    except Exception as error:
        tally.count(f"test: pyhf raises {type(error).__name__}")
        print(f"seed {seed}: pyhf {error!r}"[:300], file=sys.stderr)
        return
    theirs = [float(v) for v in [observed, *band]]
    if not all(map(math.isfinite, theirs)):
        tally.count("test: pyhf's CLs is not a number")
        return
    pars = calculator.fitted_pars
    gaps = {}
    for name, key, mu in [
        ("asimovPars", "asimov_pars", data),
        ("freeFitToData", "free_fit_to_data", data),
        ("fixedPoiFitToData", "fixed_poi_fit_to_data", data),
        ("fixedPoiFitToAsimov", "fixed_poi_fit_to_asimov", None),
        ("freeFitToAsimov", "free_fit_to_asimov", None),
    ]:
        mine, other = numbers(ours["fitted"][name]), np.asarray(getattr(pars, key), float)
        if mu is None:
            mu = np.asarray(model.expected_data(np.asarray(numbers(ours["fitted"]["asimovPars"]), float)), float)
        gaps[name] = twice_nll(model, mine, mu) - twice_nll(model, other, mu)
    gap = max(gaps.values(), key=abs)
    same = abs(gap) <= 1e-9
    difference = close([numbers(ours["cls"]), *numbers(ours["expectedSet"])], theirs, 1e-300)
    if same:
        text = f"{ours['cls']} {ours['expectedSet']} {theirs} {gaps}"
        tally.difference("CLs at the same minima", difference, 1e-5, seed, text)
    else:
        better = "here" if min(gaps.values()) < -1e-9 and max(gaps.values()) <= 1e-9 else "in pyhf"
        tally.count(f"test: other minima, lower {better}")
        if difference <= 1e-5:
            tally.count("test: other minima, CLs agree within 1e-5")
        if better == "in pyhf":
            print(f"seed {seed}: pyhf's fits are lower: {gaps}", file=sys.stderr)


def main():
    wanted = sys.argv[2].split(",") if len(sys.argv) > 2 else ["likelihood", "fits", "tests"]
    tally = Tally()
    with open(sys.argv[1], encoding="utf-8") as lines:
        for n, text in enumerate(lines):
            line = json.loads(text)
            pyhf.set_backend("numpy", precision="64b")
            model, data = model_of(line)
            structure(line, model, data, tally)
            f = differentiable(model)
            if "record" in wanted:
                print(json.dumps(record(line, model, data, f), separators=(",", ":")))
                continue
            if "likelihood" in wanted:
                likelihood(line, model, f, tally)
            if "tests" in wanted:
                tests(line, model, f, tally)
            if "fits" in wanted:
                fits(line, model, tally)
            tally.count("workspaces")
            tally.count("parameters", model.config.npars)
            if n % 50 == 49:
                jax.clear_caches()
                print(f"{n + 1} done", file=sys.stderr, flush=True)
    if "record" in wanted:
        return
    worst = {k: {"difference": v, "seed": s} for k, (v, s) in tally.worst.items()}
    print(json.dumps({"counts": tally.counts, "greatest": worst}, indent=2))


main()
