"""Fits the polynomials of crates/kernels/src/vecmath and prints them as Rust arrays, the highest power first.

Run: python3 minimax.py [name]        (needs mpmath)

f32 polynomials: Remez exchange in 60 digits on the relative error of the whole function, then the coefficients are rounded to f32 one by one
from the lowest power on, each time refitting those not yet rounded, so that rounding costs almost nothing.
f64 polynomials: interpolation in the Chebyshev nodes, a few per cent from the best and far below the rounding of f64.
"""

import struct
import sys

from mpmath import asin, atan, atanh, cos, coth, erf, erfc, exp, expm1, gamma, log, loggamma, lu_solve, matrix, mp, mpf, pi, polyval, psi, sin, sqrt, tan

mp.dps = 60


def f32(v):
    return mpf(struct.unpack("f", struct.pack("f", float(v)))[0])


def remez(f, weight, lo, hi, powers, fixed):
    """Coefficients c so that sum(c[i] x^powers[i]) + fixed(x) is nearest to f(x) under |error| * weight(x)."""
    n = len(powers)
    nodes = [lo + (hi - lo) * (1 - cos(pi * (i + mpf(1) / 2) / (n + 1))) / 2 for i in range(n + 1)]
    grid = [lo + (hi - lo) * (1 - cos(pi * (i + mpf(1) / 2) / 400)) / 2 for i in range(400)]
    target = {x: f(x) - fixed(x) for x in grid}
    for _ in range(12):
        a, b = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(nodes):
            for j, p in enumerate(powers):
                a[i, j] = x**p
            a[i, n] = (-1) ** i / max(abs(weight(x)), mpf(10) ** -6)
            b[i] = f(x) - fixed(x)
        s = lu_solve(a, b)
        c = [s[j] for j in range(n)]
        error = [(x, (target[x] - sum(cj * x**p for cj, p in zip(c, powers))) * abs(weight(x))) for x in grid]
        # One extremum for each run of equal sign.
        extrema = []
        for x, v in error:
            if extrema and (extrema[-1][1] > 0) == (v > 0):
                if abs(v) > abs(extrema[-1][1]):
                    extrema[-1] = (x, v)
            else:
                extrema.append((x, v))
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        if len(extrema) < n + 1:
            break
        nodes = [x for x, _ in extrema]
    return c, max(abs(v) for _, v in error)


def fit32(name, f, weight, lo, hi, powers):
    fixed = []
    worst = None
    for k in range(len(powers)):
        rest = powers[k:]
        c, worst = remez(f, weight, mpf(lo), mpf(hi), rest, lambda x: sum((ci * x**p for ci, p in fixed), mpf(0)))
        fixed.append((f32(c[0]), powers[k]))
    grid = [mpf(lo) + (mpf(hi) - mpf(lo)) * i / 1000 for i in range(1001)]
    worst = max(abs((f(x) - sum(ci * x**p for ci, p in fixed)) * weight(x)) for x in grid if x != 0)
    print(f"// {name}: relative error 2^{float(log(worst, 2)):.1f}")
    print("[" + ", ".join(repr_f32(ci) for ci, _ in reversed(fixed)) + "]")


def repr_f32(v):
    """The shortest decimal that reads back as the same f32."""
    v = float(v)
    for digits in range(1, 12):
        text = f"{v:.{digits}e}"
        if struct.pack("f", float(text)) == struct.pack("f", v):
            return text
    return repr(v)


