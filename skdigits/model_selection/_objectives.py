"""What a search optimizes: the scores of the folds, and what else is measured."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

# These are to be small, and scores large.
MEASURES = "n_weights", "predict_time", "fit_time"


class Objective(NamedTuple):
    """What is optimized: a score, which is to be large, or a measure.

    Scores may be named as they please, like a measure, too. ``is_default`` is of an
    objective that the search has chosen, before it knows what a scoring function
    returns.
    """

    name: str
    is_measure: bool = False
    is_default: bool = False

    def name_in(self, scores: Mapping[str, Any]) -> str:
        """Return the name of this score among those that a fold has.

        Where nothing is named, the first score decides; where the scoring function
        returns a number, it is the one.

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
    """Return the names of the scores, as far as they are known beforehand.

    Examples
    --------
    >>> metric_names("accuracy"), metric_names(["accuracy", "f1_macro"])
    (['score'], ['accuracy', 'f1_macro'])
    """
    several = isinstance(scoring, list | tuple | dict)
    return list(scoring) if several else ["score"]


def check_objectives(
    objectives: Sequence[str] | None, scoring: Any, refit: Any
) -> list[Objective]:
    """Return what is optimized, all of it known.

    By default it is the metric that decides what is refitted, or the first one.
    """
    metrics = metric_names(scoring)
    if objectives is None:
        return [default_objective(scoring, refit)]
    unknown = sorted(set(objectives) - {*metrics, *MEASURES})
    is_repeated = len(set(objectives)) < len(objectives)
    if (unknown and not callable(scoring)) or not objectives or is_repeated:
        raise ValueError(
            f"objectives must be different ones of {[*metrics, *MEASURES]}; got "
            f"{list(objectives)}."
        )
    return [
        Objective(name, is_measure=name in MEASURES and name not in metrics)
        for name in objectives
    ]


def default_objective(scoring: Any, refit: Any) -> Objective:
    """Return the metric that decides what is refitted, or the first one."""
    if callable(scoring):
        # Of what it returns nothing is known before it is called.
        name = refit if isinstance(refit, str) else "score" if refit is True else ""
        return Objective(name, is_default=True)
    metrics = metric_names(scoring)
    return Objective(refit if refit in metrics else metrics[0])


def deciding(
    objectives: Sequence[Objective], scoring: Any, refit: Any
) -> list[Objective]:
    """Return the scores without which a trial has failed."""
    scores = [objective for objective in objectives if not objective.is_measure]
    is_chosen_by_score = refit is True or isinstance(refit, str)
    return (
        [*scores, default_objective(scoring, refit)] if is_chosen_by_score else scores
    )


def check_constraints(constraints: Mapping[str, float] | None) -> dict[str, float]:
    """Return the largest values of what is measured, all of it known."""
    for name, bound in (constraints or {}).items():
        if name not in MEASURES:
            raise ValueError(
                f"constraints must be among {list(MEASURES)}; got {name!r}."
            )
        if not isinstance(bound, Real) or np.isnan(bound):
            raise TypeError(f"constraints[{name!r}] must be a number; got {bound!r}.")
    return dict(constraints or {})


def check_measured(
    names: Iterable[str], measures: Iterable[str], others: Iterable[str] = ()
) -> None:
    """Raise ValueError if a measure or score is missing; others are known, too."""
    for name in names:
        if name not in measures:
            raise ValueError(
                f"objectives, constraints or refit need {name!r}, which the fits and "
                "scores of this estimator do not have; they have "
                f"{sorted({*measures, *others})}."
            )


def directions(objectives: Sequence[Objective]) -> list[str]:
    """Return in which direction each objective is to go.

    Examples
    --------
    >>> directions([Objective("accuracy"), Objective("n_weights", is_measure=True)])
    ['maximize', 'minimize']
    """
    return ["minimize" if of.is_measure else "maximize" for of in objectives]


def score_of(objectives: Sequence[Objective]) -> Objective | None:
    """Return the score that is optimized, if it is one and it alone."""
    is_one_score = len(objectives) == 1 and not objectives[0].is_measure
    return objectives[0] if is_one_score else None
