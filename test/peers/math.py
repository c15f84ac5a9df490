"""Reference values of the lane functions, by mpmath: python3 test/peers/math.py [points] > test/fixtures/math.json

Per function and dtype: the inputs x (and y) in that dtype, and the values as the nearest double `hi`; for f64
also the remainder relative to it, `lo` (f32). All are base64 of little-endian arrays. Inputs mix values spread
evenly over intervals and bit patterns.
"""

import base64
import json
import math
import random
import struct
import sys

import mpmath
from mpmath import mp, mpf

mp.prec = 200
points = int(sys.argv[1]) if len(sys.argv) > 1 else 120
inf = math.inf


def log_cdf(x):
    if x < -1000:  # asymptotic series of the Mills ratio
        z, total, term = x * x, mpf(0), mpf(1)
        for k in range(30):
            total += term
            term *= -(2 * k + 1) / z
        return -z / 2 - mpmath.log(-x * mpmath.sqrt(2 * mp.pi)) + mpmath.log(total)
    tail = mpmath.erfc(abs(x) / mpmath.sqrt(2)) / 2
    return mpmath.log(tail) if x < 0 else mpmath.log1p(-tail)


def softplus(x):
    return max(x, mpf(0)) + mpmath.log1p(mpmath.exp(-abs(x)))


def sigmoid(x):
    e = mpmath.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


def cdf(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def pdf(x):
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mp.pi)


def tanh(x):
    return mpf(1) if x > 400 else mpf(-1) if x < -400 else mpmath.tanh(x)


def lgamma(x):
    return mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x)


def polygamma(x, order):
    if x > 0:
        return mpmath.psi(order, x)
    shift = int(-x) + 2  # the recurrence, upwards
    steps = sum((x + i) ** -(order + 1) for i in range(shift))
    return mpmath.psi(order, x + shift) - (-1) ** order * mpmath.factorial(order) * steps


# name: function, even ranges for f32, even ranges for f64, smallest and largest magnitude, signs of bit patterns
unary = {
    "exp": (mpmath.exp, [(-87.3, 88.7), (-1, 1)], [(-708.3, 709.7), (-1, 1)], (1e-30, 700), (1, -1)),
    "expm1": (mpmath.expm1, [(-20, 88.7), (-1, 1)], [(-40, 709.7), (-1, 1)], (1e-30, 700), (1, -1)),
    "log": (mpmath.log, [(0, 3), (0.9, 1.1)], [(0, 3), (0.9, 1.1)], (0, inf), (1,)),
    "log1p": (mpmath.log1p, [(-1, 3), (-0.1, 0.1)], [(-1, 3), (-0.1, 0.1)], (0, inf), (1,)),
    "sigmoid": (sigmoid, [(-87.3, 20), (-4, 4)], [(-708.3, 40), (-4, 4)], (1e-30, 700), (1, -1)),
    "logSigmoid": (lambda x: -softplus(-x), [(-100, 87), (-4, 4)], [(-1000, 708), (-4, 4)], (1e-30, 1e30), (1, -1)),
    "softplus": (softplus, [(-87, 100), (-4, 4)], [(-708, 1000), (-4, 4)], (1e-30, 1e30), (1, -1)),
    "tanh": (tanh, [(-10, 10), (-2, 2)], [(-25, 25), (-2, 2)], (0, inf), (1, -1)),
    "sin": (mpmath.sin, [(-10, 10), (-6000, 6000)], [(-10, 10), (-1e5, 1e5)], (1e-30, inf), (1, -1)),
    "cos": (mpmath.cos, [(-10, 10), (-6000, 6000)], [(-10, 10), (-1e5, 1e5)], (1e-30, inf), (1, -1)),
    "sinh": (mpmath.sinh, [(-89.4, 89.4), (-2, 2)], [(-710.4, 710.4), (-2, 2)], (1e-30, 700), (1, -1)),
    "cosh": (mpmath.cosh, [(-89.4, 89.4), (-2, 2)], [(-710.4, 710.4), (-2, 2)], (1e-30, 700), (1, -1)),
    "erf": (mpmath.erf, [(-4, 4), (-1, 1)], [(-6, 6), (-1, 1)], (1e-30, 30), (1, -1)),
    "erfc": (mpmath.erfc, [(-4, 9.1), (-1, 1)], [(-6, 26.5), (-1, 1)], (1e-30, 26), (1, -1)),
    "normCdf": (cdf, [(-12.9, 6), (-1, 1)], [(-37.5, 9), (-1, 1)], (1e-30, 37), (1, -1)),
    "normPdf": (pdf, [(-13, 13), (-1, 1)], [(-37.5, 37.5), (-1, 1)], (1e-30, 37), (1, -1)),
    "normLogCdf": (log_cdf, [(-50, 12.9), (-3, 3)], [(-100, 37), (-3, 3)], (1e-20, 1e150), (1, -1)),
    "lgamma": (lgamma, [(0, 12), (12, 1000)], [(0, 12), (12, 1000)], (1e-37, 1e300), (1,)),
    "digamma": (mpmath.digamma, [(0, 12), (12, 1000)], [(0, 12), (12, 1000)], (1e-37, 1e300), (1,)),
}
for order in (1, 2, 5):
    unary[f"polygamma {order}"] = (
        lambda x, order=order: polygamma(x, order),
        *[[(0, 12), (-12, 0)]] * 2,
        (1e-3, 1e3),
        (1, -1),
    )

