"""Detection of images that are no digits."""

from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin, _fit_context
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skdigits.estimators._fast_cnn import make_fast_cnn
from skdigits.preprocessing import DigitAugmenter, DigitNormalizer, PixelScaler
from skdigits.preprocessing._non_digits import make_non_digits

_HELD_OUT = 0.2  # of the digits, to find the threshold with
_LEAST_SAMPLES = 20
_LEAST_PROBABILITY = np.finfo(np.float32).tiny


class NonDigitDetector(OutlierMixin, BaseEstimator):
    """Detector of images that are no digits, such as scribbles, letters and noise.

    A classifier of digits has a digit for everything. This detector is a small network
    of its own, trained to tell digits from other images: pairs of digits, crossed out
    and mirrored ones, digits upside down, random curves, shapes, and noise. It makes
    these of the digits and of random numbers.

    It is made for the `outlier_detector` of
    :class:`~skdigits.model_selection.RejectingClassifierCV`.

    Read more in the :ref:`User Guide <non_digits>`.

    Parameters
    ----------
    contamination : float, default=0.03
        The share of digits that may be taken for others, in (0, 0.5].
    epochs : int, default=3
        Number of passes over the digits, and over as many other images. With fewer
        digits than MNIST has, choose more.
    random_state : int, RandomState instance or None, default=None
        Seed of the images and of the network.

    Attributes
    ----------
    classifier_ : sklearn.pipeline.Pipeline
        The classifier, whose last class is that of the other images.
    offset_ : float
        The score below which images are outliers: that of the share `contamination` of
        digits that the network has not seen.

    See Also
    --------
    skdigits.model_selection.RejectingClassifierCV : Rejects digits that it is not sure
        of.

    Notes
    -----
    Images pass through a :class:`~skdigits.preprocessing.DigitNormalizer`, so that they
    may be of any size and of any ink. Blank images are always outliers.

    A fifth of the digits is held out to find `offset_`. The score is the logarithm of
    the ratio of two probabilities: that of the most probable digit, and that of another
    image.

    Training on images that are no digits is known as outlier exposure [1]_.

    References
    ----------
    .. [1] D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly detection with
       outlier exposure", ICLR 2019.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import NonDigitDetector
    >>> digits = load_digits()
    >>> detector = NonDigitDetector(epochs=10, random_state=0)
    >>> detector = detector.fit(digits.images[:1500], digits.target[:1500])
    >>> bool((detector.predict(digits.images[1500:]) == 1).mean() > 0.85)
    True
    >>> noise = np.random.default_rng(0).random((100, 28, 28))
    >>> bool((detector.predict(noise) == -1).mean() > 0.95)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "contamination": [Interval(Real, 0, 0.5, closed="right")],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        contamination: float = 0.03,
        *,
        epochs: int = 3,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.contamination = contamination
        self.epochs = epochs
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            Digits, as :class:`~skdigits.preprocessing.DigitNormalizer` takes them.
        y : array-like of shape (n_samples,), default=None
            Labels. With them, the network learns the digits, too, and is more accurate.
            Only digits whose labels are numbers, or strings of these, are turned,
            mirrored and crossed out, since some are digits again.

        Returns
        -------
        self : NonDigitDetector
            The fitted detector.

        Raises
        ------
        ValueError
            If a parameter is out of bounds, or if there are fewer than 20 images.
        """
        images = DigitNormalizer(on_blank="zeros").fit_transform(X)
        if len(images) < _LEAST_SAMPLES:
            raise ValueError(
                f"X must have at least {_LEAST_SAMPLES} images; got {len(images)}."
            )
        labels = np.zeros(len(images), int) if y is None else column_or_1d(y)
        check_consistent_length(images, labels)
        state = check_random_state(self.random_state)
        seed = int(state.randint(2**31 - 1))
        has_ink = images.any(axis=(1, 2))
        names, codes = np.unique(labels[has_ink], return_inverse=True)
        train, held_out, codes, _ = train_test_split(
            images[has_ink], codes, test_size=_HELD_OUT, random_state=seed
        )
        digits = np.array([digit_of(name) if y is not None else -1 for name in names])
        rng = np.random.default_rng(seed)
        others = DigitNormalizer(on_blank="zeros").transform(
            list(make_non_digits(train, digits[codes], len(train), rng))
        )
        self.classifier_ = make_pipeline(
            PixelScaler(),
            make_fast_cnn(
                epochs=self.epochs,
                augmentation=DigitAugmenter(0.5, habits=0.8, stretch=0.3),
                random_state=seed,
            ),
        )
        self.classifier_.fit(
            np.concatenate([train, others]),
            np.concatenate([codes, np.full(len(others), len(names))]),
        )
        self.offset_ = float(np.quantile(self._scores(held_out), self.contamination))
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return which images are digits.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            As for `fit`.

        Returns
        -------
        is_inlier : ndarray of shape (n_samples,), dtype int
            1 for digits, and -1 for other images.
        """
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return how much higher than that of an outlier the score of images is.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            As for `fit`.

        Returns
        -------
        decision : ndarray of shape (n_samples,)
            `score_samples` less `offset_`: negative for outliers.
        """
        return self.score_samples(X) - self.offset_

    def score_samples(self, X: Any) -> np.ndarray:
        """Return how much images are like digits.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            As for `fit`.

        Returns
        -------
        scores : ndarray of shape (n_samples,)
            Log-odds of digits, the higher the more like a digit, and negative infinity
            for blank images.
        """
        check_is_fitted(self, "offset_")
        return self._scores(DigitNormalizer(on_blank="zeros").transform(X))

    def _scores(self, images: np.ndarray) -> np.ndarray:
        proba = self.classifier_.predict_proba(images)
        log_proba = np.log(np.maximum(proba, _LEAST_PROBABILITY))
        scores = log_proba[:, :-1].max(axis=1) - log_proba[:, -1]
        return np.where(images.any(axis=(1, 2)), scores, -np.inf)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags


def digit_of(label: Any) -> int:
    """Return the digit that a label stands for, or -1 if there is none.

    Examples
    --------
    >>> digit_of(7), digit_of("7"), digit_of(7.0), digit_of("seven")
    (7, 7, 7, -1)
    """
    text = str(label).removesuffix(".0")
    return int(text) if len(text) == 1 and text in "0123456789" else -1
