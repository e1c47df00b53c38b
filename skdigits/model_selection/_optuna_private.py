"""The only file that uses private or experimental parts of Optuna.

Any release of Optuna may change them; after an upgrade, look here first. They are:
experimental arguments, functions and classes, which warn; the system attributes of a
trial; its id in the storage; the grid of a `GridSampler`; and the attributes of a
`RDBStorage`, whose class alone is public.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import GridSampler, TPESampler
from optuna.storages import (
    BaseStorage,
    RDBStorage,
    RetryHeartbeatStaleTrialCallback,
    fail_stale_trials,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial

_FIXED_PARAMS = "fixed_params"  # where Study.enqueue_trial stores suggestions


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep Optuna from logging studies and from warning of experimental features."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            warnings.filterwarnings("ignore", "Heartbeat of storage is supposed")
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def open_database(
    url: str,
    *,
    engine_kwargs: dict[str, Any],
    heartbeat_interval: int,
    grace_period: int,
    on_stale_trial: Callable[[Study, FrozenTrial], None],
) -> RDBStorage:
    """Open a database in which running trials have a heartbeat."""
    return RDBStorage(
        url,
        engine_kwargs=engine_kwargs,
        heartbeat_interval=heartbeat_interval,
        grace_period=grace_period,
        heartbeat_stale_trial_callback=on_stale_trial,
    )


def database_url(storage: BaseStorage) -> str | None:
    """Return the URL of a database, None for any other storage."""
    return storage.url if isinstance(storage, RDBStorage) else None


def heartbeat_interval(storage: BaseStorage) -> int | None:
    """Return the seconds between two heartbeats, None for a storage without them."""
    return storage.get_heartbeat_interval() if isinstance(storage, RDBStorage) else None


def record_heartbeat(storage: BaseStorage, trial: Trial) -> None:
    """Store that a trial is alive, if the storage is a database."""
    if isinstance(storage, RDBStorage):
        storage.record_heartbeat(trial._trial_id)


def fail_silent_trials(study: Study) -> None:
    """Fail the trials whose heartbeat has stopped, and call ``on_stale_trial``."""
    fail_stale_trials(study)


def enqueue_again(study: Study, trial: FrozenTrial) -> None:
    """Add a waiting copy of a lost trial to its study."""
    RetryHeartbeatStaleTrialCallback()(study, trial)


def is_finished(storage: BaseStorage, trial: Trial) -> bool:
    """Return whether any worker has finished a trial, as the storage has it now."""
    return storage.get_trial(trial._trial_id).state.is_finished()


def has_fixed_suggestions(trial: FrozenTrial) -> bool:
    """Return whether the suggestions of a trial were fixed when it was enqueued."""
    return _FIXED_PARAMS in trial.system_attrs


def sampler_note(trial: FrozenTrial, name: str) -> Any:
    """Return what a sampler has noted about a trial, None if it has not."""
    return trial.system_attrs.get(name)


def set_sampler_note(study: Study, trial: FrozenTrial, name: str, note: str) -> None:
    """Let a sampler store a note about a trial, which users do not see."""
    study._storage.set_trial_system_attr(trial._trial_id, name, note)


def grid_of(
    sampler: GridSampler,
) -> tuple[Mapping[str, Sequence[Any]], Sequence[Sequence[Any]]]:
    """Return the values of each parameter of a grid, and its shuffled combinations."""
    return sampler._search_space, sampler._all_grids


def grouped_tpe(seed: int) -> TPESampler:
    """Return a TPE sampler that samples jointly what is suggested together.

    Without groups it would sample jointly only the parameters that all trials have.
    """
    return TPESampler(seed=seed, multivariate=True, group=True)


def set_metric_names(study: Study, names: Sequence[str]) -> None:
    """Name the objectives of a study, for Optuna's plots."""
    study.set_metric_names(list(names))
