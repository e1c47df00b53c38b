"""Small helpers for estimators and names, shared by every part of the package."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def last_step(estimator: Any) -> Any:
    """Return the last step of a pipeline, and any other estimator as it is.

    Where pipelines are nested, this is the last step of the innermost one.

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
    """Return a hint at the known name nearest to an unknown one, "" if none is near.

    A parameter of a pipeline's step is near to its name without that of the step.

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
