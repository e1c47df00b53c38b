"""Samples to train on: their classes, targets and weights, and which to hold out."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.multiclass import unique_labels
from sklearn.utils.validation import _check_sample_weight

from skdigits._labels import check_labels

_MIN_BATCH_SIZE, _MAX_BATCH_SIZE = 16, 128


class Samples(NamedTuple):
    """Samples to train or validate on: images, one-hot targets and sample weights."""

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray | None

    def take(self, indices: np.ndarray) -> "Samples":
        """Return the samples with these indices."""
        weight = None if self.weight is None else self.weight[indices]
        return Samples(self.x[indices], self.y[indices], weight)

    def reshaped(self, shape: tuple[int, ...]) -> "Samples":
        """Return the samples with images of another shape."""
        return self._replace(x=self.x.reshape(len(self.x), *shape))


def check_classes(classes: Any, earlier: np.ndarray | None) -> np.ndarray:
    """Return the sorted classes of `partial_fit`, which must not change.

    Examples
    --------
    >>> check_classes({3, 1, 2}, None)
    array([1, 2, 3])
    """
    if classes is None:
        if earlier is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return earlier
    if isinstance(classes, str | bytes) or not isinstance(classes, Iterable):
        raise ValueError(
            "classes must be an array-like or a set of all the labels; got "
            f"{classes!r}."
        )
    if not hasattr(classes, "__array__"):
        classes = list(classes)
        if len({isinstance(label, str) for label in classes}) > 1:
            raise ValueError(
                f"classes must be all strings or all numbers; got {classes!r}."
            )
    classes = unique_labels(check_labels("classes", classes))
    if earlier is not None and not np.array_equal(classes, earlier):
        raise ValueError(
            f"classes={classes.tolist()} is not the same as on last call to "
            f"partial_fit or fit, which was {earlier.tolist()}."
        )
    if len(classes) < 2:
        raise ValueError(f"classes must have at least two; got {classes.tolist()}.")
    return classes


def one_hot(name: str, y: np.ndarray, classes: np.ndarray, dtype: str) -> np.ndarray:
    """Return a row for each label, with a 1 in the column of its class.

    Examples
    --------
    >>> one_hot("y", np.array(["b", "a"]), np.array(["a", "b"]), "float32")
    array([[0., 1.],
           [1., 0.]], dtype=float32)
    """
    known = set(classes.tolist())
    unknown = [label for label in np.unique(y).tolist() if label not in known]
    if unknown:
        raise ValueError(
            f"{name} must have labels among the classes {classes.tolist()}; got "
            f"{unknown}."
        )
    return np.eye(len(classes), dtype=dtype)[np.searchsorted(classes, y)]


def choose_batch_size(batch_size: int | str, n_samples: int) -> int:
    """Return the number of samples in a batch; "auto" grows with the data.

    Examples
    --------
    >>> [choose_batch_size("auto", n) for n in (100, 1_797, 60_000)]
    [16, 28, 128]
    """
    if batch_size == "auto":
        batch_size = min(max(n_samples // 64, _MIN_BATCH_SIZE), _MAX_BATCH_SIZE)
    return min(int(batch_size), n_samples)


def balanced(totals: np.ndarray) -> np.ndarray:
    """Return class weights that make the total weights of all classes equal.

    Examples
    --------
    >>> balanced(np.array([80.0, 0.0, 20.0]))
    array([0.625, 0.   , 2.5  ])
    """
    is_present = totals > 0
    shares = np.zeros_like(totals)
    shares[is_present] = totals.sum() / (is_present.sum() * totals[is_present])
    return shares


def weights_of_classes(
    class_weight: dict[Any, float], classes: np.ndarray
) -> np.ndarray:
    """Return the weight of each class, 1 where ``class_weight`` has none.

    The keys are the labels. As in scikit-learn, an int also stands for its text, and
    keys that are not labels are an error only if a class is left without a weight.

    Examples
    --------
    >>> weights_of_classes({"8": 5.0}, np.array(["3", "8"]))
    array([1., 5.])
    """
    weights, labels = np.ones(len(classes)), classes.tolist()
    unused = dict(class_weight)
    without = []
    for i, label in enumerate(labels):
        key = next((k for k in (label, _as_int(label)) if k in class_weight), None)
        if key is None:
            without.append(label)
            continue
        try:
            weights[i] = class_weight[key]
        except (TypeError, ValueError):
            raise ValueError(
                f"class_weight must map labels to numbers; got {class_weight[key]!r} "
                f"for the label {label!r}."
            ) from None
        unused.pop(key, None)
    if unused and without:
        raise ValueError(
            f"class_weight must have keys among the labels {labels}; got "
            f"{list(unused)}."
        )
    return weights


def _as_int(label: Any) -> int | None:
    try:
        return int(label)
    except (TypeError, ValueError):
        return None


def check_finite_weights(name: str, weight: np.ndarray) -> None:
    """Raise ValueError unless the weights that ``name`` gives are valid."""
    wrong = weight[~np.isfinite(weight) | (weight < 0)]
    if len(wrong):
        raise ValueError(
            f"{name} must give finite weights of at least 0; got {wrong[0]} for a "
            "sample."
        )


def check_weight(
    sample_weight: Any,
    class_weight: Any,
    X: np.ndarray,
    y: np.ndarray,
    classes: np.ndarray,
    dtype: str,
) -> np.ndarray | None:
    """Return a new array of the products of both weights, or None if none is given.

    A dict of class weights may omit classes, or have classes that ``y`` does not have.
    "balanced" gives all classes the same total weight.
    """
    if sample_weight is None and class_weight is None:
        return None
    weight = _check_sample_weight(
        sample_weight, X, dtype=np.dtype(dtype).type, copy=True
    )
    check_finite_weights("sample_weight", weight)
    if class_weight is not None:
        which = np.searchsorted(classes, y)
        if isinstance(class_weight, dict):
            of_class = weights_of_classes(class_weight, classes)
        else:
            of_class = balanced(np.bincount(which, weights=weight))
        with np.errstate(over="ignore", invalid="ignore"):
            weight *= of_class[which]
        check_finite_weights("class_weight", weight)
    if not weight.any():
        raise ValueError("sample_weight must not be 0 for all samples; got only 0.")
    return weight


def stratified_holdout(
    y: np.ndarray, fraction: float, rng: np.random.RandomState
) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the training samples and of the validation samples.

    About ``fraction`` of the samples of each class is held out, at least one, but never
    the last: the only sample of a class is among those to train on.

    Examples
    --------
    >>> y = np.repeat([0, 1], [80, 20])
    >>> train, held_out = stratified_holdout(y, 0.1, np.random.RandomState(0))
    >>> np.bincount(y[train]), np.bincount(y[held_out])
    (array([72, 18]), array([8, 2]))
    """
    is_held_out = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        indices = rng.permutation(np.flatnonzero(y == label))
        n_held_out = min(max(1, round(fraction * len(indices))), len(indices) - 1)
        is_held_out[indices[:n_held_out]] = True
    if not is_held_out.any():
        raise ValueError(
            f"validation_split must be 0 if no class has two samples; got {fraction} "
            f"with {len(y)} samples. Pass X_val and y_val instead."
        )
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def hold_out(
    samples: Samples, fraction: float, rng: np.random.RandomState
) -> tuple[Samples, Samples | None]:
    """Return the training samples, and the validation samples, if any."""
    if fraction == 0:
        return samples, None
    kept, held_out = stratified_holdout(samples.y.argmax(axis=1), fraction, rng)
    return samples.take(kept), samples.take(held_out)
