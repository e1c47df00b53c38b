"""The fully connected classifier."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skdigits.estimators._checks import check_activations, check_rates, check_sizes
from skdigits.estimators._layered import LayeredDigitClassifier
from skdigits.estimators._spec import Layer, LayerBuilder

if TYPE_CHECKING:
    import keras

    from skdigits.preprocessing import DigitAugmenter


class ANNClassifier(LayeredDigitClassifier):
    """Classify digits with a fully connected network (multilayer perceptron).

    Each hidden layer is a dense layer, followed by optional batch normalization, the
    activation and dropout. The output layer is a dense layer with softmax. The network
    is trained by minimizing the cross-entropy.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int or int, default=(128, 64)
        Number of units of each hidden layer. ``()`` gives softmax regression.
    activation : str, None or sequence of str and None, default="relu"
        Name of the Keras activation of the hidden layers, or None for linear layers:
        one for all layers, or one for each, in the order of the layers.
    dropout : float or sequence of float, default=0.0
        Share of the outputs of each hidden layer that is set to 0 in training, in
        [0, 1): one rate for all layers, or one for each.
    batch_normalization : bool, default=False
        Whether to normalize the outputs of each hidden layer over the batch, before the
        activation.
    optimizer : str or keras.Optimizer, default="adam"
        Name of a Keras optimizer, or an instance, which is copied for each fit.
    optimizer_params : dict, default=None
        Further arguments of an `optimizer` given by name, such as ``{"beta_1": 0.7}``
        for "adam" or ``{"momentum": 0.9}`` for "sgd".
    learning_rate : float, default=None
        Peak of the learning rate schedule, or the constant learning rate with
        ``learning_rate_schedule="constant"``, of an `optimizer` given by name. By
        default, the constant rate is that of the optimizer, 0.001 for "adam", and the
        peak is four times as high. `peak_learning_rate_` has the rate that was used.
    learning_rate_schedule : {"auto", "one_cycle", "cosine", "constant"}, default="auto"
        How the learning rate changes in `fit`. With "one_cycle" it rises during the
        first 30 % of the updates and then falls to 0, which takes fewer epochs than a
        constant rate (see [3]_). With "cosine" it falls from the start. "auto" is
        "one_cycle", but "constant" with `early_stopping`, which may end at any epoch,
        with an `optimizer` instance, and with callbacks of Keras that set the learning
        rate. `partial_fit` uses a constant rate. `learning_rate_schedule_` has the
        schedule that was used.
    label_smoothing : float, default=0.0
        Share of each training target, in [0, 1), that is spread evenly over all
        classes, so that the network is less sure of itself. The training loss is that
        of the smoothed targets, and the validation loss that of the labels.
    weight_averaging : float, default=None
        Momentum, in (0, 1), of an exponential moving average of the weights over the
        updates, such as 0.99. The network is validated and predicts with the averages,
        and is trained further from the weights themselves. By default, nothing is
        averaged.
    epochs : int, default=15
        Number of passes over the samples in `fit`, or the maximum number with
        `early_stopping`.
    batch_size : int or "auto", default="auto"
        Number of samples in each update of the weights, at most all of them. "auto" is
        a 64th of the samples, but at least 16 and at most 128.
    validation_split : float, default=None
        Share of the samples, in [0, 1), that `fit` holds out for validation after each
        epoch. They are drawn at random and stratified by class. By default, the share
        is 0.1 with `early_stopping` and 0 otherwise.
    early_stopping : bool, default=False
        Whether to end the training when the validation loss has not improved for
        `patience` epochs, and to restore the weights of the best epoch. Without
        validation samples (``validation_split=0``), the training loss is used.
    patience : int, default=5
        Number of epochs without improvement after which early stopping ends the
        training.
    augmentation : float or DigitAugmenter, default=None
        Random changes of the training images, which are drawn anew in every epoch: the
        `strength` of a `skdigits.preprocessing.DigitAugmenter`, in (0, 1], or an
        augmenter. Images for validation and prediction stay as they are, and so do
        samples that are no images of digits: those of fewer than 35 pixels, and, with a
        warning, those whose shape is not known.
    test_time_augmentation : int, default=0
        Number of changed copies of each image that predictions average over, besides
        the image itself. The changes are those of the `augmentation` in training at
        half the size, the same for all images; without it there are none. `unchanged`
        does not matter for them. Each copy takes the time of a prediction. The
        parameter can be set after `fit`, too.
    class_weight : dict or "balanced", default=None
        Weights of the classes, ``{label: weight}``, by which the sample weights are
        multiplied. The labels are those in ``y``, and a class that is missing has
        weight 1. "balanced" gives all classes the same total weight.
    callbacks : list of keras.callbacks.Callback or callable, default=None
        Callbacks of Keras. A learning rate that a callback sets is kept. A function is
        called after each epoch with the number of the epoch, counted from 0, and a dict
        of the metrics; if it returns True, the training ends. The callbacks keep what
        they record, but an attribute that cannot be copied, such as an open file, gets
        its old value back after the training.
    warm_start : bool, default=False
        Whether another call of `fit` resumes from the weights, the optimizer's state
        and the history of the last one, for `epochs` more epochs. A `learning_rate`
        that is not None replaces the last one. As in `partial_fit`, the parameters that
        define the network must stay the same, and so must `precision` unless it is
        "auto".
    precision : {"auto", "bfloat16", "float32", "float64"}, default="auto"
        Floating-point type to train in. With "bfloat16" the hidden layers are computed
        in that type; the weights, the output and the loss stay in float32. "auto" is
        "bfloat16" for convolutional networks on a processor with matrix units for it
        (AMX), unless there is a GPU or `batch_normalization`, and "float32" otherwise.
        Predictions are float64 with "float64", and float32 otherwise.
    random_state : int, RandomState instance or None, default=None
        Seed of the initial weights, the order of the samples, dropout and the held-out
        samples. On one machine, an int gives the same network each time, bit for bit.
        No global random state is changed.
    verbose : int, default=0
        0 is silent, 1 shows Keras' progress bar, and 2 prints a line for each epoch.
        The first line shows the number of samples, the batch size, the learning rate
        schedule and its peak.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted, in the dtype of ``y``. For a nullable dtype of pandas, it is
        the corresponding NumPy dtype.
    n_features_in_ : int
        Number of pixels of an image.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the columns, if ``X`` was a data frame with string names.
    image_shape_ : tuple of (int, int) or None
        Height and width of the images, if ``X`` is 3-D or the number of pixels is a
        square, and None otherwise.
    precision_ : {"bfloat16", "float32", "float64"}
        Floating-point type that the network was trained in.
    onednn_ : bool or None
        Whether TensorFlow used oneDNN in the last training. None if it did not tell.
    model_ : keras.Sequential
        The network. Its inputs are pixels, and its outputs are probabilities.
    keras_classifier_ : scikeras.wrappers.KerasClassifier
        The network as a classifier of SciKeras, with one-hot targets.
    n_weights_ : int
        Number of trained weights and biases.
    history_ : dict of str to list of float
        "loss" and "accuracy" of each epoch, measured during training, and "val_loss"
        and "val_accuracy" if there were validation samples (NaN for an epoch of an
        earlier fit without them).
    n_epochs_ : int
        Number of epochs trained.
    learning_rate_schedule_ : {"one_cycle", "cosine", "constant", "optimizer"}
        The schedule of the learning rate in the last `fit` or `partial_fit`:
        "optimizer" if an `optimizer` instance has a schedule of its own. Changes by
        `callbacks` are not included.
    peak_learning_rate_ : float or None
        The largest learning rate of that schedule: the peak, or the
        constant rate; None if the schedule is the optimizer's own.
    best_epoch_ : int
        The epoch, counted from 1, with the lowest validation loss (training loss
        without validation).
    kept_epoch_ : int
        The epoch whose weights the network has, unless a callback has changed them:
        the last one, or with early stopping the best one of the last fit.

    See Also
    --------
    CNNClassifier : Convolutional network; slower, and more accurate.
    skdigits.make_digit_pipeline : Pipeline of a scaler and this classifier.
    sklearn.neural_network.MLPClassifier : Multilayer perceptron of scikit-learn.

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
        activation: str | Sequence[str | None] | None = "relu",
        dropout: float | Sequence[float] = 0.0,
        batch_normalization: bool = False,
        optimizer: "str | keras.Optimizer" = "adam",
        optimizer_params: Mapping[str, Any] | None = None,
        learning_rate: float | None = None,
        learning_rate_schedule: str = "auto",
        label_smoothing: float = 0.0,
        weight_averaging: float | None = None,
        epochs: int = 15,
        batch_size: int | str = "auto",
        validation_split: float | None = None,
        early_stopping: bool = False,
        patience: int = 5,
        augmentation: "float | DigitAugmenter | None" = None,
        test_time_augmentation: int = 0,
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
        self.label_smoothing = label_smoothing
        self.weight_averaging = weight_averaging
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.early_stopping = early_stopping
        self.patience = patience
        self.augmentation = augmentation
        self.test_time_augmentation = test_time_augmentation
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.warm_start = warm_start
        self.precision = precision
        self.random_state = random_state
        self.verbose = verbose

    def _hidden_layers(self, builder: LayerBuilder) -> Iterator[Layer]:
        sizes = check_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        activations = check_activations(self.activation, len(sizes))
        rates = check_rates("dropout", self.dropout, len(sizes))
        layers = zip(sizes, activations, rates, strict=True)
        for i, (units, activation, rate) in enumerate(layers, 1):
            yield from builder.dense(f"dense_{i}", units, activation, rate)
