"""Check that an estimator has the parameters of a space or of ``initial_params``."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sklearn.base import clone

from skdigits._utils import did_you_mean


def clone_with_params(estimator: Any, params: Mapping[str, Any]) -> Any:
    """Return a clone of an estimator with clones of the parameters.

    They are set in scikit-learn's order: a step comes before its own parameters.
    """
    return clone(estimator).set_params(**clone(dict(params), safe=False))


def check_params(params: Mapping[str, Any], estimator: Any, *, source: str) -> None:
    """Raise a ValueError unless the estimator has the parameters.

    ``source`` is the parameter of the search that contains them.
    """
    try:
        clone_with_params(estimator, params)
    except Exception:
        name, accepted = _first_rejected(params, estimator)
        available = list(clone_with_params(estimator, accepted).get_params(deep=True))
        if name in available:  # the name exists, so the value was rejected
            raise
        parents = {n: v for n, v in accepted.items() if str(name).startswith(f"{n}__")}
        if parents:  # only names below these can have been meant
            available = [
                n for n in available if any(n.startswith(f"{p}__") for p in parents)
            ]
        hint = did_you_mean(str(name), available)
        if parents and source == "space":
            hint += (
                " To tune parameters that only one of several choices has, use a list "
                "of spaces."
            )
        settings = ", ".join(f"{n}={v!r}" for n, v in parents.items())
        where = f" with {settings}" if settings else ""
        raise ValueError(
            f"{source} must contain parameters of {type(estimator).__name__}{where}; "
            f"got {name!r}.{hint}"
        ) from None


def _first_rejected(
    params: Mapping[str, Any], estimator: Any
) -> tuple[str, dict[str, Any]]:
    """Return the first parameter that cannot be set, and those that can be.

    A parameter counts as settable if it can be set after some of the others.
    """
    accepted: dict[str, Any] = {}
    pending = dict(params)
    while True:
        for name, value in pending.items():
            with suppress(Exception):
                clone_with_params(estimator, {**accepted, name: value})
                accepted[name] = pending.pop(name)
                break
        else:
            return next(iter(pending)), accepted
