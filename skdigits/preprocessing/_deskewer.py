"""Slanted digits, made upright."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin

from skdigits._images import as_images, square_shape
from skdigits.preprocessing._checks import check_container, check_images
from skdigits.preprocessing._deskewing import deskewed

_MIN_PIXELS_OF_A_DIGIT = 16


class Deskewer(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Make slanted digits upright.

    Each image is sheared until its ink leans neither to the left nor to the right: the
    covariance of its rows and columns is 0 then. The center of mass stays where it is.
    Digits of one class differ less afterwards, which helps linear models, nearest
    neighbors, and small or dense networks. Convolutional networks gain little,
    especially if they are trained with ``augmentation``.

    It is a first step of a pipeline, for training and for prediction: a classifier that
    learned upright digits misreads slanted ones. It learns nothing in `fit`.

    Read more in the :ref:`User Guide <deskewer>`.

    Attributes
    ----------
    n_features_in_ : int
        Number of pixels of an image seen during `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the pixels seen during `fit`. Defined only when `X` has feature names
        that are all strings.

    See Also
    --------
    DigitNormalizer : Finds digits on paper, and scales and centers them.
    DigitAugmenter : Slants digits at random, among other changes, to train on.

    Notes
    -----
    The method is as old as MNIST, where it is called deslanting [1]_. The slant is the
    covariance of rows and columns, each pixel weighted by its ink, divided by the
    variance of rows, and at most 1 in each direction, which is 45 degrees. Each row is
    moved by the slant times its distance from the center of mass, with linear
    interpolation. What leaves the image is lost, and what enters it is background.

    The background of an image is the median of the pixels at its borders. Its ink is
    what is brighter, or what is darker, whichever has more contrast. Paper with shadows
    or noise hides the slant; :class:`DigitNormalizer` removes them.

    The result depends on no other image. On one core, about 110,000 images of 28 x 28
    pixels become upright in a second.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning
       applied to document recognition", Proceedings of the IEEE 86, 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from skdigits.preprocessing import Deskewer
    >>> image = 9 * np.eye(5, dtype=np.uint8)  # a slanted stroke
    >>> Deskewer().fit_transform(image[None])[0]
    array([[0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0],
           [0, 0, 9, 0, 0]], dtype=uint8)

    In a pipeline, images to predict become upright, too:

    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import ANNClassifier, PixelScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> pipe = make_pipeline(Deskewer(), PixelScaler(), ANNClassifier(random_state=0))
    >>> pipe.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.9
    True
    """

    def fit(self, X: Any, y: Any = None) -> Self:
        """Check the images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            As for `transform`.
        y : None
            Ignored.

        Returns
        -------
        self : Deskewer
            The transformer.

        Raises
        ------
        ValueError
            If `X` has none of the shapes above, or if it holds NaN, infinity or values
            that are not real numbers.
        TypeError
            If `X` is a sparse matrix.
        """
        with_shape(check_images(self, X, reset=True, finite=True))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return upright copies of images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), (n_samples, height, width) or \
                (n_samples, height, width, 1)
            Gray images, light on dark or dark on light, of any real dtype and range.
            2-D `X` holds square images. If it has fewer than 16 features, which are no
            square, it stays as it is.

        Returns
        -------
        X_new : ndarray of the shape and the dtype of X
            The upright images, or a dataframe if `set_output` requests one, which
            requires `X` of shape (n_samples, n_features). Integers are rounded. Blank
            images stay as they are.

        Raises
        ------
        ValueError
            If the images differ from those of `fit` in their number of pixels, if `X`
            is not valid for `fit`, or if it has three dimensions or more and a
            dataframe is requested.
        TypeError
            If `X` is a sparse matrix.
        """
        X = check_images(self, X, reset=False, finite=True)
        check_container(self, X)
        return deskewed(with_shape(X)).reshape(X.shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        tags.input_tags.three_d_array = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32", "uint8"]
        return tags


def with_shape(X: np.ndarray) -> np.ndarray:
    """Return images as an array of shape (n_samples, height, width).

    A few features that are no square become images of one row, which has no slant.

    Examples
    --------
    >>> with_shape(np.zeros((5, 784))).shape, with_shape(np.zeros((5, 3))).shape
    ((5, 28, 28), (5, 1, 3))
    """
    if X.ndim == 2 and X.shape[1] < _MIN_PIXELS_OF_A_DIGIT:
        X = X.reshape(len(X), *(square_shape(X.shape[1]) or (1, X.shape[1])))
    return as_images(X)
