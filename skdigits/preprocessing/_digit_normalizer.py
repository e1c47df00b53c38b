"""Images of single digits, of any kind, in the geometry of MNIST."""

import warnings
from collections.abc import Iterable
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin, _fit_context
from sklearn.utils._param_validation import StrOptions

from skdigits.preprocessing._gray import gray_images
from skdigits.preprocessing._normalization import Stages, normalize

_LEAST_SIDE = 8
_N_NAMED = 5


class DigitNormalizer(TransformerMixin, BaseEstimator):
    """Give images of single digits the geometry of MNIST.

    Networks that are trained on MNIST misread most digits from scans, photographs and
    drawings, since those of MNIST have a geometry of their own: light ink on black, the
    box of the digit scaled into 20 x 20 pixels with its proportions, and the center of
    mass in the center of the 28 x 28 pixels. This transformer finds the ink in an image
    and moves it there. Images that are like those of MNIST stay as they are.

    It is a first step of a pipeline, for training and for prediction. It learns nothing
    in `fit`.

    Read more in the :ref:`User Guide <digit_normalizer>`.

    Parameters
    ----------
    ink : {"auto", "dark", "light"}, default="auto"
        Whether the ink is darker or lighter than the paper. With "auto", most of the
        pixels of an image, and of those at its borders, are taken for paper. If a digit
        fills its image, the ink is what has fewer connected parts.
    output_shape : tuple (height, width), default=(28, 28)
        The shape of the normalized images. The sides of a digit's box and of the
        image have the same relation as in MNIST.
    on_blank : {"warn", "zeros", "error"}, default="warn"
        What becomes of images without anything like ink: an image of zeros, with or
        without a warning, or an error.

    See Also
    --------
    skdigits.make_reader_pipeline : A pipeline with this transformer.
    skdigits.datasets.load_images : Loads image files.
    skdigits.reports.NormalizationDisplay : Plot of the steps.
    PixelScaler : Scales the pixels, and moves nothing.

    Notes
    -----
    The steps are:

    1. Colors become gray. Transparent pixels become white, or black if all others are
       nearly white. Images of Pillow are turned upright as their EXIF data say.
    2. Large images are reduced to 128 pixels, as the means of areas. If the digit is
       small, its surroundings alone are reduced again.
    3. The brightness of the paper is subtracted: that of most of its pixels if they are
       equal, or else a quadratic surface, which takes up shadows. The noise of the
       paper is measured.
    4. Pixels are ink above the threshold of Otsu [1]_, and above 2.5 times the noise.
    5. Straight lines across the image are left out, such as those of ruled paper and of
       boxes, if they are thinner than the strokes, or longer than the digit.
    6. The part with most ink is kept, with the parts that have 8 % of its ink, or 35 %
       if they touch the edge of the image. Specks and parts of neighbors are left out.
    7. Thin strokes are thickened to the width of thin ones in MNIST.
    8. The box is scaled, with antialiasing, and moved by whole pixels.

    The result depends on no other image. Images are processed one by one.

    References
    ----------
    .. [1] N. Otsu, "A threshold selection method from gray-level histograms", IEEE
       Transactions on Systems, Man, and Cybernetics 9, 1979.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits.preprocessing import DigitNormalizer
    >>> paper = np.full((120, 80, 3), 230, np.uint8)
    >>> paper[30:90, 36:42] = (20, 30, 120)  # a blue 1
    >>> normalizer = DigitNormalizer()
    >>> normalizer.transform([paper, paper[:, 20:60]]).shape
    (2, 28, 28)
    >>> normalizer.is_blank([paper, paper[:20]])
    array([False,  True])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "ink": [StrOptions({"auto", "dark", "light"})],
        "output_shape": [tuple, list],
        "on_blank": [StrOptions({"warn", "zeros", "error"})],
    }

    def __init__(
        self,
        *,
        ink: str = "auto",
        output_shape: tuple[int, int] = (28, 28),
        on_blank: str = "warn",
    ) -> None:
        self.ink = ink
        self.output_shape = output_shape
        self.on_blank = on_blank

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the parameters, and that there are images.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            As for `transform`.
        y : None
            Ignored.

        Returns
        -------
        self : DigitNormalizer
            The transformer.
        """
        check_shape(self.output_shape)
        gray_images(X)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return images in the geometry of MNIST.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or \
                (n_samples, height, width, channels), or list of images
            Images of uint8, uint16, other integers, bool or floats in any range, with
            1 (gray), 2 (gray and opacity), 3 (RGB) or 4 (RGB and opacity) channels. The
            images of a list, each of shape (height, width) or (height, width,
            channels), or an image of Pillow, may have different sizes. 2-D ``X`` holds
            square images.

        Returns
        -------
        X_new : ndarray of shape (n_samples, height, width), dtype uint8
            Light ink, up to 255, on black.

        Raises
        ------
        ValueError
            If a parameter is invalid; if there are no images, or if one of them is not
            one of numbers, has no pixels, or has NaN or infinity; if one is blank, and
            ``on_blank="error"``. The message has the index of the image.
        TypeError
            If ``X`` is not a collection of images.

        Warns
        -----
        UserWarning
            If an image is blank, and ``on_blank="warn"``.
        """
        n, stages = self._stages(X)
        result = np.empty((n, *self.output_shape), np.uint8)
        for i, stage in enumerate(stages):
            result[i] = stage.normalized
        blank = np.flatnonzero(~result.any(axis=(1, 2)))
        if len(blank) and self.on_blank != "zeros":
            some = ", ".join(map(str, blank[:_N_NAMED]))
            more = ", ..." if len(blank) > _N_NAMED else ""
            message = (
                f"{len(blank)} of {n} images in X have nothing like ink: {some}{more}."
            )
            if self.on_blank == "error":
                raise ValueError(message)
            warnings.warn(message, UserWarning, stacklevel=2)
        return result

    def is_blank(self, X: Any) -> np.ndarray:
        """Return whether images have nothing like ink.

        Parameters
        ----------
        X : array-like of shape (n_samples, height, width), or list of images
            As for `transform`.

        Returns
        -------
        is_blank : ndarray of shape (n_samples,), dtype bool
            True for images that `transform` makes zeros of.
        """
        n, stages = self._stages(X)
        blank = (not stage.normalized.any() for stage in stages)
        return np.fromiter(blank, bool, n)

    def stages(self, image: Any) -> Stages:
        """Return the steps from one image to the normalized one.

        Parameters
        ----------
        image : array-like of shape (height, width) or (height, width, channels)
            An image, as for `transform`.

        Returns
        -------
        stages : named tuple
            Arrays of two axes: ``gray``, the gray image; ``ink``, how much darker or
            lighter than the paper its pixels are, in 0-255; ``strokes``, the digit
            alone, in 0-1; ``normalized``, the result, in 0-255.
        """
        return next(iter(self._stages([image])[1]))

    def _stages(self, X: Any) -> tuple[int, Iterable[Stages]]:
        self._validate_params()
        shape = check_shape(self.output_shape)
        n, images = gray_images(X)
        return n, (normalize(image, self.ink, shape) for image in images)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        return tags


def check_shape(shape: Any) -> tuple[int, int]:
    """Return the shape of an image of at least 8 x 8 pixels.

    Raises
    ------
    ValueError
        If it is another one.
    """
    if len(shape) != 2 or not all(
        isinstance(side, Integral) and int(side) >= _LEAST_SIDE for side in shape
    ):
        raise ValueError(
            "output_shape must be a tuple (height, width) of ints of at least "
            f"{_LEAST_SIDE}; got {shape!r}."
        )
    return int(shape[0]), int(shape[1])
