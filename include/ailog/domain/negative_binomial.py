"""Tails of the negative binomial distribution, vectorised, with numpy alone.

A count has mean ``m`` and variance ``m + phi * m**2``; ``phi`` is its over-dispersion, 0 being a Poisson count.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_LEAST_PHI: Final = 1e-6
_TINY: Final = 1e-300
_EXACT: Final = 1e-12
_ROUNDS: Final = 20_000
_FEW: Final = 8
"""Elements up to which plain floats are faster than arrays."""


def _log_gamma(values: Floats) -> Floats:
    return np.fromiter((math.lgamma(value) for value in values), float, len(values))


def log_upper_tail(count: npt.ArrayLike, mean: npt.ArrayLike, phi: npt.ArrayLike) -> Floats:
    """The natural logarithm of P(Y >= count): 0 for a count of 0, finite far beyond what a float could hold as a probability.

    P(Y >= y) is the regularised incomplete beta function I_x(y, 1/phi) with x = m / (m + 1/phi) (Abramowitz and Stegun 26.5.26),
    evaluated by its continued fraction with the modified Lentz method. Arguments broadcast; a mean of 0 gives minus infinity.
    """
    y, m, p = np.broadcast_arrays(np.asarray(count, float), np.asarray(mean, float), np.asarray(phi, float))
    shape = y.shape
    y, m, r = y.ravel(), m.ravel(), 1.0 / np.maximum(p.ravel(), _LEAST_PHI)
    result = np.zeros(y.shape)
    result[(y > 0) & (m <= 0)] = -np.inf
    judged = (y > 0) & (m > 0)
    if judged.any():
        x = m[judged] / (m[judged] + r[judged])
        result[judged] = _log_beta_inc(y[judged], r[judged], x)
    return result.reshape(shape)


def log_zero(mean: npt.ArrayLike, phi: npt.ArrayLike) -> Floats:
    """The natural logarithm of P(Y = 0)."""
    m, p = np.asarray(mean, float), np.maximum(np.asarray(phi, float), _LEAST_PHI)
    return np.asarray(-np.log1p(p * m) / p)


def _log_beta_inc(a: Floats, b: Floats, x: Floats) -> Floats:
    # The fraction converges fast below the mean of the distribution; above it, the complement's does.
    swap = x > (a + 1) / (a + b + 2)
    a, b, x, other = np.where(swap, b, a), np.where(swap, a, b), np.where(swap, 1 - x, x), np.where(swap, x, 1 - x)
    log_gammas = _log_gamma(a + b) - _log_gamma(a) - _log_gamma(b)
    log_front = log_gammas + a * np.log(x) + b * np.log(other)
    value = log_front - np.log(a) + np.log(_fraction(a, b, x))
    complement = np.log1p(-np.exp(np.minimum(value, -1e-16)))
    return np.asarray(np.minimum(np.where(swap, complement, value), 0.0))


def _fraction(a: Floats, b: Floats, x: Floats) -> Floats:
    if len(a) <= _FEW:  # numpy's own cost per operation would be many times that of the arithmetic
        return np.array([_fraction_of_one(*one) for one in zip(a.tolist(), b.tolist(), x.tolist(), strict=True)])
    c = step = np.ones_like(a)
    d = 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1))
    total = d.copy()
    for k in range(1, _ROUNDS):
        for part in _parts(k, a, b, x):
            d = 1.0 / _not_zero(1.0 + part * d)
            c = _not_zero(1.0 + part / c)
            step = d * c
            total *= step
        if np.max(np.abs(step - 1.0)) < _EXACT:
            break
    return total


def _fraction_of_one(a: float, b: float, x: float) -> float:
    c = step = 1.0
    total = d = 1.0 / (1.0 - (a + b) * x / (a + 1) or _TINY)
    for k in range(1, _ROUNDS):
        for part in _parts(k, a, b, x):
            d = 1.0 / (1.0 + part * d or _TINY)
            c = 1.0 + part / c or _TINY
            step = d * c
            total *= step
        if abs(step - 1.0) < _EXACT:
            break
    return total


def _parts(k: int, a: Any, b: Any, x: Any) -> tuple[Any, Any]:
    """Two numerators of the fraction."""
    twice = a + 2 * k
    return k * (b - k) * x / ((twice - 1) * twice), -(a + k) * (a + b + k) * x / (twice * (twice + 1))


def _not_zero(values: Floats) -> Floats:
    np.copyto(values, _TINY, where=values == 0)
    return values
