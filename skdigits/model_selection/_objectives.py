"""What a search optimizes: the scores of the folds, and what else is measured."""

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

# These are to be small, and scores large.
MEASURES = "n_weights", "predict_time", "fit_time"


def metric_names(scoring: Any) -> list[str]:
    """Return the names of the scores, as far as they are known beforehand.

    Examples
    --------
    >>> metric_names("accuracy"), metric_names(["accuracy", "f1_macro"])
    (['score'], ['accuracy', 'f1_macro'])
    """
    several = isinstance(scoring, list | tuple | dict)
    return list(scoring) if several else ["score"]


def check_objectives(
    objectives: Sequence[str] | None, scoring: Any, metric: str | None
) -> list[str]:
    """Return the names of what is optimized, all of them known."""
    metrics = metric_names(scoring)
    if objectives is None:
        return [metric or metrics[0]]
    unknown = sorted(set(objectives) - {*metrics, *MEASURES})
    is_repeated = len(set(objectives)) < len(objectives)
    if (unknown and not callable(scoring)) or not objectives or is_repeated:
        raise ValueError(
            f"objectives must be different ones of {[*metrics, *MEASURES]}; got "
            f"{list(objectives)}."
        )
    return list(objectives)


def check_constraints(constraints: Mapping[str, float] | None) -> dict[str, float]:
    """Return the largest values of what is measured, all of it known."""
    for name, bound in (constraints or {}).items():
        if name not in MEASURES:
            raise ValueError(
                f"constraints must be among {list(MEASURES)}; got {name!r}."
            )
        if not isinstance(bound, Real):
            raise TypeError(f"constraints[{name!r}] must be a number; got {bound!r}.")
    return dict(constraints or {})


def directions(objectives: Sequence[str]) -> list[str]:
    """Return in which direction each objective is to go.

    Examples
    --------
    >>> directions(["accuracy", "n_weights"])
    ['maximize', 'minimize']
    """
    return ["minimize" if name in MEASURES else "maximize" for name in objectives]


def score_of(objectives: Sequence[str]) -> str | None:
    """Return the score that is optimized, if it is one and it alone."""
    is_one_score = len(objectives) == 1 and objectives[0] not in MEASURES
    return objectives[0] if is_one_score else None
