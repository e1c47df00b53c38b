"""Open the storage of a study: a database, a journal file, or memory."""

import os
import random
import re
import time
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend

from skdigits.model_selection._lost_trials import retry_trial
from skdigits.model_selection._optuna_private import database_url, open_database

_N_ATTEMPTS_TO_OPEN = 10
# Errors of workers that make the tables of an empty database at the same time.
_TABLES_BEING_MADE = (
    "already exists|UNIQUE constraint|unique constraint|database is locked"
)
_HEARTBEAT_INTERVAL, _GRACE_PERIOD = 5, 20  # seconds


def open_storage(storage: Any) -> BaseStorage:
    """Return the Optuna storage described by the parameter ``storage`` of a search.

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
    url = os.fspath(storage)
    if "://" not in url and _is_sqlite_file(url):
        url = f"sqlite:///{url}"
    try:
        if "://" in url:
            return _open_database(url)
        return JournalStorage(JournalFileBackend(url))
    except ImportError:
        raise
    except Exception as error:
        raise ConnectionError(
            f"The storage {mask_password(str(storage))!r} cannot be reached: "
            f"{one_line_reason(error)}"
        ) from None


def is_in_memory(storage: Any) -> bool:
    """Return whether a study ends with the process.

    An in-memory database of SQLite belongs to one thread, and has no advantage over
    Optuna's own storage in memory, which takes its place.

    Examples
    --------
    >>> is_in_memory(None), is_in_memory("sqlite:///:memory:")
    (True, True)
    >>> is_in_memory("sqlite:///search.db")
    False
    """
    in_sqlite = re.fullmatch(r"sqlite(\+\w+)?://(/:memory:|/?)(\?.*)?", str(storage))
    return storage is None or in_sqlite is not None


def check_threads(storage: BaseStorage, n_jobs: int) -> None:
    """Raise a ValueError if several threads would need a storage for one thread."""
    url = database_url(storage)
    if n_jobs != 1 and url is not None and is_in_memory(url):
        raise ValueError(
            f"storage must be a file or a server for n_jobs={n_jobs}; got a database "
            "in memory, which only one thread can read. Omit storage, or pass the path "
            "of a file."
        )


def unavailable_errors(storage: BaseStorage) -> tuple[type[Exception], ...]:
    """Return the errors that mean that a storage is unavailable.

    A journal file raises OSError. For other storages, it is not among these errors,
    because a space function may raise it for its own reasons.
    """
    of_files = (OSError,) if isinstance(storage, JournalStorage) else ()
    return StorageInternalError, *of_files


def one_line_reason(error: Exception) -> str:
    """Return in one line, without passwords, why a storage has failed."""
    lines = str(error.__cause__ or error).strip().splitlines()
    return mask_password(lines[0] if lines else repr(error))


def mask_password(text: str) -> str:
    """Return a text with the passwords in its URLs masked.

    Examples
    --------
    >>> mask_password("postgresql://me:s/e@cret@host/digits")
    'postgresql://me:***@host/digits'
    >>> mask_password("postgresql://me@host/digits?password=secret")
    'postgresql://me@host/digits?password=***'
    """
    text = re.sub(r"(://[^:/@\s]*:)[^\s'\"]+@", r"\1***@", text)
    return re.sub(r"(password=)[^\s&'\"]+", r"\1***", text)


def _is_sqlite_file(path: str) -> bool:
    """Return whether a file is a database of SQLite, and not a journal file."""
    try:
        with open(path, "rb") as file:
            start = file.read(100)
    except OSError:  # it does not exist yet, or opening it will fail with a reason
        return False
    if start.startswith(b"SQLite format 3\0"):
        return True
    if start and b'"op_code"' not in start:
        raise ValueError(
            "storage must be the URL of a database, or the path of an Optuna journal "
            f"file or of an SQLite file; got {path!r}, which is another kind of file."
        )
    return False


def _open_database(url: str) -> BaseStorage:
    attempts_left = _N_ATTEMPTS_TO_OPEN
    while True:
        try:
            return open_database(
                url,
                engine_kwargs=_engine_kwargs(url),
                heartbeat_interval=_HEARTBEAT_INTERVAL,
                grace_period=_GRACE_PERIOD,
                on_stale_trial=retry_trial,
            )
        except Exception as error:
            attempts_left -= 1
            if not (attempts_left and re.search(_TABLES_BEING_MADE, str(error))):
                raise
        time.sleep(random.uniform(0.1, 0.5))


def _engine_kwargs(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 60}}
    return {"pool_pre_ping": True, "connect_args": {"connect_timeout": 10}}
