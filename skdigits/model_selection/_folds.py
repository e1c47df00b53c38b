"""The train-test splits on which every trial of a search is scored."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold

from skdigits.model_selection._fingerprint import canonical_data


# The fingerprint of a study contains the name and the module of this class: if one of
# them changes, existing studies cannot be resumed.
class Fold(NamedTuple):
    """The indices of the training samples and of the test samples."""

    train: np.ndarray
    test: np.ndarray


def make_folds(
    cv: Any,
    X: Any,
    y: Any,
    *,
    split_params: dict[str, Any],
    stratified: bool,
    seed: int,
) -> list[Fold]:
    """Return the folds described by the parameter ``cv`` of a search.

    Raises
    ------
    ValueError
        If there are none, or if one of them is not a pair of indices.
    """
    if cv is None:
        cv = 5
    if isinstance(cv, Integral):
        splitter = StratifiedKFold if stratified else KFold
        cv = splitter(cv, shuffle=True, random_state=seed)
    splits = cv.split(X, y, **split_params) if hasattr(cv, "split") else cv
    return [Fold(*map(canonical_data, fold)) for fold in check_splits(splits)]


def check_splits(splits: Iterable[Any]) -> list[Fold]:
    """Return splits as folds.

    Raises
    ------
    ValueError
        If there are none, or if one of them is not a pair of indices.
    """
    folds = []
    for split in splits:
        try:
            train, test = split
        except (TypeError, ValueError):
            raise ValueError(
                "cv must yield a pair of indices (train, test) for each fold; got "
                f"{split!r}."
            ) from None
        folds.append(Fold(np.asarray(train), np.asarray(test)))
    if not folds:
        raise ValueError(
            "cv must yield at least one fold; got none. An iterator can be read only "
            "once: pass a list of its folds, or a splitter."
        )
    return folds


def count_tested(folds: Sequence[Fold], n_samples: int) -> int:
    """Return how many distinct samples are in a test fold.

    Examples
    --------
    >>> train, test = np.array([0, 1]), np.array([2, 3])
    >>> count_tested([Fold(train, test), Fold(train, test)], n_samples=4)
    2
    """
    # A fold may consist of indices or of masks.
    tested = [np.arange(n_samples)[fold.test] for fold in folds]
    return len(np.unique(np.concatenate(tested)))
