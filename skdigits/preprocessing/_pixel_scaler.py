"""Scaling of pixels to [0, 1]."""

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
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import check_is_fitted, validate_data

from skdigits._images import check_width, find_image_shape
from skdigits.preprocessing._image_levels import (
    ImageSample,
    inverted,
    learn_background,
    levels_tell_other_range,
    most,
)
from skdigits.preprocessing._pixel_range import (
    extremes,
    extremes_tell_other_range,
    range_of_dtype,
    range_of_values,
    scale,
    unscale,
)


class PixelScaler(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Scale pixels to float32 in [0, 1].

    One range holds for all pixels: the relative brightness of two pixels is kept,
    which scaling each pixel by itself would lose. Images of 0-255 ``uint8``, of 0-16
    as in :func:`sklearn.datasets.load_digits` and images already in 0-1 are all
    recognised, so that a pipeline need not know which it is given.

    Read more in the :ref:`User Guide <pixel_scaler>`.

    Parameters
    ----------
    pixel_range : tuple (low, high) or None, default=None
        The pixel values that become 0.0 and 1.0. If None, it is learned by `fit`:

        - ``uint8`` means (0, 255), ``uint16`` (0, 65535) and ``bool`` (0, 1), whatever
          values are present;
        - any other dtype means (0, largest value) or, where values below zero are
          present, (smallest value, largest value). If all values are 0, the range
          is (0, 1).

    Attributes
    ----------
    pixel_range_ : tuple of float (low, high)
        The pixel values that become 0.0 and 1.0.

    levels_ : tuple of float (dark, bright)
        The dark and the bright end of the typical image seen during `fit`, leaving
        out 2 % of its pixels at either end. `pixel_range_` if all images were blank.

    background_mask_ : ndarray of shape (`n_features_in_`,), dtype=bool
        The pixels that always belong to the background, which are those in the same
        half of the image's own range, dark or bright, in at least 95 % of the images.
        For digits that is the border. All False where `fit` met no such background.

    background_level_ : float
        The pixel value of the background, and NaN where there is none.

    n_features_in_ : int
        Number of pixels of an image seen during `fit`: ``h * w`` for images of shape
        (n_samples, h, w).

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
    Values outside of `pixel_range_` are not clipped: they come out below 0 or above 1.
    `transform` warns of a batch that plainly belongs to another range than the one
    fitted, such as 0-1 after 0-255, or whose ink is inverted: most of its images have
    their background at the other end of the range than in `fit`. `levels_` and the
    background are learned from at most 128 images, spread over the batch, and compared
    with as many. The :ref:`User Guide <other_images>` has the rules and how often they
    err.

    Besides the result, no copy of the images is made, and the input is never changed.

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

    Images keep their shape, here the 8 x 8 pixels of 0-16 of `load_digits`:

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
        """Learn the pixel range of the images, and where their background lies.

        Parameters
        ----------
        X : array-like of shape (n_samples, h * w), (n_samples, h, w) or \
                (n_samples, h, w, 1)
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
            If `pixel_range` is no pair of finite numbers with low < high, if `X` has
            none of the shapes above, or if it holds NaN, infinity or values that are
            no real numbers.
        TypeError
            If `X` is a sparse matrix.
        """
        given = self._given_range()
        X = self._check_images(X, reset=True)
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
        X : array-like of shape (n_samples, h * w), (n_samples, h, w) or \
                (n_samples, h, w, 1)
            Images of as many pixels and of the same pixel range as in `fit`. The
            shape may differ: images of (28, 28) and rows of 784 go together.

        Returns
        -------
        X_scaled : ndarray of float32, of the shape of X
            The scaled images, a new array. A dataframe instead if `set_output` asks
            for one, which needs `X` of shape (n_samples, h * w).

        Raises
        ------
        ValueError
            If `X` has another number of pixels than in `fit`, is not what `fit`
            accepts, or has three dimensions or more where a dataframe is to be
            returned.
        TypeError
            If `X` is a sparse matrix.

        Warns
        -----
        UserWarning
            If the values of `X` plainly belong to another pixel range than
            `pixel_range_`, or if most of its images have inverted ink. At most one
            warning is given, however many images there are.
        """
        check_is_fitted(self)
        X = self._check_images(X, reset=False)
        container = _get_output_config("transform", self)["dense"]
        if X.ndim > 2 and container != "default":
            raise ValueError(
                f"X has shape {X.shape}, and its images do not fit in a {container} "
                "dataframe. Pass X.reshape(len(X), -1), or disable dataframes with "
                "set_output(transform='default')."
            )
        self._warn_of_other_images(X)
        return scale(X, *self.pixel_range_)

    def inverse_transform(self, X: ArrayLike) -> NDArray[np.float32]:
        """Bring scaled pixels back to the range of `fit`.

        Parameters
        ----------
        X : array-like of shape (n_samples, h * w), (n_samples, h, w) or \
                (n_samples, h, w, 1)
            Scaled images, 0.0 to 1.0.

        Returns
        -------
        X_original : ndarray of float32, of the shape of X
            Images in `pixel_range_`. The dtype of the original is not restored: for
            whole numbers use ``np.rint(X_original).astype(np.uint8)``.

        Raises
        ------
        ValueError
            If `X` has another number of pixels than in `fit`, or is not what `fit`
            accepts.
        TypeError
            If `X` is a sparse matrix.
        """
        check_is_fitted(self)
        X = self._check_images(X, reset=False)
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
                f"low < high, got {pair!r}."
            )
        return float(pair[0]), float(pair[1])

    def _check_images(self, X: ArrayLike, *, reset: bool) -> NDArray:
        """Check dtype, shape, feature names and width, but not the values."""
        if not reset:
            check_width(X, self)
        images = check_array(
            X, allow_nd=True, ensure_all_finite=False, estimator=self, input_name="X"
        )
        if images.dtype.kind not in "buif":
            raise ValueError(f"X must hold real numbers, got dtype {images.dtype}.")
        image_shape = find_image_shape(images.shape)
        if images.size == 0:
            raise ValueError(f"X must hold pixels; got shape {images.shape}.")
        if image_shape is not None:
            height, width = image_shape
            if not reset and height * width != self.n_features_in_:
                raise ValueError(
                    f"X has images of {height} x {width} = {height * width} pixels, "
                    f"but {type(self).__name__} is expecting {self.n_features_in_} "
                    "features as input."
                )
            # scikit-learn takes the second axis for the features: show it one row.
            X = images[:1].reshape(1, -1)
        validate_data(self, X, reset=reset, skip_check_array=True)
        return images

    def _finite_extremes(self, X: NDArray) -> tuple[float, float]:
        smallest, largest = extremes(X)
        if not (math.isfinite(smallest) and math.isfinite(largest)):
            assert_all_finite(X, estimator_name=type(self).__name__, input_name="X")
        return smallest, largest

    def _warn_of_other_images(self, X: NDArray) -> None:
        if range_of_dtype(X.dtype) != self.pixel_range_:
            ends = self._finite_extremes(X)
            if extremes_tell_other_range(X, *ends, *self.pixel_range_):
                return self._warn_of_other_range(*ends)
        sample = ImageSample.of(X)
        if not len(sample.pixels):
            return None
        mask = self.background_mask_
        if levels_tell_other_range(sample, mask, self.levels_, self.pixel_range_):
            return self._warn_of_other_range(*extremes(X))
        if mask.any():
            dark = self.background_level_ < sum(self.levels_) / 2
            is_inverted = inverted(sample, mask, dark=dark)
            if most(is_inverted):
                level = float(np.median(sample.pixels[is_inverted][:, mask]))
                self._warn_of_inverted_ink(X, level)
        return None

    def _warn_of_other_range(self, smallest: float, largest: float) -> None:
        low, high = self.pixel_range_
        warnings.warn(
            f"X has pixels from {smallest:g} to {largest:g}, plainly another range "
            f"than the one {type(self).__name__} was fitted on, which is "
            f"({low:g}, {high:g}). Bring all images to one range, or fit with "
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
