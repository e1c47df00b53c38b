"""Scaling of pixels to [0, 1], with warnings about images unlike those of `fit`."""

import math
import warnings
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import (
    BaseEstimator,
    OneToOneFeatureMixin,
    TransformerMixin,
    _fit_context,
)
from sklearn.utils import assert_all_finite
from sklearn.utils.validation import check_is_fitted

from skdigits.preprocessing._checks import check_container, check_images
from skdigits.preprocessing._image_levels import (
    ImageSample,
    inverted,
    learn_background,
    levels_suggest_other_range,
    majority,
)
from skdigits.preprocessing._pixel_range import (
    extremes,
    extremes_suggest_other_range,
    range_of_dtype,
    range_of_values,
    scale,
    unscale,
)


class PixelScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale pixels to float32 in [0, 1].

    All pixels share one range, so the relative brightness of two pixels is preserved;
    scaling each feature by itself would change it. By default, `fit` learns the range,
    for example from ``uint8`` images of 0-255, from images of 0-16 as in
    :func:`sklearn.datasets.load_digits`, and from images of 0-1.

    Read more in the :ref:`User Guide <pixel_scaler>`.

    Parameters
    ----------
    pixel_range : tuple (low, high) or None, default=None
        The pixel values that become 0.0 and 1.0. If None, `fit` learns the range:

        - (0, 255) for ``uint8``, (0, 65535) for ``uint16`` and (0, 1) for ``bool``,
          regardless of the values;
        - (0, largest value) for other dtypes, or (smallest value, largest value) if
          there are negative values, or (0, 1) if all values are 0.

    Attributes
    ----------
    pixel_range_ : tuple of float (low, high)
        The pixel values that become 0.0 and 1.0.

    levels_ : tuple of float (dark, bright)
        The dark and the bright level of the images seen during `fit`: the medians of
        their 2 % and 98 % quantiles. Equal to `pixel_range_` if all images were blank.

    background_mask_ : ndarray of shape (`n_features_in_`,), dtype=bool
        The pixels that always belong to the background: those that lie in the same
        half of the range of their image, dark or bright, in at least 95 % of the
        images. For digits they form the border. All False if there was no background.

    background_level_ : float
        The pixel value of the background, or NaN if there was none.

    n_features_in_ : int
        Number of pixels of an image seen during `fit`: ``height * width`` for images
        of shape (n_samples, height, width).

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the pixels seen during `fit`. Defined only when `X` has feature names
        that are all strings.

    See Also
    --------
    sklearn.preprocessing.MinMaxScaler : Scales each feature by its own range.
    sklearn.preprocessing.MaxAbsScaler : Scales each feature by its own largest
        absolute value.

    Notes
    -----
    Values outside of `pixel_range_` are not clipped: they are scaled to numbers below 0
    or above 1.

    `transform` warns if a batch of images clearly has another range than in `fit`, such
    as 0-1 after 0-255, or inverted ink: the background of most images is then at the
    other end of the range. The levels and the background are computed from at most 128
    images of a batch. The :ref:`User Guide <other_images>` describes the rules and
    their error rates.

    The images are not copied, except for the result, and the input is not modified.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits.preprocessing import PixelScaler
    >>> X = np.array([[0, 51, 255], [0, 102, 204]], dtype=np.uint8)
    >>> scaler = PixelScaler().fit(X)
    >>> scaler.pixel_range_
    (0.0, 255.0)
    >>> scaler.transform(X)
    array([[0. , 0.2, 1. ],
           [0. , 0.4, 0.8]], dtype=float32)

    Images keep their shape. Those of `load_digits` have 8 x 8 pixels of 0-16:

    >>> from sklearn.datasets import load_digits
    >>> images = load_digits().images
    >>> scaled = PixelScaler().fit_transform(images)
    >>> scaled.shape, scaled.dtype, float(scaled.max())
    ((1797, 8, 8), dtype('float32'), 1.0)
    """

    _parameter_constraints: dict = {"pixel_range": [tuple, None]}  # noqa: RUF012

    pixel_range_: tuple[float, float]
    levels_: tuple[float, float]
    background_mask_: NDArray[np.bool_]
    background_level_: float
    n_features_in_: int

    def __init__(self, pixel_range: tuple[float, float] | None = None) -> None:
        self.pixel_range = pixel_range

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Learn the pixel range and the background of the images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Images of any real dtype and pixel range.
        y : None
            Ignored.

        Returns
        -------
        self : PixelScaler
            The fitted scaler.

        Raises
        ------
        ValueError
            If `pixel_range` is not a pair of finite numbers with low < high, if `X` has
            none of the shapes above, or if it holds NaN, infinity or values that are
            not real numbers.
        TypeError
            If `X` is a sparse matrix.
        """
        given = self._given_range()
        X = check_images(self, X, reset=True, finite=False)
        learned = range_of_dtype(X.dtype)
        if learned is None:
            learned = range_of_values(*self._finite_extremes(X))
        self.pixel_range_ = learned if given is None else given
        sample = ImageSample.of(X)
        self.levels_ = sample.levels() if len(sample.pixels) else self.pixel_range_
        self.background_level_, self.background_mask_ = learn_background(sample)
        return self

    def transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Scale pixels to [0, 1].

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Images with the same number of pixels and the same pixel range as in `fit`.
            The shape may differ: after `fit` on images of shape (28, 28), flattened
            images of 784 features are accepted, too.

        Returns
        -------
        X_scaled : ndarray of float32, of the shape of X
            The scaled images as a new array, or as a dataframe if `set_output` requests
            one, which requires `X` of shape (n_samples, n_features).

        Raises
        ------
        ValueError
            If the images differ from those of `fit` in their number of pixels, if `X`
            is not valid for `fit`, or if it has three dimensions or more and a
            dataframe is requested.
        TypeError
            If `X` is a sparse matrix.

        Warns
        -----
        UserWarning
            If `X` clearly has another pixel range than `pixel_range_`, or if most of
            its images have inverted ink. There is at most one warning per call.
        """
        check_is_fitted(self)
        X = check_images(self, X, reset=False, finite=False)
        check_container(self, X)
        self._warn_of_other_images(X)
        return scale(X, *self.pixel_range_)

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Scale pixels from [0, 1] back to the range of `fit`.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Scaled images, from 0.0 to 1.0.

        Returns
        -------
        X_original : ndarray of float32, of the shape of X
            Images in `pixel_range_`. The original dtype is not restored; for whole
            numbers use ``np.rint(X_original).astype(np.uint8)``.

        Raises
        ------
        ValueError
            If the images differ from those of `fit` in their number of pixels, or if
            `X` is not valid for `fit`.
        TypeError
            If `X` is a sparse matrix.
        """
        check_is_fitted(self)
        X = check_images(self, X, reset=False, finite=False)
        if X.dtype.kind == "f":
            self._finite_extremes(X)
        return unscale(X, *self.pixel_range_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _given_range(self) -> tuple[float, float] | None:
        pair = self.pixel_range
        if pair is None:
            return None
        if (
            len(pair) != 2
            or not all(isinstance(v, Real) and math.isfinite(v) for v in pair)
            or not pair[0] < pair[1]
        ):
            raise ValueError(
                "pixel_range must be a tuple (low, high) of two finite numbers with "
                f"low < high; got {pair!r}."
            )
        return float(pair[0]), float(pair[1])

    def _finite_extremes(self, X: NDArray) -> tuple[float, float]:
        smallest, largest = extremes(X)
        if not (math.isfinite(smallest) and math.isfinite(largest)):
            assert_all_finite(X, estimator_name=type(self).__name__, input_name="X")
        return smallest, largest

    def _warn_of_other_images(self, X: NDArray) -> None:
        if range_of_dtype(X.dtype) != self.pixel_range_:
            ends = self._finite_extremes(X)
            if extremes_suggest_other_range(X, *ends, *self.pixel_range_):
                return self._warn_of_other_range(*ends)
        sample = ImageSample.of(X)
        if not len(sample.pixels):
            return None
        mask = self.background_mask_
        if levels_suggest_other_range(sample, mask, self.levels_, self.pixel_range_):
            return self._warn_of_other_range(*extremes(X))
        if mask.any():
            dark = self.background_level_ < sum(self.levels_) / 2
            is_inverted = inverted(sample, mask, dark=dark)
            if majority(is_inverted):
                level = float(np.median(sample.pixels[is_inverted][:, mask]))
                self._warn_of_inverted_ink(X, level)
        return None

    def _warn_of_other_range(self, smallest: float, largest: float) -> None:
        low, high = self.pixel_range_
        warnings.warn(
            f"X has pixels from {smallest:g} to {largest:g}, but "
            f"{type(self).__name__} was fitted on images in the range ({low:g}, "
            f"{high:g}). Scale all images to the same range, or set "
            "pixel_range=(low, high).",
            UserWarning,
            stacklevel=5,
        )

    def _warn_of_inverted_ink(self, X: NDArray, level: float) -> None:
        ends = sum(self.pixel_range_)
        remedy = "~X" if X.dtype.kind == "b" else f"{ends:g} - X" if ends else "-X"
        warnings.warn(
            f"X has inverted ink: in most of its images the background is at about "
            f"{level:g}, but {type(self).__name__} was fitted on images whose "
            f"background is at about {self.background_level_:g}. Invert the images "
            f"with `{remedy}`.",
            UserWarning,
            stacklevel=5,
        )
