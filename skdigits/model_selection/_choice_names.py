"""Names of categorical choices, under which a study stores them.

A storage keeps choices as JSON, which has neither tuples nor objects.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from skdigits.model_selection._fingerprint import stable_repr


def choice_names(choices: Iterable[Any]) -> list[Any]:
    """Return the choices that JSON can represent as they are, and names of the others.

    If Optuna could not tell two of them apart, all are numbered.

    Examples
    --------
    >>> choice_names([None, "relu", (32, 16)])
    [None, 'relu', '(32, 16)']
    >>> choice_names([1, 1.0, "sqrt"])
    ['0: 1', '1: 1.0', '2: sqrt']
    >>> choice_names([object(), object()])
    ['0: <object object>', '1: <object object>']
    """
    plain = [c.item() if isinstance(c, np.generic) else c for c in choices]
    names = [
        c if isinstance(c, str | int | float | None) else stable_repr(c) for c in plain
    ]
    # Two NaN have the same repr but are not equal; 1 and True are equal.
    if len(set(names)) == len(set(map(repr, names))) == len(names):
        return names
    return [f"{i}: {name}" for i, name in enumerate(names)]


def find_choice_name(choice: Any, names: Iterable[Any]) -> Any:
    """Return the name of a choice among the names of all choices.

    Raises
    ------
    ValueError
        If it is not there.

    Examples
    --------
    >>> find_choice_name((32, 16), ["(16,)", "(32, 16)"])
    '(32, 16)'
    >>> find_choice_name(1.0, ["0: 1", "1: 1.0"])
    '1: 1.0'
    """
    names = list(names)
    (own,) = choice_names([choice])
    for number, name in enumerate(names):
        if repr(name) == repr(own) or name == f"{number}: {own}":
            return name
    raise ValueError(f"choice must be one of {names}; got {choice!r}.")