def fit64(name, f, lo, hi, n):
    lo, hi = mpf(lo), mpf(hi)
    nodes = [cos(pi * (i + mpf(1) / 2) / n) for i in range(n)]
    values = [f((lo + hi) / 2 + (hi - lo) / 2 * t) for t in nodes]
    cheb = [2 * sum(v * cos(k * pi * (i + mpf(1) / 2) / n) for i, v in enumerate(values)) / n for k in range(n)]
    cheb[0] /= 2
    # Chebyshev to powers of t, then of x.
    power = [mpf(0)] * n
    basis = [[mpf(1)], [mpf(0), mpf(1)]]
    for k in range(2, n):
        nxt = [mpf(0)] + [2 * v for v in basis[-1]]
        for i, v in enumerate(basis[-2]):
            nxt[i] -= v
        basis.append(nxt)
    for k in range(n):
        for i, v in enumerate(basis[k]):
            power[i] += cheb[k] * v
    # t = (x - mid) / half
    mid, half = (lo + hi) / 2, (hi - lo) / 2
    out = [mpf(0)]
    for c in reversed(power):
        shifted = [mpf(0)] * (len(out) + 1)
        for i, v in enumerate(out):
            shifted[i + 1] += v / half
            shifted[i] -= v * mid / half
        shifted[0] += c
        out = shifted
    out = [mpf(float(v)) for v in out[:n]]
    grid = [lo + (hi - lo) * (i + mpf(1) / 3) / 300 for i in range(300)]
    worst = max(abs(polyval(out[::-1], x) / f(x) - 1) for x in grid)
    print(f"// {name}: relative error 2^{float(log(worst, 2)):.1f}")
    print("[" + ", ".join(repr(float(v)) for v in reversed(out)) + "]")


def around0(f):
    """f, but not nearer to 0 than 1e-12, where its closed form loses all digits."""
    return lambda x: f(x) if abs(x) > mpf(10) ** -12 else f(mpf(10) ** -12)


LN2_HALF = log(mpf(2)) / 2 * mpf("1.0005")


def erfcx_scaled(t, c):
    """(1 + 2x) exp(x^2) erfc(x) where t = (x - c) / (x + c)."""
    if t >= 1:
        return 2 / sqrt(pi)
    x = c * (1 + t) / (1 - t)
    if x > 40:
        s, term = mpf(1), mpf(1)
        for k in range(1, 30):
            term *= -(2 * k - 1) / (2 * x * x)
            s += term
        return (1 + 2 * x) * s / (x * sqrt(pi))
    return (1 + 2 * x) * exp(x * x) * erfc(x)


FITS = {
    # exp(r) = 1 + r + r^2 P(r)
    "exp": lambda: fit32("exp", around0(lambda r: (exp(r) - 1 - r) / r**2), lambda r: r**2 / exp(r), -LN2_HALF, LN2_HALF, range(5)),
    # 2^r = 1 + r P(r)
    "exp2": lambda: fit32("exp2", around0(lambda r: (mpf(2) ** r - 1) / r), lambda r: r / mpf(2) ** r, -mpf(1) / 2, mpf(1) / 2, range(6)),
    # expm1(r) = r + r^2 P(r)
    "expm1": lambda: fit32("expm1", around0(lambda r: (expm1(r) - r) / r**2), lambda r: r**2 / expm1(r) if r else mpf(0), -LN2_HALF, LN2_HALF, range(5)),
    # log(1+f) = f - f^2/2 + f^3 P(f)
    "log": lambda: fit32("log", around0(lambda f: (log(1 + f) - f + f * f / 2) / f**3), lambda f: f**3 / log(1 + f) if f else mpf(0),
                         sqrt(mpf(2)) / 2 - 1, sqrt(mpf(2)) - 1, range(9)),
    # sin(r) = r + r^3 P(r^2), in y = r^2
    "sin_pi": lambda: fit32("sin_pi", around0(lambda y: (sin(sqrt(y)) / sqrt(y) - 1) / y), lambda y: y * sqrt(y) / sin(sqrt(y)) if y else mpf(0),
                            0, (pi / 2 * mpf("1.0001")) ** 2, range(5)),
}


FITS |= {
    # erf(x) = x + x P(x^2) for |x| <= 1, in y = x^2
    "erf_small": lambda: fit32("erf_small", lambda y: (erf(sqrt(y)) / sqrt(y) if y else 2 / sqrt(pi)) - 1, lambda y: sqrt(y) / erf(sqrt(y)) if y else mpf(1),
                               0, 1, range(7)),
    # erf(x) = 1 - exp(P(x)) for 1 <= x <= 3.92
    "erf_large": lambda: fit32("erf_large", lambda x: log(erfc(x)), lambda x: erfc(x) / erf(x), 1, mpf("3.92"), range(7)),
    "erf64_small": lambda: fit64("erf64_small", lambda y: erf(sqrt(y)) / sqrt(y) if y else 2 / sqrt(pi), 0, 1, 14),
    "erfcx64": lambda: fit64("erfcx64", lambda t: erfcx_scaled(t, mpf(4)), -mpf(3.5) / mpf(4.5), 1, 24),
    "lgamma64": lambda: fit64("lgamma64", lambda z: (log(gamma(2 + z)) / z) if abs(z) > mpf(10) ** -25 else psi(0, 2), -0.5, 0.5, 24),
}


