"""The training of a digit classifier: scikit-learn's protocol around a network.

How `fit` gets from ``X`` and ``y`` to a trained network:

1. `_check_samples` checks ``X`` and ``y``, sets ``classes_``, ``image_shape_`` and
   ``precision_``, and makes `Samples`: images, one-hot targets and weights.
2. `hold_out` sets validation samples aside, if there are to be any.
3. `_make_architecture` describes the network as plain data (``_spec.py``).
4. `train` (``_keras/training.py``) takes a network of that kind from the cache or
   builds it, gives it its first weights, and trains it through SciKeras.
5. `DigitNetwork.fit` (``_keras/network.py``) puts the samples into stacks of batches
   (``_keras/stacks.py``). Its `train_step` updates the weights batch by batch.
6. The values of the variables come back as NumPy arrays. A `TrainedNetwork` keeps them
   and predicts, few samples by NumPy and many by TensorFlow.

Only step 4 loads TensorFlow, whose modules are all in ``_keras``.
"""

import warnings
from abc import ABCMeta, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_consistent_length, validate_data

from skdigits._images import ImageShape, check_width, flatten_images, square_shape
from skdigits._labels import check_labels, one_hot_classes
from skdigits.estimators._augmentation import (
    check_augmenter_params,
    prepare_augmentation,
)
from skdigits.estimators._checks import doubt_about_width
from skdigits.estimators._fitted import FittedDigitClassifier
from skdigits.estimators._history import best_epoch, joined_history
from skdigits.estimators._samples import (
    Samples,
    check_classes,
    check_weight,
    choose_batch_size,
    hold_out,
    one_hot,
)
from skdigits.estimators._spec import Network, NetworkState, TrainingOptions, changed
from skdigits.estimators._tensorflow import check_tensorflow
from skdigits.estimators._trained_network import TrainedNetwork
from skdigits.preprocessing import DigitAugmenter

_DEFAULT_VALIDATION_SPLIT = 0.1


@contextmanager
def unchanged_on_error(estimator: BaseEstimator) -> Iterator[None]:
    """Restore the attributes of an estimator if a fit raises."""
    before = vars(estimator).copy()
    try:
        yield
    except BaseException:
        vars(estimator).clear()
        vars(estimator).update(before)
        raise


