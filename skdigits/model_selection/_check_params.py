"""Whether an estimator has the parameters that it is to be given."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sklearn.base import clone

from skdigits._utils import did_you_mean


def with_params(estimator: Any, params: Mapping[str, Any]) -> Any:
    """Return a clone of an estimator that has clones of the parameters.

    They are set in scikit-learn's order: a step comes before its own parameters.
    """
    return clone(estimator).set_params(**clone(dict(params), safe=False))


def check_params(params: Mapping[str, Any], estimator: Any, *, of: str) -> None:
    """Raise ValueError unless the estimator can be given the parameters.

    ``of`` is what has them.
    """
    try:
        with_params(estimator, params)
    except Exception:
        name, taken = _first_that_is_refused(params, estimator)
        known = list(with_params(estimator, taken).get_params(deep=True))
        if name in known:  # it is the value that is refused
            raise
        given = {n: v for n, v in taken.items() if str(name).startswith(f"{n}__")}
        if given:  # it is among what belongs to these
            known = [n for n in known if any(n.startswith(f"{g}__") for g in given)]
        hint = did_you_mean(str(name), known)
        if given and of == "space":
            hint += (
                " The parameters of one choice of several belong in a space of their "
                "own: space may be a list."
            )
        settings = ", ".join(f"{n}={v!r}" for n, v in given.items())
        where = f" with {settings}" if given else ""
        raise ValueError(
            f"{of} has {name!r}, which is no parameter of "
            f"{type(estimator).__name__}{where}.{hint}"
        ) from None


def _first_that_is_refused(
    params: Mapping[str, Any], estimator: Any
) -> tuple[str, dict[str, Any]]:
    """Return a parameter that cannot be set whatever is set before, and the others."""
    taken: dict[str, Any] = {}
    pending = dict(params)
    while True:
        for name, value in pending.items():
            with suppress(Exception):
                with_params(estimator, {**taken, name: value})
                taken[name] = pending.pop(name)
                break
        else:
            return next(iter(pending)), taken
