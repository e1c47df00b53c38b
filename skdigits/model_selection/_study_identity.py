"""Recognize the search that a study belongs to.

A study stores fingerprints of the data, the folds, the estimator, the scorers and the
space that it was started with, and the seed. Another search that uses the same study
must agree with them, because its scores would not be comparable otherwise.
"""

import warnings
from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

from optuna.study import Study
from optuna.trial import TrialState
from sklearn.utils import check_random_state

from skdigits.model_selection._fingerprint import (
    canonical_data,
    fingerprint,
    fingerprint_of_estimator,
    fingerprint_of_scoring,
    stable_repr,
)
from skdigits.model_selection._folds import Fold
from skdigits.model_selection._objectives import Objective
from skdigits.model_selection._spaces import Space, is_same_space

_ATTR = "skdigits"


def data_identity(X: Any, y: Any, params: Mapping[str, Any]) -> str:
    """Return the fingerprint of the data of a search."""
    return fingerprint(*map(canonical_data, (X, y, params)))


def search_identity(
    *,
    data: str,
    space: Space,
    scoring: Any,
    objectives: Sequence[Objective],
    constraints: Mapping[str, float],
    estimator: Any,
) -> dict[str, str]:
    """Return the fingerprints that make up a search, without its folds.

    The keys are those of stored studies, and appear in messages.
    """
    return {
        "data": data,
        "space": space.identity,
        "scores or constraints": fingerprint(
            fingerprint_of_scoring(scoring),
            [objective.name for objective in objectives],
            constraints,
        ),
        "parameters of the estimator": fingerprint_of_estimator(estimator),
    }


def default_study_name(
    identity: Mapping[str, str], space: Space, cv: Any, random_state: Any
) -> str:
    """Return the name of a study that only searches of this identity have."""
    values: list[Any] = [identity, stable_repr(cv), str(random_state)]
    if space.details:
        values.append(space.details)
    return f"skdigits-{fingerprint(*values)[:12]}"


def stored_seed(study: Study) -> int | None:
    """Return the seed of the search that a study belongs to, None before it begins."""
    identity = study.user_attrs.get(_ATTR)
    return identity["seed"] if identity else None


def choose_seed(study: Study, random_state: Any, *, is_new: bool) -> int:
    """Return the seed of the folds and of the sampler.

    A study that has a seed keeps it; a warning says so if another one was given.
    """
    seed = stored_seed(study)
    if seed is None:
        if random_state is None and not is_new:
            # Workers that start together on a study made in advance need the same seed.
            random_state = int(fingerprint(study.study_name)[:8], 16)
        return _draw_seed(random_state)
    if isinstance(random_state, Integral) and _draw_seed(random_state) != seed:
        warnings.warn(
            f"random_state={random_state} has no effect: the study "
            f"{study.study_name!r} keeps the seed that it was started with.",
            stacklevel=6,
        )
    return seed


def check_or_store_identity(
    study: Study, seed: int, identity: Mapping[str, str], folds: Sequence[Fold]
) -> None:
    """Store the identity of a search in a new study, or check that it is the same.

    Raises
    ------
    ValueError
        If the study belongs to a search of other data, folds, scores or parameters, or
        has trials that do not belong to any search.
    """
    ours = {**identity, "folds": fingerprint(folds)}
    theirs = study.user_attrs.get(_ATTR)
    if theirs is None:
        if any(trial.state is not TrialState.WAITING for trial in study.trials):
            raise ValueError(
                "study_name must name a new study or one of an OptunaSearchCV; got "
                f"{study.study_name!r}, which has other trials."
            )
        study.set_user_attr(_ATTR, {**ours, "seed": seed})
        return
    different = [name for name, value in ours.items() if theirs.get(name) != value]
    if "space" in different and is_same_space(str(theirs.get("space")), ours["space"]):
        different.remove("space")
    if different:
        raise ValueError(
            "study_name must name a study of the same search; got "
            f"{study.study_name!r}, whose search differs in its "
            f"{' and its '.join(different)}. Use another study_name, or resume the "
            "study with what it was started with."
        )


def _draw_seed(random_state: Any) -> int:
    return int(check_random_state(random_state).randint(2**31 - 1))