class BaseDigitClassifier(FittedDigitClassifier, metaclass=ABCMeta):
    """Base of the classifiers that train a network on images of digits.

    A subclass describes the network (`_make_architecture`), and can reshape the pixels
    for it (`_find_image_shape`, `_to_network_input`).
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "optimizer": [str, HasMethods(["apply", "get_config"])],
        "optimizer_params": [Mapping, None],
        "learning_rate": [Interval(Real, 0, None, closed="neither"), None],
        "learning_rate_schedule": [
            StrOptions({"auto", "one_cycle", "cosine", "constant"})
        ],
        "label_smoothing": [Interval(Real, 0, 1, closed="left")],
        "weight_averaging": [Interval(Real, 0, 1, closed="neither"), None],
        "epochs": [Interval(Integral, 1, None, closed="left")],
        "batch_size": [
            Interval(Integral, 1, None, closed="left"),
            StrOptions({"auto"}),
        ],
        "validation_split": [Interval(Real, 0, 1, closed="left"), None],
        "early_stopping": ["boolean"],
        "patience": [Interval(Integral, 1, None, closed="left")],
        "test_time_augmentation": [Interval(Integral, 0, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "augmentation": [
            Interval(Real, 0, 1, closed="right"),
            DigitAugmenter,
            None,
        ],
        "callbacks": [list, None],
        "warm_start": ["boolean"],
        "precision": [StrOptions({"auto", "bfloat16", "float32", "float64"})],
        "random_state": ["random_state"],
        "verbose": [Interval(Integral, 0, 2, closed="both"), "boolean"],
    }

    @abstractmethod
    def _make_architecture(self, input_shape: tuple[int, ...]) -> Network:
        """Return the network for samples of a shape; called after Keras is loaded."""

    def _starting_state(
        self, architecture: Network, rng: np.random.RandomState
    ) -> NetworkState | None:
        """Return the initial values of the first training, if they are given."""
        return None

    def _find_image_shape(self, shape: ImageShape | None) -> ImageShape | None:
        """Return the shape of the images; ``shape`` is that of 3-D ``X``, else None."""
        return shape or square_shape(self.n_features_in_)

    def _fastest_precision(self) -> str:
        """Return the value that ``precision="auto"`` stands for."""
        return "float32"

    def set_params(self, **params: Any) -> Self:
        """Set the parameters of this estimator.

        Parameters
        ----------
        **params : dict
            Parameters. Those of a `DigitAugmenter` that is the `augmentation` have
            names such as ``augmentation__rotation``.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If there is no such parameter.
        """
        check_augmenter_params(params, self.augmentation)
        return super().set_params(**params)

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images, of any real dtype, preferably scaled to [0, 1].
        y : array-like or sparse matrix of shape (n_samples,) or (n_samples, n_classes)
            Labels, of at least two classes: numbers or strings, or one-hot labels, with
            a single 1 in each row. The columns of a one-hot array stand for the labels
            0 to ``n_classes - 1``, and those of a data frame for their names. A column
            without a 1 counts as a class.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative sample weights. A weight of 2 is equivalent to giving the
            sample twice, and a weight of 0 to leaving it out.
        X_val : array-like of shape (n_val_samples, ...), default=None
            Images for validation after each epoch, in any shape that ``X`` can have.
            They replace the samples that `validation_split` would hold out.
        y_val : array-like of shape (n_val_samples,) or (n_val_samples, n_classes), \
                default=None
            Labels of ``X_val``, which must all be among the classes of ``y``. The
            columns of a one-hot array are in the order of `classes_`.

        Returns
        -------
        self : estimator
            The fitted classifier.

        Raises
        ------
        ValueError
            If a parameter is out of bounds; if ``X`` has NaN, infinity, strings or
            complex numbers, has no samples, or has another shape than expected; if
            ``y`` is continuous, has missing labels or only one class; if the weights
            are negative, not finite, all 0, or not as many as the samples; if
            `class_weight` has keys that are not labels; if with `warm_start` a
            parameter that defines the network, or `precision`, differs from the last
            fit; if the training diverges.
        TypeError
            If ``X`` is sparse.
        ImportError
            If Keras was imported with another backend than TensorFlow.
        RuntimeError
            If TensorFlow was started before this process was forked, or if `fit` is
            called in a graph or a distribution scope of TensorFlow.

        Warns
        -----
        UserWarning
            If ``X`` seems to contain the label column, or if a convolutional network
            gets 2-D ``X`` whose images are not square, without `image_shape`. Once in
            a process, if there are convolutions to train on more than 2000 samples, and
            TensorFlow was imported without oneDNN, which would make them faster.
        DataConversionWarning
            If ``y`` has the shape (n_samples, 1).
        """
        with unchanged_on_error(self):
            resume = self.warm_start and hasattr(self, "_trained")
            classes = self.classes_ if resume else None
            samples = self._check_samples(
                X, y, sample_weight, classes=classes, reset=not resume
            )
            validation = self._check_validation(X_val, y_val)
            rng = check_random_state(self.random_state)
            if validation is None:
                fraction = self.validation_split
                if fraction is None:
                    fraction = _DEFAULT_VALIDATION_SPLIT if self.early_stopping else 0
                samples, validation = hold_out(samples, fraction, rng)
            options = self._options(
                samples,
                initial_epoch=self.n_epochs_ if resume else 0,
                epochs=self.epochs,
                schedule=self.learning_rate_schedule,
                patience=self.patience if self.early_stopping else None,
            )
            self._train(
                samples, validation, options, rng, resume=resume, keep=self.warm_start
            )
        return self

    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(
        self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None
    ) -> Self:
        """Train for one more epoch on a batch of samples.

        No samples are held out, there is no early stopping, and the learning rate is
        constant.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), \
                (n_samples, height, width) or (n_samples, height, width, 1)
            Gray images, as in `fit`.
        y : array-like or sparse matrix of shape (n_samples,) or (n_samples, n_classes)
            Labels, which must all be among the classes. The columns of a one-hot array
            are in the order of the sorted classes.
        classes : array-like of shape (n_classes,) or set, default=None
            All labels that any call will have. Required in the first call, unless `fit`
            was called before, or ``y`` is one-hot encoded and has a column for each.
        sample_weight : array-like of shape (n_samples,), default=None
            Non-negative sample weights.

        Returns
        -------
        self : estimator
            The classifier.

        Raises
        ------
        ValueError
            As in `fit` with `warm_start`; if ``classes`` is missing in the first call
            or differs from earlier calls; if ``y`` has other labels; if
            ``class_weight="balanced"``.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight must be a dict {label: weight} or None in partial_fit, "
                "which does not see all samples; got 'balanced'."
            )
        resume = hasattr(self, "_trained")
        if classes is None and not resume:
            classes = one_hot_classes("y", y)
        classes = check_classes(classes, self.classes_ if resume else None)
        with unchanged_on_error(self):
            samples = self._check_samples(
                X, y, sample_weight, classes=classes, reset=not resume
            )
            rng = check_random_state(self.random_state)
            options = self._options(
                samples,
                initial_epoch=self.n_epochs_ if resume else 0,
                epochs=1,
                schedule="constant",
                patience=None,
            )
            self._train(samples, None, options, rng, resume=resume, keep=True)
        return self

    def _check_samples(
        self, X: Any, y: Any, sample_weight: Any, *, classes: Any, reset: bool
    ) -> Samples:
        """Return the training samples; without ``classes``, ``y`` has all of them."""
        if not reset:
            check_width(X, self)
        X, shape = flatten_images(X)
        known = one_hot_classes("y", y) if classes is None else classes
        y = check_labels("y", y, known)
        X, y = validate_data(self, X, y, reset=reset, dtype="numeric")
        check_classification_targets(y)
        if reset:
            self.precision_ = self.precision
            if self.precision == "auto":
                self.precision_ = self._fastest_precision()
            self.image_shape_ = self._find_image_shape(shape)
            doubt = doubt_about_width(X, y, self.image_shape_)
            if doubt is not None:
                # At the caller of fit or partial_fit.
                warnings.warn(doubt, UserWarning, stacklevel=4)
            self.classes_ = np.unique(y) if known is None else known
        else:
            self._check_same_shape("X", shape)
            self._find_image_shape(self.image_shape_)  # which checks the parameters
        targets = one_hot("y", y, self.classes_, self._dtype)
        weight = check_weight(
            sample_weight, self.class_weight, X, y, self.classes_, self._dtype
        )
        samples = Samples(self._to_network_input(X), targets, weight)
        if weight is not None and not weight.all():
            samples = samples.take(np.flatnonzero(weight))
        present = self.classes_[samples.y.any(axis=0)]
        if classes is None and len(present) < 2:
            raise ValueError(
                "y must have at least two classes among the samples of weight above 0; "
                f"got 1 class: {present.tolist()}."
            )
        return samples

    def _check_validation(self, X_val: Any, y_val: Any) -> Samples | None:
        """Return the validation samples that the caller gave."""
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            given = "y_val" if X_val is None else "X_val"
            raise ValueError(f"X_val and y_val must go together; got only {given}.")
        try:
            x = self._to_network_input(self._check_pixels(X_val))
        except ValueError as error:
            raise ValueError(f"X_val: {error}") from error
        y = check_labels("y_val", y_val, self.classes_)
        check_consistent_length(x, y)
        targets = one_hot("y_val", y, self.classes_, self._dtype)
        return Samples(x, targets, np.ones(len(x), self._dtype))

    def _options(
        self,
        samples: Samples,
        *,
        initial_epoch: int,
        epochs: int,
        schedule: str,
        patience: int | None,
    ) -> TrainingOptions:
        return TrainingOptions(
            initial_epoch=initial_epoch,
            epochs=epochs,
            batch_size=choose_batch_size(self.batch_size, len(samples.x)),
            precision=self.precision_,
            schedule=schedule,
            patience=patience,
            callbacks=self.callbacks or [],
            verbose=self.verbose,
            label_smoothing=float(self.label_smoothing),
            weight_averaging=self.weight_averaging,
            augment=prepare_augmentation(
                self.augmentation,
                samples.x,
                self.image_shape_,
                self.n_features_in_,
                self.classes_,
            ),
        )

    def _train(
        self,
        samples: Samples,
        validation: Samples | None,
        options: TrainingOptions,
        rng: np.random.RandomState,
        *,
        resume: bool,
        keep: bool,
    ) -> None:
        """Train a network, or ``resume`` its training, and store it and its history.

        With ``keep``, the optimizer's values are stored, too, so that the training can
        be resumed later.
        """
        check_tensorflow()
        from skdigits.estimators._keras.devices import uses_onednn
        from skdigits.estimators._keras.optimizers import optimizer_spec
        from skdigits.estimators._keras.training import train

        optimizer = optimizer_spec(
            self.optimizer, self.optimizer_params, self.learning_rate
        )
        architecture = self._make_architecture(samples.x.shape[1:])
        samples = samples.reshaped(architecture.input_shape)
        if validation is not None:
            validation = validation.reshaped(architecture.input_shape)
        start: NetworkState | None
        if resume:
            if self.precision not in ("auto", self.precision_):
                raise changed("precision", self.precision_, self.precision)
            architecture.check_same(self._trained.architecture)
            start, history = self._trained.state_for(optimizer), self.history_
        else:
            start, history = self._starting_state(architecture, rng), {}
        state, new_history, rates = train(
            architecture, optimizer, start, samples, validation, options, rng
        )
        if not keep:
            state = state._replace(optimizer=None, raw=None)
        self._trained = TrainedNetwork(architecture, optimizer, state)
        self._augmentation = options.augment
        self.onednn_ = uses_onednn()
        self.learning_rate_schedule_, self.peak_learning_rate_ = rates
        self.history_ = joined_history(history, new_history)
        self.n_epochs_ = len(self.history_["loss"])
        self.best_epoch_ = best_epoch(self.history_)
        self.kept_epoch_ = self.n_epochs_
        n_new = len(new_history.get("loss", ()))
        if options.patience is not None and n_new:
            self.kept_epoch_ += best_epoch(new_history) - n_new
