"""Small helpers for estimators, names and files, shared by all parts of the package."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


@contextmanager
def unchanged_search_paths() -> Iterator[None]:
    """Restore where programs look for libraries; importing OpenCV changes that."""
    names = "LD_LIBRARY_PATH", "PATH"
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def last_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, or an estimator that is not a pipeline.

    If the last step is a pipeline itself, return its last step.

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from sklearn.svm import SVC
    >>> last_step(make_pipeline(StandardScaler(), make_pipeline(SVC())))
    SVC()
    """
    while steps := getattr(estimator, "steps", None):
        estimator = steps[-1][1]
    return estimator


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint with the known name closest to an unknown name, or "".

    The name of a parameter matches that of a step of a pipeline, such as ``svc__C``.

    Examples
    --------
    >>> did_you_mean("rleu", ["relu", "tanh"])
    " Did you mean 'relu'?"
    >>> did_you_mean("C", ["memory", "svc__C"])
    " Did you mean 'svc__C'?"
    >>> did_you_mean("xyz", ["relu", "tanh"])
    ''
    """
    known = list(known)
    near = [other for other in known if other.endswith(f"__{name}")]
    near = near or get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {near[0]!r}?" if near else ""


def write_whole(path: str | os.PathLike, make: Callable[[], str]) -> None:
    """Write text to a file, and leave the file unchanged if that fails.

    Raises
    ------
    FileNotFoundError
        If the folder does not exist; `make` is not called then.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(
            f"path must be in an existing folder; got {os.fspath(path)!r}."
        )
    text = make()
    with TemporaryDirectory(dir=target.parent, prefix=".skdigits-") as folder:
        part = Path(folder, target.name)
        part.write_text(text, "utf-8", newline="\n")
        part.replace(target)
