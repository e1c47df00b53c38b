"""Pipelines that classify raw pixels."""

from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline

from skdigits.estimators import ANNClassifier, CNNClassifier
from skdigits.preprocessing import DigitNormalizer, PixelScaler

_CLASSIFIERS = {"ann": ANNClassifier, "cnn": CNNClassifier}


def make_digit_pipeline(
    estimator: str | BaseEstimator = "cnn", **params: Any
) -> Pipeline:
    """Make a pipeline that scales pixels and classifies them.

    Parameters
    ----------
    estimator : {"cnn", "ann"} or estimator, default="cnn"
        The classifier: "cnn" for a `CNNClassifier`, "ann" for an `ANNClassifier`, or
        any other classifier.
    **params : dict
        Parameters of the classifier. If there are any, a classifier that is passed as
        `estimator` is cloned before they are set.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `PixelScaler` and the classifier. The steps have the names that
        `sklearn.pipeline.make_pipeline` gives them. The pipeline accepts images of any
        pixel range and of shape (n_samples, n_features). The classifiers "cnn" and
        "ann" also accept the shapes (n_samples, height, width) and
        (n_samples, height, width, 1).

    Raises
    ------
    ValueError
        If `estimator` is an unknown name, or if the classifier lacks a parameter.
    TypeError
        If `estimator` is neither a name nor an estimator.

    See Also
    --------
    make_reader_pipeline : Make a pipeline for images from paper and screens.
    skdigits.preprocessing.PixelScaler : Scales the pixels.
    skdigits.recipes.fast_cnn : A pipeline that is faster and less accurate.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import make_digit_pipeline
    >>> X, y = load_digits(return_X_y=True)
    >>> pipe = make_digit_pipeline("ann", hidden_layer_sizes=(32,), random_state=0)
    >>> pipe
    Pipeline(steps=[('pixelscaler', PixelScaler()),
                    ('annclassifier',
                     ANNClassifier(hidden_layer_sizes=(32,), random_state=0))])
    >>> pipe.fit(X, y).predict(X[:5])
    array([0, 1, 2, 3, 4])
    """
    if isinstance(estimator, str):
        if estimator not in _CLASSIFIERS:
            raise ValueError(
                f"estimator must be 'cnn', 'ann' or an estimator; got {estimator!r}."
            )
        classifier = _CLASSIFIERS[estimator]()
    elif isinstance(estimator, type) or not hasattr(estimator, "set_params"):
        raise TypeError(
            f"estimator must be 'cnn', 'ann' or an estimator; got {estimator!r}."
        )
    else:
        classifier = clone(estimator) if params else estimator
    return make_pipeline(PixelScaler(), classifier.set_params(**params))


def make_reader_pipeline(
    estimator: str | BaseEstimator = "cnn", **params: Any
) -> Pipeline:
    """Make a pipeline that reads digits from paper and screens.

    It gives images the geometry of MNIST, scales their pixels, and classifies them.
    Images of MNIST stay as they are, so it can be trained on them.

    Parameters
    ----------
    estimator : {"cnn", "ann"}, estimator or Pipeline, default="cnn"
        The classifier, as for `make_digit_pipeline`; or a pipeline, such as one of
        `skdigits.recipes`, whose steps follow the normalizer. A pipeline that is fitted
        on images like those of MNIST needs no new fit.
    **params : dict
        Parameters of the classifier or of the pipeline. If there are any, `estimator`
        is cloned before they are set.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `DigitNormalizer`, a `PixelScaler` and the classifier, or the steps of the
        pipeline. It takes images as a `DigitNormalizer` does: an array or a
        list, dark on light or light on dark, gray or colored, of any size.

    Raises
    ------
    ValueError
        If `estimator` is an unknown name, or if it lacks a parameter.
    TypeError
        If `estimator` is neither a name nor an estimator.

    See Also
    --------
    make_digit_pipeline : The same without the normalizer.
    skdigits.recipes.robust_cnn : A pipeline for digits from elsewhere.
    skdigits.datasets.load_images : Loads image files.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_digits
    >>> from skdigits import make_reader_pipeline
    >>> digits = load_digits()
    >>> reader = make_reader_pipeline("ann", random_state=0)
    >>> reader = reader.fit(digits.images, digits.target)
    >>> photo = np.full((90, 120), 200.0)  # a dark digit on gray paper
    >>> photo[10:74, 30:94] -= np.kron(digits.images[4], np.full((8, 8), 8))
    >>> reader.predict([photo])
    array([4])
    """
    if isinstance(estimator, Pipeline):
        pipe = clone(estimator).set_params(**params) if params else estimator
    else:
        pipe = make_digit_pipeline(estimator, **params)
    return Pipeline(
        [("digitnormalizer", DigitNormalizer()), *pipe.steps],
        memory=pipe.memory,
        verbose=pipe.verbose,
    )
