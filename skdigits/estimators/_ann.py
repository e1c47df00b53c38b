"""The fully connected classifier."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.estimators._base import BaseDigitClassifier
from skdigits.estimators._checks import check_rates, check_sizes
from skdigits.estimators._spec import Layer, LayerBuilder

if TYPE_CHECKING:
    import keras


class ANNClassifier(BaseDigitClassifier):
    """Classify digits with a fully connected network (multilayer perceptron).

    Each hidden layer is a dense one, followed by batch normalization if wanted, the
    activation and dropout; softmax makes probabilities of the last. It is trained by
    minimizing the cross-entropy.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int or int, default=(128, 64)
        Number of units of each hidden layer. ``()`` is softmax regression.
    activation : str, default="relu"
        Name of a Keras activation, after each hidden layer.
    dropout : float or sequence of float, default=0.0
        Share of each hidden layer's outputs that is set to 0 in training, in [0, 1):
        one rate for all the layers, or one for each.
    batch_normalization : bool, default=False
        Whether to normalize each hidden layer's outputs over the batch, before the
        activation.
    optimizer : str or keras.Optimizer, default="adam"
        Name of a Keras optimizer, or an instance, of which each fit uses a copy.
    optimizer_params : dict, default=None
        Other arguments of an `optimizer` given by name, such as ``{"beta_1": 0.7}`` for
        "adam" or ``{"momentum": 0.9}`` for "sgd".
    learning_rate : float, default=None
        Peak of the one-cycle schedule, which is the default, or the constant rate with
        ``learning_rate_schedule="constant"``; for an `optimizer` given by name. None
        is four times the optimizer's own default in a cycle, 0.004 for "adam", and
        that default itself, 0.001, where the rate is constant. `peak_learning_rate_`
        tells the rate that was trained with.
    learning_rate_schedule : {"auto", "one_cycle", "constant"}, default="auto"
        How the learning rate changes in `fit`. "one_cycle" lets it rise for about a
        third of all the updates and then fall to 0, which takes fewer epochs than a
        constant one (see [3]_). "auto" is "one_cycle", but "constant" with
        `early_stopping`, which may end at any epoch, with an `optimizer` that is an
        instance, and with Keras' callbacks that set the learning rate. `partial_fit`
        has a constant one. `learning_rate_schedule_` tells which was used.
    epochs : int, default=15
        Number of passes over the rows in `fit`; with `early_stopping` the most there
        can be.
    batch_size : int or "auto", default="auto"
        Number of rows that each update of the weights sees, at most all of them.
        "auto" grows with the data: a 64th of the rows, between 16 and 128.
    validation_split : float, default=None
        Share of the rows, in [0, 1), that `fit` holds out to validate on after each
        epoch: drawn at random, the same share of every class. None holds out a tenth
        with `early_stopping`, and nothing without.
    early_stopping : bool, default=False
        Whether to end the training when the validation loss has not improved for
        `patience` epochs, and keep the weights of the best epoch. With nothing to
        validate on (``validation_split=0``) the training loss decides.
    patience : int, default=5
        Number of epochs without improvement that early stopping waits for.
    class_weight : dict or "balanced", default=None
        Weights ``{label: weight}`` of the classes, by which the row weights are
        multiplied, with the labels as they are in ``y``. Classes that are not in it
        have the weight 1. "balanced" makes every class weigh the same.
    callbacks : list of keras.callbacks.Callback or callable, default=None
        Called during training, as in Keras. A learning rate that a callback sets
        holds. A function is called after each epoch with its number, counted from 0,
        and a dict of what was measured; if it returns True the training ends. The
        callbacks keep what they have recorded, but an attribute that can't be copied,
        such as an open file, is set back after the training.
    warm_start : bool, default=False
        Whether another `fit` goes on from the weights, the optimizer's state and the
        history of the last one, for `epochs` more epochs. A `learning_rate` that is
        not None is set anew. The parameters that shape the network must stay as they
        were, and `precision` too, unless it is "auto"; so must they in `partial_fit`.
    precision : {"auto", "bfloat16", "float32", "float64"}, default="auto"
        Floating-point type to train in. With "bfloat16" the hidden layers are computed
        in that, and the weights, the output and the loss are kept in float32. "auto"
        is "float32": bfloat16 makes no dense network quicker. Predictions are
        float32 but for "float64".
    random_state : int, RandomState instance or None, default=None
        Seed of the first weights, of the order of the rows, of dropout and of the rows
        held out. An int gives the same network each time, to the last bit, on one
        machine. Nothing else in the process is seeded.
    verbose : int, default=0
        0 is silent, 1 shows Keras' progress bar, 2 prints a line for each epoch. The
        first line tells the number of rows, the batch size, the learning rate schedule
        and its peak.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, in the dtype of ``y``, or in that of NumPy for one of
        pandas' nullable dtypes.
    n_features_in_ : int
        Number of pixels of an image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, where ``X`` was a data frame with string names.
    image_shape_ : tuple of (int, int) or None
        Height and width of the images, as given by 3-D input or by a number of pixels
        that is a square; otherwise None.
    precision_ : {"bfloat16", "float32", "float64"}
        The floating-point type that it was trained in.
    model_ : keras.Sequential
        The network. Its inputs are pixels and its outputs are probabilities.
    keras_classifier_ : scikeras.wrappers.KerasClassifier
        The network as scikeras has it. Its targets are one-hot rows.
    n_weights_ : int
        Number of weights and biases that are learned.
    history_ : dict of str to list of float
        "loss" and "accuracy" of each epoch, over the rows as they were trained on, and
        "val_loss" and "val_accuracy" where there were rows to validate on (NaN for an
        epoch of an earlier fit that had none).
    n_epochs_ : int
        Number of epochs trained.
    learning_rate_schedule_ : {"one_cycle", "constant", "optimizer"}
        The schedule of the learning rate in the last `fit` or `partial_fit`:
        "optimizer" if an `optimizer` instance has one of its own. Changes that
        `callbacks` make are not included.
    peak_learning_rate_ : float or None
        The largest learning rate of that schedule: the peak of the cycle, or the
        constant rate; None if the schedule is the optimizer's own.
    best_epoch_ : int
        The epoch, counted from 1, with the lowest validation loss (training loss
        without validation).
    kept_epoch_ : int
        The epoch whose weights the network has, unless a callback has changed them:
        the last one, or with early stopping the best of the last fit's own epochs.

    See Also
    --------
    CNNClassifier : Sees which pixels are neighbours; slower, and more accurate.
    skdigits.make_digit_pipeline : The classifier with a scaler before it.
    sklearn.neural_network.MLPClassifier : scikit-learn's own perceptron.

    References
    ----------
    .. [1] D. E. Rumelhart, G. E. Hinton and R. J. Williams, "Learning representations
       by back-propagating errors", Nature 323, 1986.
    .. [2] D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization",
       ICLR 2015.
    .. [3] L. N. Smith and N. Topin, "Super-convergence: very fast training of neural
       networks using large learning rates", SPIE 11006, 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.model_selection import train_test_split
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import ANNClassifier, PixelScaler
    >>> X, y = load_digits(return_X_y=True)
    >>> X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
    >>> pipe = make_pipeline(PixelScaler(), ANNClassifier(epochs=10, random_state=0))
    >>> pipe.fit(X_train, y_train).score(X_test, y_test) > 0.9
    True
    >>> pipe.predict_proba(X_test).shape
    (450, 10)
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (128, 64),
        *,
        activation: str = "relu",
        dropout: float | Sequence[float] = 0.0,
        batch_normalization: bool = False,
        optimizer: "str | keras.Optimizer" = "adam",
        optimizer_params: Mapping[str, Any] | None = None,
        learning_rate: float | None = None,
        learning_rate_schedule: str = "auto",
        epochs: int = 15,
        batch_size: int | str = "auto",
        validation_split: float | None = None,
        early_stopping: bool = False,
        patience: int = 5,
        class_weight: dict[Any, float] | str | None = None,
        callbacks: "list[keras.callbacks.Callback | Callable] | None" = None,
        warm_start: bool = False,
        precision: str = "auto",
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.dropout = dropout
        self.batch_normalization = batch_normalization
        self.optimizer = optimizer
        self.optimizer_params = optimizer_params
        self.learning_rate = learning_rate
        self.learning_rate_schedule = learning_rate_schedule
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.early_stopping = early_stopping
        self.patience = patience
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.precision = precision
        self.random_state = random_state
        self.verbose = verbose

    def _hidden_layers(self, builder: LayerBuilder) -> Iterator[Layer]:
        sizes = check_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        rates = check_rates("dropout", self.dropout, len(sizes))
        for i, (units, rate) in enumerate(zip(sizes, rates, strict=True), 1):
            yield from builder.dense(f"dense_{i}", units, rate)