def fit64_remez(name, f, weight, lo, hi, n):
    """The best polynomial with n coefficients, which are rounded to f64 only: for f64 used to fewer digits than it has."""
    c, worst = remez(f, weight, mpf(lo), mpf(hi), range(n), lambda x: mpf(0))
    print(f"// {name}: error {float(worst):.2e}")
    print("[" + ", ".join(repr(float(v)) for v in reversed(c)) + "]")


def pow():
    # log2((1 + s) / (1 - s)) = s L(s^2), 2^r = 1 + r E(r)
    scale = 2 / log(mpf(2))
    series = lambda z: scale * sum(z**k / (2 * k + 1) for k in range(40))
    limit = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2
    fit64_remez("pow_logarithm", series, lambda z: 1 / series(z), 0, limit, 5)
    power = around0(lambda r: (mpf(2) ** r - 1) / r)
    fit64_remez("pow_exponential", power, lambda r: 1 / power(r), -mpf(1) / 2, mpf(1) / 2, 6)


FITS["pow"] = pow


# With r coth(r/2) = 2 + y P(y), in y = r^2: for exp an error of it counts r^3/2 times.
half_coth = around0(lambda y: (sqrt(y) * coth(sqrt(y) / 2) - 2) / y)
half_coth_weight = lambda y: y * sqrt(y) / 2 + mpf(10) ** -6
FITS["sigmoid"] = lambda: fit32("sigmoid", half_coth, half_coth_weight, 0, LN2_HALF**2, range(2))


def log1p_exp():
    """2 artanh(t/2) = t + t^3 P(t^2), in y = t^2, up to t = 2/3."""
    whole = lambda y: 2 * atanh(sqrt(y) / 2)
    of = lambda y: (whole(y) / sqrt(y) - 1) / y if y > mpf(10) ** -20 else 1 / mpf(12) + y / 80
    fit32("log1p_exp", of, lambda y: y * sqrt(y) / whole(y) if y else mpf(0), 0, mpf(4) / 9, range(4))


FITS["log1p_exp"] = log1p_exp


# Of several that are as near, the one whose polynomial gives ½ at 0 in f32 too.
NORMAL_SLOPE = 0.265


def normal():
    """Φ(−a) e^(a²/2) / t as a polynomial in t = 1 / (1 + p a): down to where f32 has nothing left, at −14."""
    p = mpf(struct.unpack("f", struct.pack("f", NORMAL_SLOPE))[0])
    scaled = lambda a: erfc(a / sqrt(mpf(2))) * exp(a * a / 2) / 2
    of = lambda t: scaled((1 / t - 1) / p) / t
    fit32("normal", of, lambda t: 1 / of(t), 1 / (1 + p * 14), 1, range(9))


FITS["normal"] = normal


def odd64(name, f, lo, hi, n):
    """f(t) = t + t^3 P(t^2), in y = t^2 from lo to hi."""
    fit64_remez(name, around0(lambda y: (f(sqrt(y)) / sqrt(y) - 1) / y), lambda y: y * sqrt(y) / f(sqrt(y)) if y else mpf(0), lo, hi, n)


