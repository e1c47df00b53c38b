"""Texts and digests by which searches and parameters are recognized.

They are the same in every process, so that a study can be resumed and shared.
"""

import dis
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from types import CodeType
from typing import Any

import joblib
import numpy as np
from scipy.sparse import issparse


def stable_repr(value: Any) -> str:
    """Return the repr of a value without addresses and with sets in sorted order.

    Examples
    --------
    >>> stable_repr(print), stable_repr(object())
    ('<built-in function print>', '<object object>')
    >>> stable_repr(({"b", "a"}, [1]))
    "({'a', 'b'}, [1])"
    """
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        parts = [stable_repr(part) for part in value]
        if kind is list:
            return f"[{', '.join(parts)}]"
        if kind is tuple:
            return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
        if parts:  # sorted, since the order of a set differs between processes
            text = f"{{{', '.join(sorted(parts))}}}"
            return text if kind is set else f"frozenset({text})"
    if kind is dict:
        items = (f"{stable_repr(k)}: {stable_repr(v)}" for k, v in value.items())
        return f"{{{', '.join(items)}}}"
    return re.sub(r" at 0x\w+", "", repr(value))


def fingerprint(*values: Any) -> str:
    """Return a digest of arrays and of anything else that can be pickled."""
    return joblib.hash(values, coerce_mmap=True)


def comparison_key(value: Any, fallback: Callable[[Any], object] = id) -> str:
    """Return a text that is equal for parameters that give the same fit.

    Estimators are compared by their parameters. Equal values of different types, such
    as 1 and 1.0, have different keys. The key of a value that can be neither compared
    nor pickled is made by ``fallback``; by default such a value equals only itself.

    Examples
    --------
    >>> comparison_key({"a": 1, "b": [2]}) == comparison_key({"b": [2], "a": 1})
    True
    >>> comparison_key(1) == comparison_key(1.0)
    False
    """
    key = partial(comparison_key, fallback=fallback)
    if isinstance(value, np.generic):
        value = value.item()
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return f"{kind} {value!r}"
    if isinstance(value, Mapping):
        items = sorted(f"{key(name)}: {key(v)}" for name, v in value.items())
        return f"{kind} {items}"
    if isinstance(value, list | tuple):
        return f"{kind} {[key(part) for part in value]}"
    if isinstance(value, set | frozenset):
        return f"{kind} {sorted(map(key, value))}"
    if hasattr(value, "get_params") and not isinstance(value, type):
        return f"{kind} {key(value.get_params(deep=False))}"
    try:
        return f"{kind} {joblib.hash(value)}"
    except Exception:
        return f"{kind} {fallback(value)}"


def canonical_data(data: Any) -> Any:
    """Return data in a form whose fingerprint depends on values, dtype and shape only.

    How arrays and tables lie in memory has no influence on it.
    """
    if isinstance(data, dict):
        return {name: canonical_data(part) for name, part in data.items()}
    if isinstance(data, list):
        return [
            canonical_data(part) if hasattr(part, "shape") else part for part in data
        ]
    if issparse(data):
        csr = data.tocsr(copy=True)
        csr.sum_duplicates()
        csr.eliminate_zeros()
        indices = csr.indices.astype(np.int64), csr.indptr.astype(np.int64)
        return "sparse", csr.shape, csr.data, *indices
    if hasattr(data, "iloc"):  # a table or a series of pandas
        columns = data.items() if data.ndim == 2 else [("", data)]
        return [
            (repr(name), str(column.dtype), canonical_data(column.to_numpy()))
            for name, column in columns
        ]
    if type(data) in (np.ndarray, np.memmap):
        # An axis of length one may have any stride: reshaping sets it.
        return np.ascontiguousarray(data).reshape(-1).reshape(data.shape)
    return data


def fingerprint_of_estimator(estimator: Any) -> str:
    """Return a digest of an estimator, its parts, and all their parameters."""

    def setting(value: Any) -> Any:
        if hasattr(value, "get_params"):
            return type(value).__qualname__
        if isinstance(value, list | tuple):
            return [setting(part) for part in value]
        return stable_repr(value)

    settings = [
        (name, setting(value))
        for name, value in sorted(estimator.get_params(deep=True).items())
        if not name.endswith("verbose")
    ]
    return fingerprint(setting(estimator), settings)


def fingerprint_of_scoring(scoring: Any) -> str:
    """Return a digest of the parameter ``scoring``; of the code if it is a function."""
    if isinstance(scoring, dict):
        return fingerprint(
            [(name, fingerprint_of_scoring(s)) for name, s in scoring.items()]
        )
    if callable(scoring):
        return fingerprint(fingerprint_of_function(scoring))
    return fingerprint(stable_repr(scoring))


def function_name(function: Any) -> str:
    """Return the name of a function, or of the class of another callable.

    Examples
    --------
    >>> from functools import partial
    >>> function_name(partial(function_name, print))
    'function_name'
    """
    if isinstance(function, partial):
        return function_name(function.func)
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def bound_values(function: Any) -> str:
    """Return, as a text, the defaults, bound arguments and closure of a function."""
    if isinstance(function, partial):
        bound = function.args, sorted(function.keywords.items())
        return f"{bound_values(function.func)} {stable_repr(bound)}"
    if not hasattr(function, "__code__"):
        return stable_repr((function, getattr(function, "__dict__", {})))
    captured = [cell.cell_contents for cell in function.__closure__ or ()]
    return stable_repr((function.__defaults__, function.__kwdefaults__, captured))


def fingerprint_of_function(function: Any) -> str:
    """Return a digest of the instructions of a function and of its bound values.

    Comments, docstrings and type hints have no influence on it.
    """
    inner = function
    while isinstance(inner, partial):
        inner = inner.func
    code = _instructions(inner.__code__) if hasattr(inner, "__code__") else ""
    return hashlib.sha256(f"{code}{bound_values(function)}".encode()).hexdigest()


def _instructions(code: CodeType) -> str:
    def argument(value: Any) -> str:
        is_code = isinstance(value, CodeType)
        return _instructions(value) if is_code else stable_repr(value)

    return "".join(
        f"{step.opname} {argument(step.argval)}\n"
        for step in dis.get_instructions(code)
    )
