"""Optuna's study of a search: where it is kept, and that it is the same search."""

import os
import random
import re
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from numbers import Integral
from typing import Any

import optuna
from optuna.exceptions import (
    DuplicatedStudyError,
    ExperimentalWarning,
    StorageInternalError,
)
from optuna.pruners import BasePruner
from optuna.storages import (
    BaseStorage,
    InMemoryStorage,
    JournalStorage,
    RDBStorage,
)
from optuna.storages.journal import JournalFileBackend
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState
from sklearn.utils import check_random_state

from skdigits.model_selection._fingerprint import digest
from skdigits.model_selection._heartbeat import Retry
from skdigits.model_selection._spaces import is_same_space

_IDENTITY = "skdigits"
_SECONDS_TO_JOIN = 10
_ATTEMPTS_TO_OPEN = 10
_OTHERS_ARE_AT_IT = (
    "already exists|UNIQUE constraint|unique constraint|database is locked"
)
_HEARTBEAT, _GRACE = 5, 20  # seconds between beats, and without one till given up


class StoppableStudy(Study):
    """A study that callbacks and samplers can stop in a search.

    Optuna allows that in a loop of its own alone.
    """

    is_stopped = False

    def stop(self) -> None:
        """Let the trials under way be the last ones."""
        self.is_stopped = True
        with suppress(RuntimeError):
            super().stop()


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Keep Optuna from telling of studies, and of what it calls experimental."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)
            warnings.filterwarnings("ignore", "Heartbeat of storage is supposed")
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def without_password(text: str) -> str:
    """Return a text with the passwords in its addresses masked.

    Examples
    --------
    >>> without_password("postgresql://me:s/e@cret@host/digits")
    'postgresql://me:***@host/digits'
    >>> without_password("postgresql://me@host/digits?password=secret")
    'postgresql://me@host/digits?password=***'
    """
    text = re.sub(r"(://[^:/@\s]*:)[^\s'\"]+@", r"\1***@", text)
    return re.sub(r"(password=)[^\s&'\"]+", r"\1***", text)


def open_storage(storage: Any) -> BaseStorage:
    """Return Optuna's storage at an address of a database, in a file or in memory.

    Raises
    ------
    ConnectionError
        If it cannot be reached.
    ValueError
        If it is a file of another kind.
    """
    if is_in_memory(storage):
        return InMemoryStorage()
    if isinstance(storage, BaseStorage):
        return storage
    address = os.fspath(storage)
    if "://" not in address and _is_sqlite_file(address):
        address = f"sqlite:///{address}"
    try:
        if "://" in address:
            return _open_database(address)
        return JournalStorage(JournalFileBackend(address))
    except ImportError:
        raise
    except Exception as error:
        raise ConnectionError(
            f"The storage {without_password(str(storage))!r} cannot be reached: "
            f"{reason_of(error)}"
        ) from None


def is_in_memory(storage: Any) -> bool:
    """Return whether a study is to end with the process.

    A database of SQLite in memory belongs to one thread, and serves no other purpose.

    Examples
    --------
    >>> is_in_memory(None), is_in_memory("sqlite:///:memory:")
    (True, True)
    >>> is_in_memory("sqlite:///search.db")
    False
    """
    address = str(storage)
    of_sqlite = re.fullmatch(r"sqlite(\+\w+)?://(/:memory:|/?)(\?.*)?", address)
    return storage is None or of_sqlite is not None


def check_shared(storage: BaseStorage, n_jobs: int) -> None:
    """Raise ValueError if a storage is for one thread, and there are to be several."""
    if n_jobs == 1 or not isinstance(storage, RDBStorage):
        return
    if is_in_memory(storage.url):
        raise ValueError(
            f"storage must not be a database in memory with {n_jobs} jobs, since only "
            "one thread can read it; leave storage out, or give the path of a file."
        )


def _is_sqlite_file(path: str) -> bool:
    """Return whether a file has a database of SQLite; else it is to be a journal."""
    try:
        with open(path, "rb") as file:
            start = file.read(100)
    except OSError:  # there is none yet, or it will be told that it cannot be opened
        return False
    if start.startswith(b"SQLite format 3\0"):
        return True
    if start and b'"op_code"' not in start:
        raise ValueError(
            "storage must be the address of a database, the path of a journal file of "
            f"Optuna or a file of SQLite; got {path!r}, which is neither."
        )
    return False


def reason_of(error: Exception) -> str:
    """Return what has made a storage fail, in one line."""
    lines = str(error.__cause__ or error).strip().splitlines()
    return without_password(lines[0] if lines else repr(error))


