"""What makes a search the same one in another process, and at another time."""

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


def without_addresses(thing: Any) -> str:
    """Return what a thing is printed as, the same in any process.

    Examples
    --------
    >>> without_addresses(print), without_addresses(object())
    ('<built-in function print>', '<object object>')
    >>> without_addresses(({"b", "a"}, [1]))
    "({'a', 'b'}, [1])"
    """
    kind = type(thing)
    if kind in (list, tuple, set, frozenset):
        parts = [without_addresses(part) for part in thing]
        if kind is list:
            return f"[{', '.join(parts)}]"
        if kind is tuple:
            return f"({', '.join(parts)}{',' * (len(parts) == 1)})"
        if parts:  # in an order of their own: that of a set differs by process
            text = f"{{{', '.join(sorted(parts))}}}"
            return text if kind is set else f"frozenset({text})"
    if kind is dict:
        items = (
            f"{without_addresses(k)}: {without_addresses(v)}" for k, v in thing.items()
        )
        return f"{{{', '.join(items)}}}"
    return re.sub(r" at 0x\w+", "", repr(thing))


def digest(*things: Any) -> str:
    """Return a digest of arrays and whatever else can be pickled."""
    return joblib.hash(things, coerce_mmap=True)


def key_of(value: Any, unknown: Callable[[Any], object] = id) -> str:
    """Return a text that is the same for parameters that are fitted the same.

    Estimators are compared by their parameters. What is equal and not of one type, as 1
    and 1.0, differs. What can be neither compared nor pickled is told apart by
    ``unknown``: by default it is the same only as itself.

    Examples
    --------
    >>> key_of({"a": 1, "b": [2]}) == key_of({"b": [2], "a": 1})
    True
    >>> key_of(1) == key_of(1.0)
    False
    """
    key = partial(key_of, unknown=unknown)
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
        return f"{kind} {unknown(value)}"


def by_value(data: Any) -> Any:
    """Return arrays and tables such that their digest is one of the values alone.

    Their dtype and shape matter, too; how they lie in memory does not.
    """
    if isinstance(data, dict):
        return {name: by_value(part) for name, part in data.items()}
    if isinstance(data, list):
        return [by_value(part) if hasattr(part, "shape") else part for part in data]
    if issparse(data):
        rows = data.tocsr(copy=True)
        rows.sum_duplicates()
        rows.eliminate_zeros()
        places = rows.indices.astype(np.int64), rows.indptr.astype(np.int64)
        return "sparse", rows.shape, rows.data, *places
    if hasattr(data, "iloc"):  # one of pandas'
        columns = data.items() if data.ndim == 2 else [("", data)]
        return [
            (repr(name), str(column.dtype), by_value(column.to_numpy()))
            for name, column in columns
        ]
    if type(data) in (np.ndarray, np.memmap):
        # An axis of length one may have any stride: reshaping sets it.
        return np.ascontiguousarray(data).reshape(-1).reshape(data.shape)
    return data


def digest_of_estimator(estimator: Any) -> str:
    """Return a digest of an estimator, its parts, and all their parameters."""

    def setting(value: Any) -> Any:
        if hasattr(value, "get_params"):
            return type(value).__qualname__
        if isinstance(value, list | tuple):
            return [setting(part) for part in value]
        return without_addresses(value)

    settings = [
        (name, setting(value))
        for name, value in sorted(estimator.get_params(deep=True).items())
        if not name.endswith("verbose")
    ]
    return digest(setting(estimator), settings)


def digest_of_scoring(scoring: Any) -> str:
    """Return a digest of what a search is scored by; of functions, of what they do."""
    if isinstance(scoring, dict):
        return digest([(name, digest_of_scoring(s)) for name, s in scoring.items()])
    if callable(scoring):
        return digest(digest_of_function(scoring))
    return digest(without_addresses(scoring))


def name_of_function(function: Any) -> str:
    """Return the name of a function, or of the class of another callable.

    Examples
    --------
    >>> from functools import partial
    >>> name_of_function(partial(name_of_function, print))
    'name_of_function'
    """
    if isinstance(function, partial):
        return name_of_function(function.func)
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def brought_along(function: Any) -> str:
    """Return the values that a function has from outside of its call, as a text."""
    if isinstance(function, partial):
        bound = function.args, sorted(function.keywords.items())
        return f"{brought_along(function.func)} {without_addresses(bound)}"
    if not hasattr(function, "__code__"):
        return without_addresses((function, getattr(function, "__dict__", {})))
    captured = [cell.cell_contents for cell in function.__closure__ or ()]
    return without_addresses((function.__defaults__, function.__kwdefaults__, captured))


def digest_of_function(function: Any) -> str:
    """Return a digest of what a function does, and of the values it has brought along.

    Comments, docstrings and the like are no part of that.
    """
    inner = function
    while isinstance(inner, partial):
        inner = inner.func
    code = _code_of(inner.__code__) if hasattr(inner, "__code__") else ""
    return hashlib.sha256(f"{code}{brought_along(function)}".encode()).hexdigest()


def _code_of(code: CodeType) -> str:
    def argument(value: Any) -> str:
        is_code = isinstance(value, CodeType)
        return _code_of(value) if is_code else without_addresses(value)

    return "".join(
        f"{step.opname} {argument(step.argval)}\n"
        for step in dis.get_instructions(code)
    )
