"""The part of a digit classifier that needs no training: prediction and copies."""

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from skdigits._images import ImageShape, check_width, flatten_images
from skdigits._labels import check_labels
from skdigits.estimators._checks import to_dtype
from skdigits.estimators._copies import Copy
from skdigits.estimators._trained_network import TrainedNetwork
from skdigits.preprocessing._augmentation import Augmentation, Change

if TYPE_CHECKING:
    import keras

    from skdigits.estimators._keras.training import KerasClassifier


class FittedDigitClassifier(ClassifierMixin, BaseEstimator):
    """Predict with a trained network, and give access to it."""

    classes_: np.ndarray
    n_features_in_: int
    image_shape_: ImageShape | None
    history_: dict[str, list[float]]
    n_epochs_: int
    precision_: str
    onednn_: bool | None
    learning_rate_schedule_: str
    peak_learning_rate_: float | None
    test_time_augmentation: int
    _trained: TrainedNetwork
    _augmentation: Augmentation | None

    @property
    def model_(self) -> "keras.Sequential":
        """The network as a Keras model: pixels in, probabilities out."""
        check_is_fitted(self)
        return self._trained.model

    @property
    def keras_classifier_(self) -> "KerasClassifier":
        """The network as a classifier of SciKeras, with one-hot targets."""
        network = self.model_
        from skdigits.estimators._keras.training import as_keras_classifier

        return as_keras_classifier(network)

    @property
    def n_weights_(self) -> int:
        """Number of trained weights and biases."""
        check_is_fitted(self)
        return sum(values.size for values in self._trained.state.weights)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Estimate the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images, with the pixels scaled as in `fit`.

        Returns
        -------
        probabilities : ndarray of shape (n_samples, n_classes)
            Probability of each class, in the order of `classes_`: float64 if that is
            the `precision`, and float32 otherwise.

        Raises
        ------
        NotFittedError
            If the classifier has not been trained.
        ValueError
            If ``X`` has NaN, infinity or another number of pixels than in `fit`.
        """
        check_is_fitted(self)
        X = self._check_pixels(X)
        probabilities = self._trained.predict_proba(X, self._to_network_input)
        if self.test_time_augmentation:
            changes = self._test_time_changes()
            for change in changes:
                probabilities += self._trained.predict_proba(
                    X, compose(change, self._to_network_input)
                )
            probabilities /= 1 + len(changes)
        return probabilities

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Estimate the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Images, as in `predict_proba`.

        Returns
        -------
        log_probabilities : ndarray of shape (n_samples, n_classes)
            Logarithm of the result of `predict_proba`, which is ``-inf`` for 0.
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> np.ndarray:
        """Predict the labels of images.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Images, as in `predict_proba`.

        Returns
        -------
        labels : ndarray of shape (n_samples,)
            The most probable class of each image.
        """
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy of the predictions.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Images, as in `predict_proba`.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            True labels, which may be one-hot encoded. The columns of an array are then
            in the order of `classes_`.
        sample_weight : array-like of shape (n_samples,), default=None
            Sample weights.

        Returns
        -------
        accuracy : float
            Share of correct predictions.

        Raises
        ------
        NotFittedError
            If the classifier has not been trained.
        ValueError
            If ``y`` does not hold labels, or if a label is missing.
        """
        check_is_fitted(self)
        return super().score(X, check_labels("y", y, self.classes_), sample_weight)

    def __sklearn_clone__(self) -> Any:
        """Return a clone, which shares the callbacks that cannot be copied."""
        shared = _not_copyable(self)
        if not shared:
            return super().__sklearn_clone__()
        bare = object.__new__(type(self))
        bare.__dict__.update(vars(self), callbacks=None)
        cloned = super(FittedDigitClassifier, bare).__sklearn_clone__()
        cloned.callbacks = [
            callback if callback in shared else clone(callback, safe=False)
            for callback in self.callbacks
        ]
        return cloned

    def __getstate__(self) -> dict[str, Any]:
        for callback in _not_copyable(self):
            raise TypeError(
                "callbacks must be picklable to pickle or copy the classifier; got a "
                f"{type(callback).__name__} that holds an open file, a lock or the "
                "like. Open it in on_train_begin, or call set_params(callbacks=None)."
            )
        return super().__getstate__()

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _check_pixels(self, X: Any) -> np.ndarray:
        """Return 2-D ``X`` after checking it against the ``X`` of the fit."""
        check_width(X, self)
        X, shape = flatten_images(X)
        X = validate_data(self, X, reset=False, dtype="numeric")
        self._check_same_shape("X", shape)
        return X

    def _check_same_shape(self, name: str, shape: ImageShape | None) -> None:
        expected = self.image_shape_
        if shape and expected and shape != expected:
            raise ValueError(
                f"{name} must have images of the shape {expected}, as in fit; got "
                f"images of the shape {shape}."
            )

    def _test_time_changes(self) -> list[Change]:
        """Return the functions that make the changed copies of images to predict."""
        self._validate_params()
        if self._augmentation is None:
            return []
        return self._augmentation.mild_changes(self.test_time_augmentation)

    @property
    def _dtype(self) -> str:
        """The dtype of the samples, the weights and the probabilities."""
        return "float64" if self.precision_ == "float64" else "float32"

    def _to_network_input(self, X: np.ndarray) -> np.ndarray:
        """Return 2-D ``X`` in the shape and the dtype of the network's input."""
        return to_dtype(X, self._dtype)


def compose(outer: Change, inner: Change) -> Change:
    """Return the function that applies the inner function, and then the outer one."""
    return lambda images: outer(inner(images))


def _not_copyable(estimator: Any) -> list[Any]:
    """Return the callbacks of an estimator that cannot be copied."""
    callbacks = getattr(estimator, "callbacks", None)
    if not isinstance(callbacks, list):
        return []
    return [callback for callback in callbacks if Copy.of(callback) is None]
