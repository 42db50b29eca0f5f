"""Writes src/shared/special/references.txt: values of special functions with 40 digits, rounded to f64.

python crates/ops/tools/special_references.py     (needs mpmath)

Each line is a function, its arguments and its value. The tests of crate `ops` hold their functions to them.
"""
from pathlib import Path

import mpmath as mp

mp.mp.dps = 40
TARGET = Path(__file__).parent.parent / "src" / "shared" / "special" / "references.txt"

POSITIVE = [1e-6, 0.01, 0.1, 0.3, 0.7, 1.0, 1.5, 2.0, 3.3, 5.0, 7.7, 10.0, 14.2, 19.9, 24.9, 25.1, 29.9, 30.1, 47.0, 120.0, 600.0]
BOTH = POSITIVE[:17] + [-x for x in POSITIVE[:17]]


def scaled_i(order, x):
    return mp.besseli(order, x) * mp.exp(-abs(mp.mpf(x)))


def scaled_k(order, x):
    return mp.besselk(order, x) * mp.exp(mp.mpf(x))


def log_ndtr(x):
    return mp.log(mp.erfc(-mp.mpf(x) / mp.sqrt(2)) / 2)


def ndtri(p):
    start = -mp.sqrt(-2 * mp.log(p)) if p < 0.01 else mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1)
    return mp.findroot(lambda x: log_ndtr(x) - mp.log(mp.mpf(p)), start)


FUNCTIONS = {
    "scaled_i0": (lambda x: scaled_i(0, x), BOTH + POSITIVE[17:]),
    "scaled_i1": (lambda x: scaled_i(1, x), BOTH + POSITIVE[17:]),
    "scaled_k0": (lambda x: scaled_k(0, x), POSITIVE),
    "scaled_k1": (lambda x: scaled_k(1, x), POSITIVE),
    "j0": (lambda x: mp.besselj(0, x), BOTH + POSITIVE[17:]),
    "j1": (lambda x: mp.besselj(1, x), BOTH + POSITIVE[17:]),
    "y0": (lambda x: mp.bessely(0, x), POSITIVE),
    "y1": (lambda x: mp.bessely(1, x), POSITIVE),
    "ai": (mp.airyai, [-30.0, -12.0, -8.1, -7.9, -5.0, -2.3, -0.4, 0.0, 0.5, 0.99, 1.01, 2.0, 5.0, 12.0]),
    "erfcx": (lambda x: mp.exp(mp.mpf(x) ** 2) * mp.erfc(x), [-5.0, -1.0, -0.1, 0.0, 0.1, 1.0, 3.0, 4.99, 5.01, 9.0, 40.0, 1e6]),
    "log_ndtr": (log_ndtr, [-37.0, -10.0, -3.0, -1.01, -0.99, -0.2, 0.0, 0.4, 1.0, 3.0, 8.0]),
    "ndtri": (ndtri, [1e-200, 1e-20, 1e-5, 9e-4, 1.1e-3, 0.02, 0.25, 0.499, 0.5000001, 0.75, 0.9, 0.999]),
}
PAIRS = {
    "lower": (lambda a, x: mp.gammainc(a, 0, x, regularized=True), [(0.1, 0.2), (0.5, 0.5), (1.0, 3.0), (2.5, 1.0), (5.0, 6.5), (20.0, 15.0), (60.0, 70.0), (99.0, 80.0)]),
    "upper": (lambda a, x: mp.gammainc(a, x, mp.inf, regularized=True), [(0.1, 2.0), (0.5, 1.6), (1.0, 3.0), (2.5, 9.0), (5.0, 6.5), (20.0, 35.0), (60.0, 70.0), (99.0, 130.0)]),
}


def main():
    lines = []
    for name, (f, points) in FUNCTIONS.items():
        lines += [f"{name} {x!r} {float(f(mp.mpf(x)))!r}" for x in points]
    for name, (f, points) in PAIRS.items():
        lines += [f"{name} {a!r} {x!r} {float(f(mp.mpf(a), mp.mpf(x)))!r}" for a, x in points]
    TARGET.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} values")


if __name__ == "__main__":
    main()
