"""Open the Optuna study of a search."""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError
from optuna.pruners import BasePruner
from optuna.storages import BaseStorage
from optuna.study import Study
from optuna.trial import FrozenTrial

from skdigits.model_selection._objectives import Objective, directions
from skdigits.model_selection._optuna_private import quiet_optuna, set_metric_names
from skdigits.model_selection._study_identity import stored_seed

_SECONDS_TO_STORE_IDENTITY = 10


class StoppableStudy(Study):
    """A study that callbacks and samplers can stop during a search.

    Optuna allows this only within its own loop.
    """

    is_stopped = False

    def stop(self) -> None:
        """End the search after the current trials."""
        self.is_stopped = True
        with suppress(RuntimeError):
            super().stop()


def open_study(
    storage: BaseStorage,
    name: str | None,
    *,
    objectives: Sequence[Objective],
    pruner: BasePruner,
) -> tuple[StoppableStudy, bool]:
    """Return the study of this name, and whether it is new.

    Raises
    ------
    ValueError
        If it exists and optimizes in other directions.
    """
    ours = directions(objectives)
    metrics = [objective.name or "score" for objective in objectives]
    is_new = False
    try:
        study = optuna.create_study(
            study_name=name, storage=storage, directions=ours, pruner=pruner
        )
    except DuplicatedStudyError:
        study = optuna.load_study(study_name=name, storage=storage, pruner=pruner)
        theirs = [direction.name.lower() for direction in study.directions]
        if theirs != ours:
            raise ValueError(
                f"study_name must name a study with the directions {ours} for "
                f"the objectives {metrics}; got {name!r} with the directions {theirs}."
            ) from None
        # The worker that has just made it stores the identity of its search next.
        deadline = time.monotonic() + _SECONDS_TO_STORE_IDENTITY
        while stored_seed(study) is None and not study.trials:
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
    else:
        set_metric_names(study, metrics)
        is_new = True
    return StoppableStudy(study.study_name, storage, pruner=pruner), is_new


def in_memory_study(trials: Sequence[FrozenTrial], directions: Sequence[Any]) -> Study:
    """Return a study of copies of the trials, numbered from 0."""
    with quiet_optuna():
        study = optuna.create_study(directions=directions)
        study.add_trials(trials)
    return study
