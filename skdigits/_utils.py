"""Small helpers for estimators and names, shared by every part of the package."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


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
