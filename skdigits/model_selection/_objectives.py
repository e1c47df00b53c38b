"""What a search optimizes: scores of the folds, and measures such as times."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, Literal, NamedTuple

import numpy as np

# Measures are minimized, scores maximized.
MEASURES = "n_weights", "predict_time", "fit_time"


class Objective(NamedTuple):
    """A score to maximize, or a measure to minimize.

    A score may have the name of a measure. ``is_default`` marks an objective that the
    search has chosen before it knows what a scoring function returns.
    """

    name: str
    is_measure: bool = False
    is_default: bool = False

    def name_in(self, scores: Mapping[str, Any]) -> str:
        """Return the name of this score among the scores of a fold.

        If nothing is named, the first score is meant; if the scoring function returns a
        number, its only score.

        Examples
        --------
        >>> Objective("", is_default=True).name_in({"accuracy": 0.9, "f1": 0.8})
        'accuracy'
        >>> Objective("accuracy", is_default=True).name_in({"score": 0.9})
        'score'
        """
        if self.is_default and (not self.name or list(scores) == ["score"]):
            return next(iter(scores), "score")
        return self.name


def metric_names(scoring: Any) -> list[str]:
    """Return the names of the scores, as far as they are known before any fit.

    Examples
    --------
    >>> metric_names("accuracy"), metric_names(["accuracy", "f1_macro"])
    (['score'], ['accuracy', 'f1_macro'])
    """
    is_multimetric = isinstance(scoring, list | tuple | dict)
    return list(scoring) if is_multimetric else ["score"]


def check_objectives(
    objectives: Sequence[str] | None, scoring: Any, refit: Any
) -> list[Objective]:
    """Return the objectives described by the parameter ``objectives`` of a search.

    Raises
    ------
    ValueError
        If one of them is unknown or repeated, or if there are none.
    """
    metrics = metric_names(scoring)
    if objectives is None:
        return [default_objective(scoring, refit)]
    unknown = sorted(set(objectives) - {*metrics, *MEASURES})
    is_repeated = len(set(objectives)) < len(objectives)
    if (unknown and not callable(scoring)) or not objectives or is_repeated:
        raise ValueError(
            f"objectives must be distinct and among {[*metrics, *MEASURES]}; got "
            f"{list(objectives)}."
        )
    return [
        Objective(name, is_measure=name in MEASURES and name not in metrics)
        for name in objectives
    ]


def default_objective(scoring: Any, refit: Any) -> Objective:
    """Return the metric named by ``refit``, or the first one."""
    if callable(scoring):
        # What it returns is not known before it is called.
        name = refit if isinstance(refit, str) else "score" if refit is True else ""
        return Objective(name, is_default=True)
    metrics = metric_names(scoring)
    return Objective(refit if refit in metrics else metrics[0])


def required_scores(
    objectives: Sequence[Objective], scoring: Any, refit: Any
) -> list[Objective]:
    """Return the scores that must be finite for a trial to be completed."""
    scores = [objective for objective in objectives if not objective.is_measure]
    refits_by_score = refit is True or isinstance(refit, str)
    return [*scores, default_objective(scoring, refit)] if refits_by_score else scores


def check_constraints(constraints: Mapping[str, float] | None) -> dict[str, float]:
    """Return the largest value of each measure that the best trial may have.

    Raises
    ------
    ValueError
        If a measure is unknown.
    TypeError
        If a bound is not a number.
    """
    for name, bound in (constraints or {}).items():
        if name not in MEASURES:
            raise ValueError(
                f"constraints must have keys among {list(MEASURES)}; got {name!r}."
            )
        if not isinstance(bound, Real) or np.isnan(bound):
            raise TypeError(f"constraints[{name!r}] must be a number; got {bound!r}.")
    return dict(constraints or {})


def check_available(
    names: Iterable[str], available: Iterable[str], others: Iterable[str] = ()
) -> None:
    """Raise a ValueError if a needed score or measure is not available.

    ``others`` are also available and are listed in the message.
    """
    for name in names:
        if name not in available:
            raise ValueError(
                "objectives, constraints and refit must be among the scores and "
                f"measures of the estimator, {sorted({*available, *others})}; got "
                f"{name!r}."
            )


def directions(
    objectives: Sequence[Objective],
) -> list[Literal["minimize", "maximize"]]:
    """Return the direction in which Optuna optimizes each objective.

    Examples
    --------
    >>> directions([Objective("accuracy"), Objective("n_weights", is_measure=True)])
    ['maximize', 'minimize']
    """
    return ["minimize" if o.is_measure else "maximize" for o in objectives]


def single_score(objectives: Sequence[Objective]) -> Objective | None:
    """Return the only objective if it is a score, None otherwise."""
    is_one_score = len(objectives) == 1 and not objectives[0].is_measure
    return objectives[0] if is_one_score else None
