"""Arrays as the compiled part takes them: float64 in C order. What is so already is passed on as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def _floats(values: ArrayLike, what: str) -> Floats:
    array = np.asarray(values)
    if array.dtype.kind == "c":
        raise ValueError(f"{what} is complex; wanted real numbers")
    return np.ascontiguousarray(array, dtype=np.float64) if array.ndim else array.astype(np.float64)


def vector(values: ArrayLike, what: str) -> Floats:
    """One dimension."""
    array = _floats(values, what)
    if array.ndim != 1:
        raise ValueError(f"{what} has {array.ndim} dimensions; wanted 1")
    return array


def matrix(values: ArrayLike, what: str) -> Floats:
    """Two dimensions; an empty list is no rows."""
    array = _floats(values, what)
    if array.ndim == 1 and array.size == 0:
        return array.reshape(0, 2)
    if array.ndim != 2:
        raise ValueError(f"{what} has {array.ndim} dimensions; wanted 2")
    return array


def count(value: Any, what: str) -> int:
    """A whole number that is not negative."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{what} is {value!r}; wanted a whole number")
    if value < 0:
        raise ValueError(f"{what} is {value}; wanted a number that is not negative")
    return int(value)