# name: function of (x, y), even ranges of x, of y
binary = {
    "pow": (lambda x, y: x**y, [(0, 4), (0.99, 1.01), (0, 100)], [(-20, 20), (-1000, 1000), (-18, 18)]),
    "atan2": (mpmath.atan2, [(-2, 2), (-1e-3, 1e-3), (-1e20, 1e20)], [(-2, 2), (-1, 1), (-1e20, 1e20)]),
    "hypot": (mpmath.hypot, [(-2, 2), (-1e-3, 1e-3), (-1e20, 1e20)], [(-2, 2), (-1, 1), (-1e20, 1e20)]),
}
f32max, f64max = 3.4028234663852886e38, 1.7976931348623157e308


def narrow(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def pattern(rng, dtype):
    """A positive normal number with a random exponent and mantissa."""
    if dtype == "f32":
        return struct.unpack("<f", struct.pack("<I", rng.randrange(0x00800000, 0x7F800000)))[0]
    return struct.unpack("<d", struct.pack("<Q", rng.randrange(0x0010 << 48, 0x7FF0 << 48)))[0]


def inputs(name, dtype, ranges, magnitudes, signs):
    rng = random.Random(name + dtype)
    most = f32max if dtype == "f32" else f64max
    for i in range(points):
        if i % 3 < 2:
            low, high = ranges[i % len(ranges)]
            x = rng.uniform(low, high)
        else:
            while True:
                x = pattern(rng, dtype)
                if magnitudes[0] <= x <= magnitudes[1]:
                    break
            x *= rng.choice(signs)
        x = narrow(x) if dtype == "f32" else x
        if abs(x) <= most:
            yield x


def encode(values, code):
    return base64.b64encode(struct.pack(f"<{len(values)}{code}", *values)).decode()


def record(dtype, rows, names):
    """Columns of rows of (inputs..., hi, lo)."""
    columns = dict(zip(names, zip(*rows)))
    result = {name: encode(columns[name], "f" if dtype == "f32" else "d") for name in names if name in "xy"}
    result["hi"] = encode(columns["hi"], "d")
    if dtype == "f64":
        result["lo"] = encode(columns["lo"], "f")
    return result


def split(value, dtype):
    least = mpf(2) ** (-126 if dtype == "f32" else -1022)
    if abs(value) < least:
        return None  # results below the smallest normal number are tested apart
    if abs(value) > (f32max if dtype == "f32" else f64max):
        return None
    hi = float(value)
    return hi, float((value - mpf(hi)) / mpf(hi)) if hi else 0.0


def main():
    result = {}
    for name, (function, ranges32, ranges64, magnitudes, signs) in unary.items():
        for dtype, ranges in (("f32", ranges32), ("f64", ranges64)):
            rows = []
            for x in inputs(name, dtype, ranges, magnitudes, signs):
                value = split(function(mpf(x)), dtype) if x != 0 else None
                if value:
                    rows.append((x, *value))
            result[f"{dtype}_{name}"] = record(dtype, rows, ["x", "hi", "lo"])
    for name, (function, xranges, yranges) in binary.items():
        for dtype in ("f32", "f64"):
            rng = random.Random(name + dtype)
            rows = []
            for i in range(points):
                x, y = rng.uniform(*xranges[i % 3]), rng.uniform(*yranges[i % 3])
                if dtype == "f32":
                    x, y = narrow(x), narrow(y)
                value = split(function(mpf(x), mpf(y)), dtype)
                if value:
                    rows.append((x, y, *value))
            result[f"{dtype}_{name}"] = record(dtype, rows, ["x", "y", "hi", "lo"])
    json.dump(result, sys.stdout, indent=2)
    sys.stdout.write("\n")


main()
