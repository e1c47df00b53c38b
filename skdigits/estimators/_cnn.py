"""The convolutional classifier."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from sklearn.utils._param_validation import Interval, StrOptions

from skdigits._images import ImageShape, square_shape
from skdigits.estimators._checks import (
    check_activations,
    check_blocks,
    check_depth,
    check_each,
    check_given_shape,
    check_rates,
    check_sizes,
    lay_out,
    square_canvas,
)
from skdigits.estimators._layered import LayeredDigitClassifier
from skdigits.estimators._precision import fastest_for_convolutions
from skdigits.estimators._spec import DATA_FORMAT, Layer, LayerBuilder, layer

if TYPE_CHECKING:
    import keras

    from skdigits.preprocessing import DigitAugmenter

# Fewer pixels than 4 x 4 are not an image, even if their number is a square.
_MIN_PIXELS = 16


class _Convolution(NamedTuple):
    """A convolution and its pool, which is that of the block in its last layer."""

    filters: int
    kernel_size: int
    pool_size: int
    ends_block: bool


class CNNClassifier(LayeredDigitClassifier):
    """Classify digits with a convolutional network.

    Each convolutional block is a convolution, optional batch normalization, max
    pooling, the activation and dropout. A block can also have several convolutions,
    each with its normalization and its activation. The blocks are followed by dense
    layers as in `ANNClassifier`, and by an output layer with softmax.

    Parameters
    ----------
    filters : sequence of (int or sequence of int) or int, default=(32, 64)
        Number of filters of each convolutional layer. Each layer ends in a pool and
        dropout. A sequence in place of a number is a block of layers, of which only the
        last one does: ``((32, 32), (64, 64))`` has four layers and two pools.
    kernel_size : sequence of int or int, default=3
        Height and width of the filters, in pixels: one size for all convolutional
        layers, or one for each.
    padding : {"same", "valid"}, default="same"
        "same" pads the images with zeros, so that a convolution keeps their size.
        "valid" does not pad them, which is faster.
    pool_size : int, default=2
        Height and width, in pixels, of the squares whose largest value max pooling
        keeps. 1 means no pooling.
    global_average_pooling : bool, default=False
        Whether the layers after the convolutions see only the mean of each filter over
        the image, and not its value at each place. The network then has fewer weights.
    hidden_layer_sizes : sequence of int or int, default=(128,)
        Number of units of each dense layer after the convolutions.
    image_shape : tuple of (int, int), default=None
        Height and width of the images in pixels, needed for 2-D ``X`` whose images are
        not square. By default, it is the shape of the images in 3-D ``X``, or a square
        with the number of pixels in 2-D ``X``. If that number is not a square, or less
        than 16, the pixels are laid out row by row on a square canvas of at least 8 x 8
        pixels, which is padded with 0. In that case, `fit` warns if there are at least
        35 pixels.
    activation : str, None or sequence of str and None, default="relu"
        Name of the Keras activation of the hidden layers, or None for linear layers:
        one for all layers, or one for each, in the order of the layers.
    dropout : float or sequence of float, default=0.2
        Share of the outputs of each convolutional block and of each dense layer that is
        set to 0 in training, in [0, 1): one rate for all of them, or one for each, the
        blocks first.
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
    epochs : int, default=10
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
    image_shape_ : tuple of (int, int)
        Height and width of the images that the network sees.
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
    ANNClassifier : Fully connected network; faster, and less accurate.
    skdigits.make_digit_pipeline : Pipeline of a scaler and this classifier.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning
       applied to document recognition", Proceedings of the IEEE 86(11), 1998.
    .. [2] D. P. Kingma and J. Ba, "Adam: A Method for Stochastic Optimization",
       ICLR 2015.
    .. [3] L. N. Smith and N. Topin, "Super-convergence: very fast training of neural
       networks using large learning rates", SPIE 11006, 2019.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sklearn.pipeline import make_pipeline
    >>> from skdigits import CNNClassifier, PixelScaler
    >>> digits = load_digits()
    >>> cnn = CNNClassifier(filters=(8, 16), epochs=5, random_state=0)
    >>> pipe = make_pipeline(PixelScaler(), cnn).fit(digits.images, digits.target)
    >>> pipe.score(digits.images, digits.target) > 0.9
    True
    >>> cnn.image_shape_
    (8, 8)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **LayeredDigitClassifier._parameter_constraints,
        "filters": ["array-like", Interval(Integral, 1, None, closed="left")],
        "kernel_size": ["array-like", Interval(Integral, 1, None, closed="left")],
        "padding": [StrOptions({"same", "valid"})],
        "pool_size": [Interval(Integral, 1, None, closed="left")],
        "global_average_pooling": ["boolean"],
        "image_shape": ["array-like", None],
    }

    image_shape_: ImageShape

    def __init__(
        self,
        filters: Sequence[int | Sequence[int]] | int = (32, 64),
        *,
        kernel_size: Sequence[int] | int = 3,
        padding: str = "same",
        pool_size: int = 2,
        global_average_pooling: bool = False,
        hidden_layer_sizes: Sequence[int] | int = (128,),
        image_shape: tuple[int, int] | None = None,
        activation: str | Sequence[str | None] | None = "relu",
        dropout: float | Sequence[float] = 0.2,
        batch_normalization: bool = False,
        optimizer: "str | keras.Optimizer" = "adam",
        optimizer_params: Mapping[str, Any] | None = None,
        learning_rate: float | None = None,
        learning_rate_schedule: str = "auto",
        label_smoothing: float = 0.0,
        weight_averaging: float | None = None,
        epochs: int = 10,
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
        self.filters = filters
        self.kernel_size = kernel_size
        self.padding = padding
        self.pool_size = pool_size
        self.global_average_pooling = global_average_pooling
        self.hidden_layer_sizes = hidden_layer_sizes
        self.image_shape = image_shape
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
        convolutions = self._convolutions()
        units = check_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        n_layers = len(convolutions) + len(units)
        activations = iter(check_activations(self.activation, n_layers))
        n_blocks = sum(convolution.ends_block for convolution in convolutions)
        rates = iter(
            check_rates(
                "dropout",
                self.dropout,
                n_blocks + len(units),
                "convolutional blocks and dense layers",
            )
        )
        for i, (n_filters, kernel_size, pool_size, ends_block) in enumerate(
            convolutions, 1
        ):
            yield from builder.convolution(
                f"conv_{i}",
                n_filters,
                kernel_size,
                self.padding,
                pool_size,
                next(activations),
                next(rates) if ends_block else 0,
            )
        if self.global_average_pooling:
            kind, name = "GlobalAveragePooling2D", "global_average_pooling"
        else:
            kind, name = "Flatten", "flatten"
        yield layer(kind, name, data_format=DATA_FORMAT)
        for i, n_units in enumerate(units, 1):
            yield from builder.dense(
                f"dense_{i}", n_units, next(activations), next(rates)
            )

    def _convolutions(self) -> list[_Convolution]:
        blocks = check_blocks("filters", self.filters)
        n_layers = sum(map(len, blocks))
        kernel_sizes = iter(check_each("kernel_size", self.kernel_size, n_layers))
        return [
            _Convolution(
                n_filters,
                next(kernel_sizes),
                self.pool_size if i == len(block) else 1,
                ends_block=i == len(block),
            )
            for block in blocks
            for i, n_filters in enumerate(block, 1)
        ]

    def _find_image_shape(self, shape: ImageShape | None) -> ImageShape:
        n_pixels = self.n_features_in_
        shape = check_given_shape(self.image_shape, shape, n_pixels)
        if shape is None and n_pixels >= _MIN_PIXELS:
            shape = square_shape(n_pixels)
        shape = shape or square_canvas(n_pixels)
        sizes = [(c.kernel_size, c.pool_size) for c in self._convolutions()]
        check_depth(shape, sizes, self.padding)
        return shape

    def _fastest_precision(self) -> str:
        if self.batch_normalization:
            return "float32"
        return fastest_for_convolutions()

    def _to_network_input(self, X: np.ndarray) -> np.ndarray:
        return lay_out(super()._to_network_input(X), self.image_shape_)