def errors_of(storage: BaseStorage) -> tuple[type[Exception], ...]:
    """Return the errors of a storage that is away.

    A journal file raises OSError, and only then is an OSError taken for one of these:
    it may come from a space function just as well.
    """
    of_files = (OSError,) if isinstance(storage, JournalStorage) else ()
    return StorageInternalError, *of_files


def _open_database(address: str) -> RDBStorage:
    attempts_left = _ATTEMPTS_TO_OPEN
    while True:
        try:
            return RDBStorage(
                address,
                engine_kwargs=_engine_settings(address),
                heartbeat_interval=_HEARTBEAT,
                grace_period=_GRACE,
                heartbeat_stale_trial_callback=Retry(),
            )
        except Exception as error:
            attempts_left -= 1
            # Workers that start together on an empty database make its tables together.
            if not (attempts_left and re.search(_OTHERS_ARE_AT_IT, str(error))):
                raise
        time.sleep(random.uniform(0.1, 0.5))


def _engine_settings(address: str) -> dict[str, Any]:
    if address.startswith("sqlite"):
        return {"connect_args": {"timeout": 60}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}


def open_study(
    storage: BaseStorage,
    name: str | None,
    *,
    metrics: Sequence[str],
    directions: Sequence[Any],
    pruner: BasePruner,
) -> tuple[StoppableStudy, bool]:
    """Return the study of this name, and whether it has been made just now.

    Raises
    ------
    ValueError
        If there is one that is optimized in other directions.
    """
    is_new = False
    try:
        study = optuna.create_study(
            study_name=name, storage=storage, directions=directions, pruner=pruner
        )
    except DuplicatedStudyError:
        study = optuna.load_study(study_name=name, storage=storage, pruner=pruner)
        theirs = [direction.name.lower() for direction in study.directions]
        if theirs != list(directions):
            raise ValueError(
                f"The study {name!r} is to {' and '.join(theirs)}, but the objectives "
                f"{list(metrics)} are to {' and '.join(directions)}: give another "
                "study_name."
            ) from None
        # Whoever has just made it will say in a moment what it is about.
        deadline = time.monotonic() + _SECONDS_TO_JOIN
        while not (study.user_attrs.get(_IDENTITY) or study.trials):
            if time.monotonic() > deadline:
                break
            time.sleep(0.1)
    else:
        study.set_metric_names(list(metrics))
        is_new = True
    return StoppableStudy(study.study_name, storage, pruner=pruner), is_new


def study_in_memory(trials: Sequence[FrozenTrial], directions: Sequence[Any]) -> Study:
    """Return a study of copies of the trials, which are numbered anew."""
    with quiet_optuna():
        study = optuna.create_study(directions=directions)
        study.add_trials(trials)
    return study


def seed_of(study: Study) -> int | None:
    """Return the seed of the search that the study belongs to, if it has begun."""
    identity = study.user_attrs.get(_IDENTITY)
    return identity["seed"] if identity else None


def seed_for(study: Study, random_state: Any, *, is_new: bool) -> int:
    """Return the seed of the folds and of the sampler, and warn if it is another."""
    seed = seed_of(study)
    if seed is None:
        if random_state is None and not is_new:
            # Others may join at this moment a study that somebody made beforehand.
            random_state = int(digest(study.study_name)[:8], 16)
        return _first_of(random_state)
    if isinstance(random_state, Integral) and _first_of(random_state) != seed:
        warnings.warn(
            f"random_state={random_state} has no effect: the study "
            f"{study.study_name!r} goes on with the seed of the folds and of the "
            "sampler that it was begun with.",
            stacklevel=5,
        )
    return seed


def _first_of(random_state: Any) -> int:
    return int(check_random_state(random_state).randint(2**31 - 1))


def join(study: Study, seed: int, identity: dict[str, str]) -> None:
    """Make the study that of this search, or see that it is.

    Raises
    ------
    ValueError
        If the study belongs to a search of other data, folds, scores or parameters, or
        has trials that are of no search.
    """
    theirs = study.user_attrs.get(_IDENTITY)
    if theirs is None:
        if any(trial.state is not TrialState.WAITING for trial in study.trials):
            raise ValueError(
                f"The study {study.study_name!r} has trials that are not of an "
                "OptunaSearchCV: give another study_name."
            )
        study.set_user_attr(_IDENTITY, {**identity, "seed": seed})
        return
    other = [what for what, ours in identity.items() if theirs.get(what) != ours]
    if "space" in other and is_same_space(str(theirs.get("space")), identity["space"]):
        other.remove("space")
    if other:
        raise ValueError(
            f"The study {study.study_name!r} is of a search with other "
            f"{' and other '.join(other)}: give another study_name, or what it was "
            "begun with."
        )