def quotient64(name, f, lo, hi, above, below):
    """The best P / Q with `above` and `below` coefficients, of which Q's first is 1: Remez exchange on P - (f - error) (Q - 1)."""
    n = above + below - 1
    grid = [lo + (hi - lo) * (1 - cos(pi * (i + mpf(1) / 2) / 600)) / 2 for i in range(600)]
    nodes = [lo + (hi - lo) * (1 - cos(pi * (i + mpf(1) / 2) / (n + 1))) / 2 for i in range(n + 1)]
    level = mpf(0)
    for _ in range(60):
        a, b = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, x in enumerate(nodes):
            sign = (-1) ** i * f(x)
            for j in range(above):
                a[i, j] = x**j
            for j in range(1, below):
                a[i, above + j - 1] = -(f(x) - sign * level) * x**j
            a[i, n] = sign
            b[i] = f(x)
        s = lu_solve(a, b)
        level = s[n]
        p, q = [s[j] for j in range(above)], [mpf(1)] + [s[above + j] for j in range(below - 1)]
        error = [(x, 1 - polyval(p[::-1], x) / polyval(q[::-1], x) / f(x)) for x in grid]
        extrema = []
        for x, v in error:
            if extrema and (extrema[-1][1] > 0) == (v > 0):
                if abs(v) > abs(extrema[-1][1]):
                    extrema[-1] = (x, v)
            else:
                extrema.append((x, v))
        while len(extrema) > n + 1:
            extrema.pop(0 if abs(extrema[0][1]) < abs(extrema[-1][1]) else -1)
        if len(extrema) == n + 1:
            nodes = [x for x, _ in extrema]
    print(f"// {name}: relative error {float(max(abs(v) for _, v in error)):.2e}")
    for c in p, q:
        print("[" + ", ".join(repr(float(v)) for v in reversed(c)) + "]")


FITS["tan"] = lambda: quotient64("tan", lambda y: tan(sqrt(y)) / sqrt(y) if y > mpf(10) ** -25 else 1 + y / 3, mpf(0), (pi / 4 * mpf("1.0001")) ** 2, 3, 4)


def exp64():
    fit64_remez("exp64", half_coth, half_coth_weight, 0, LN2_HALF**2, 5)
    fit64_remez("tanh64", half_coth, lambda y: y / 2, 0, mpf("1.1001") ** 2, 8)


def log64():
    """log((1 + s) / (1 - s)) = 2s + s^3 R(s^2)."""
    limit = ((sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)) ** 2 * mpf("1.0001")
    fit64_remez("log64", lambda y: 2 * sum(y**k / (2 * k + 3) for k in range(60)), lambda y: y / 2, 0, limit, 7)


def sine64():
    limit = (pi / 4 * mpf("1.0001")) ** 2
    odd64("sine64", sin, 0, limit, 6)
    # cos(r) = 1 - r^2/2 + r^4 P(r^2)
    of = lambda y: (cos(sqrt(y)) - 1 + y / 2) / y**2 if y > mpf(10) ** -12 else 1 / mpf(24) - y / 720
    fit64_remez("cosine64", of, lambda y: y * y, 0, limit, 6)



def lgamma():
    # log Γ(a) = (a - 1/2) (log a - 1) + c + S(1/a^2) / a, from 2.5 on
    c = log(2 * pi) / 2 - mpf(1) / 2
    exact = lambda a: loggamma(a) - (a - mpf(1) / 2) * (log(a) - 1) - c
    of = lambda t: exact(1 / sqrt(t)) / sqrt(t) if t > mpf(10) ** -8 else mpf(1) / 12 - t / 360 + t * t / 1260
    size = lambda t: max(abs(loggamma(1 / sqrt(t))), mpf(1) / 4) if t > mpf(10) ** -8 else mpf(1)
    fit64_remez("lgamma_stirling", of, lambda t: sqrt(t) / size(t) + mpf(10) ** -6, 0, 1 / mpf(2.5) ** 2, 9)
    near = lambda w: loggamma(2 + w) / w if abs(w) > mpf(10) ** -20 else psi(0, 2)
    fit64_remez("lgamma_near_two", near, lambda w: 1 / abs(near(w)), -mpf(0.5), mpf(0.5), 16)
    # sin πr = πr + πr^3 P(r^2)
    sine = lambda y: (sin(pi * sqrt(y)) / (pi * sqrt(y)) - 1) / y if y > mpf(10) ** -20 else -(pi**2) / 6 + pi**4 * y / 120
    fit64_remez("lgamma_sine", sine, lambda y: y * pi * sqrt(y) / sin(pi * sqrt(y)) if y else mpf(0), 0, mpf(1) / 4, 7)


FITS["lgamma"] = lgamma
FITS |= {"exp64": exp64, "tanh64": exp64, "log64": log64, "sine64": sine64}
FITS["asin"] = lambda: odd64("asin", asin, 0, mpf(1) / 4, 7)
FITS["atan"] = lambda: odd64("atan", atan, 0, (sqrt(mpf(2)) - 1) ** 2 * mpf("1.0001"), 6)

if __name__ == "__main__":
    for key in sys.argv[1:] or FITS:
        FITS[key]()
