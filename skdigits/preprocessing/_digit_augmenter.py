"""Random changes of digits, to train on more than the images there are."""

from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_random_state
from sklearn.utils._param_validation import Interval

from skdigits._images import as_images
from skdigits.preprocessing._augmentation import (
    MAX_SIDE,
    Augmentation,
    Ranges,
    augmentation_for,
)
from skdigits.preprocessing._habits import HABITS
from skdigits.preprocessing._redrawing import Redrawing


class DigitAugmenter(BaseEstimator):
    """Change digits at random, as handwriting and scanners change them.

    Networks that are trained on changed copies read digits better that they have not
    seen. Pass the augmenter to a classifier as ``augmentation``: each image is then
    changed anew in every epoch, while images to predict and to validate on stay as
    they are. An augmenter is not a step of a pipeline, which would change these, too.

    Each image is shifted, rotated, scaled, sheared and distorted, and its strokes
    become thicker or thinner. It is never mirrored, since mirrored digits are no
    digits. The size of each change is drawn uniformly between 0 and its largest value
    in both directions.

    Read more in the :ref:`User Guide <augmentation>`.

    Parameters
    ----------
    strength : float, default=0.5
        Factor of all other changes, in (0, 1].
    shift : float, default=0.1
        Largest shift in each direction, as a share of the height or the width.
    rotation : float, default=20
        Largest rotation, in degrees.
    scale : float, default=0.25
        Largest change of the height and, independently, of the width: 0.25 means a
        factor between 1 / 1.25 and 1.25.
    shear : float, default=0.3
        Largest slant, as the tangent of its angle.
    elastic : float, default=0.08
        Largest displacement of each of 5 x 5 control points, between which the image
        is distorted smoothly, as a share of the height or the width.
    thickness : float, default=0.8
        Largest change of the thickness of the strokes, in [0, 1]. At 1, strokes grow
        or shrink by one pixel on each side.
    erasing : float, default=0.0
        Probability that a rectangle of the image is erased, in [0, 1]. Its sides
        are between 15 and 40 % of those of the image.
    habits : float, default=0.0
        Probability that a 1 gets an upstroke, and a 7 a bar, as in much of Europe, in
        [0, 1]. Other habits are drawn less often: strokes through 0s, closed heads of
        2s, short stems of 4s, 9s like a P. Only classifiers know which digits these
        are: their labels must be numbers, or strings of these.
    neighbors : float, default=0.0
        Probability that the edge of another digit touches a digit on the left or the
        right, in [0, 1], as where digits are cut out of a number.
    stretch : float, default=0.0
        Probability that a digit is stretched towards a square box, in [0, 1], as some
        scanning programs do.
    unchanged : float, default=0.2
        Share of the images that stay as they are, in [0, 1], whatever the strength.
        Changed images are a little blurred by interpolation, and a network that has
        seen only such images is less sure of sharp ones.
    random_state : int, RandomState instance or None, default=None
        Seed of `transform`. The classifiers do not use it, but their own
        ``random_state``.

    See Also
    --------
    skdigits.reports.AugmentationDisplay : Plot of what an augmenter makes of digits.

    Notes
    -----
    The changes of position are one map from the pixels of the result to those of the
    image, which are read with bilinear interpolation. What is outside of the image has
    the color of the background, the median of the pixels at the borders of all
    images, which should therefore have one background. Digits may be bright on dark or
    dark on bright.

    OpenCV interpolates in float32. On one core, about 150,000 images of 28 x 28 pixels
    are changed in a second. With the same seed and version of OpenCV, the result is the
    same on all machines, up to the last bits, and does not depend on the number of
    threads.

    References
    ----------
    .. [1] P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for
       convolutional neural networks applied to visual document analysis", ICDAR 2003.
    .. [2] T. DeVries and G. W. Taylor, "Improved regularization of convolutional
       neural networks with cutout", arXiv:1708.04552, 2017.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import CNNClassifier, DigitAugmenter
    >>> images, y = load_digits(return_X_y=True)
    >>> augmenter = DigitAugmenter(rotation=10, random_state=0)
    >>> augmenter.transform(images[:5]).shape
    (5, 64)
    >>> CNNClassifier(augmentation=augmenter, epochs=2).fit(images, y).n_epochs_
    2
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "strength": [Interval(Real, 0, 1, closed="right")],
        "shift": [Interval(Real, 0, 1, closed="both")],
        "rotation": [Interval(Real, 0, 180, closed="both")],
        "scale": [Interval(Real, 0, 1, closed="both")],
        "shear": [Interval(Real, 0, 1, closed="both")],
        "elastic": [Interval(Real, 0, 1, closed="both")],
        "thickness": [Interval(Real, 0, 1, closed="both")],
        "erasing": [Interval(Real, 0, 1, closed="both")],
        "habits": [Interval(Real, 0, 1, closed="both")],
        "neighbors": [Interval(Real, 0, 1, closed="both")],
        "stretch": [Interval(Real, 0, 1, closed="both")],
        "unchanged": [Interval(Real, 0, 1, closed="both")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        strength: float = 0.5,
        *,
        shift: float = 0.1,
        rotation: float = 20.0,
        scale: float = 0.25,
        shear: float = 0.3,
        elastic: float = 0.08,
        thickness: float = 0.8,
        erasing: float = 0.0,
        habits: float = 0.0,
        neighbors: float = 0.0,
        stretch: float = 0.0,
        unchanged: float = 0.2,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.strength = strength
        self.shift = shift
        self.rotation = rotation
        self.scale = scale
        self.shear = shear
        self.elastic = elastic
        self.thickness = thickness
        self.erasing = erasing
        self.habits = habits
        self.neighbors = neighbors
        self.stretch = stretch
        self.unchanged = unchanged
        self.random_state = random_state

    def transform(
        self,
        X: Any,
        random_state: int | np.random.RandomState | None = None,
    ) -> np.ndarray:
        """Return changed copies of images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images, of any real dtype and range. 2-D ``X`` holds square images.
        random_state : int, RandomState instance or None, default=None
            Seed of the changes. By default, the parameter of the augmenter.

        Returns
        -------
        X_new : ndarray of the shape and the dtype of ``X``
            The changed images. Integers are rounded.

        Raises
        ------
        ValueError
            If a parameter is out of bounds; if ``X`` does not hold images, has NaN or
            infinity, or has no samples.
        """
        self._validate_params()
        if random_state is None:
            random_state = self.random_state
        seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
        X = check_array(X, allow_nd=True, dtype="numeric")
        return self._prepare(X)(X, np.random.default_rng(seed))

    def prepare(self, X: np.ndarray, classes: Any = None) -> Augmentation:
        """Return the function that changes images like those of ``X``.

        The classifiers call it before they train. It also serves training loops of
        one's own, which change a batch at a time.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images, from which the background and the direction of the ink are
            learned.
        classes : array-like of shape (n_classes,), default=None
            The labels, which `habits` needs.

        Returns
        -------
        augment : callable
            A function of a batch of images in any of these shapes, a
            `numpy.random.Generator` and, for `habits`, the places of the labels of
            the batch among `classes`. It returns the changed batch. The gray values of
            a batch must have the range of those of ``X``.

        Raises
        ------
        ValueError
            If a parameter is out of bounds; if ``X`` does not hold images, has NaN or
            infinity, or has no samples.

        Examples
        --------
        >>> import numpy as np
        >>> from sklearn.datasets import load_digits
        >>> from skdigits import DigitAugmenter
        >>> images = load_digits().images / 16
        >>> augment = DigitAugmenter(strength=0.5).prepare(images)
        >>> rng = np.random.default_rng(0)
        >>> for epoch in range(2):
        ...     for batch in np.split(rng.permutation(images)[:1024], 32):
        ...         changed = augment(batch, rng)  # to train on
        >>> changed.shape
        (32, 8, 8)
        """
        self._validate_params()
        X = check_array(X, allow_nd=True, dtype="numeric")
        return self._prepare(X, classes)

    def _prepare(self, X: np.ndarray, classes: Any = None) -> Augmentation:
        images = as_images(X)
        if not 0 < min(images.shape) <= max(images.shape[1:]) <= MAX_SIDE:
            raise ValueError(
                "X must hold images, whose sides are between 1 and "
                f"{MAX_SIDE} pixels; got shape {X.shape}."
            )
        ranges = Ranges(*(getattr(self, name) for name in Ranges._fields))
        redrawing = None
        if self.habits or self.neighbors or self.stretch:
            redrawing = Redrawing(
                self.strength * self.habits,
                self.strength * self.neighbors,
                self.strength * self.stretch,
                digits_with_habits(classes),
            )
        ranges = ranges.times(self.strength)
        return augmentation_for(images, ranges, self.unchanged, redrawing)


def digits_with_habits(classes: Any) -> dict[int, int]:
    """Return the places of digits among labels, and these digits.

    Examples
    --------
    >>> digits_with_habits(["1", "7", "x"]), digits_with_habits([0.0, 1.0])
    ({0: 1, 1: 7}, {0: 0, 1: 1})
    >>> digits_with_habits(None)
    {}
    """
    names = {f"{digit}{end}": digit for digit in HABITS for end in ("", ".0")}
    labels = [] if classes is None else [str(label) for label in np.asarray(classes)]
    return {place: names[label] for place, label in enumerate(labels) if label in names}
