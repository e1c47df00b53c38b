"""Raw pixels to labels in one estimator."""

from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline

from skdigits.estimators import ANNClassifier, CNNClassifier
from skdigits.preprocessing import PixelScaler

_CLASSIFIERS = {"ann": ANNClassifier, "cnn": CNNClassifier}


def make_digit_pipeline(
    estimator: str | BaseEstimator = "cnn", **params: Any
) -> Pipeline:
    """Make a pipeline that scales pixels and classifies them.

    Parameters
    ----------
    estimator : {"cnn", "ann"} or estimator, default="cnn"
        "cnn" is a `CNNClassifier`, "ann" an `ANNClassifier`, both with good defaults
        for digits; or any classifier, which is used as it is.
    **params : dict
        Parameters of the classifier, by their names there. With any a given classifier
        is cloned.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        A `PixelScaler` and the classifier, named as by
        `sklearn.pipeline.make_pipeline`. It takes images in any range of pixels, of
        shape (n, h * w), or (n, h, w) or (n, h, w, 1) where the classifier does.

    Raises
    ------
    ValueError
        If ``estimator`` is another name, or the classifier has no such parameter.
    TypeError
        If ``estimator`` is neither a name nor an estimator.

    See Also
    --------
    skdigits.preprocessing.PixelScaler : The first step.

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
