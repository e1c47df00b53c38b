"""The training itself: an architecture and samples in, plain data out.

This is the only module that knows SciKeras.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning

from skdigits.estimators._keras.building import drawn_state, make_trainee
from skdigits.estimators._keras.cache import borrowed
from skdigits.estimators._keras.callbacks import (
    check_callbacks,
    kept_copyable,
    observes_network,
    sees_batches,
)
from skdigits.estimators._keras.devices import warn_without_onednn
from skdigits.estimators._keras.fit_plan import FitPlan
from skdigits.estimators._keras.interrupt import CtrlC
from skdigits.estimators._keras.learning_rates import (
    choose_schedule,
    followed_rates,
)
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.optimizers import set_learning_rate
from skdigits.estimators._keras.variables import (
    draw_seed,
    initial_state,
    read_state,
    write_state,
)
from skdigits.estimators._samples import Samples
from skdigits.estimators._spec import (
    LearningRates,
    Network,
    NetworkState,
    OptimizerSpec,
    TrainingOptions,
)
from skdigits.estimators._tensorflow import release_memory

# For a dense network, XLA saves about as much time in this many updates as it takes to
# compile. Convolutions on a CPU are twice as slow with it, and other layers may not be
# computed by it at all.
_UPDATES_WORTH_XLA = 1000
_FAST_WITH_XLA = {
    "Activation",
    "Add",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dropout",
    "Flatten",
    "InputLayer",
    "LayerNormalization",
    "LeakyReLU",
    "ReLU",
    "Reshape",
    "Sequential",
    "Functional",
    "Softmax",
}

# On fewer samples, the speed of convolutions hardly matters.
_SAMPLES_WORTH_ONEDNN = 2000

History = dict[str, list[float]]


class Training(NamedTuple):
    """The result of a training.

    ``history`` has a value for each epoch, for the loss and all other metrics.
    """

    state: NetworkState
    history: History
    rates: LearningRates


def train(
    architecture: Network,
    optimizer: OptimizerSpec,
    start: NetworkState | None,
    samples: Samples,
    validation: Samples | None,
    options: TrainingOptions,
    rng: np.random.RandomState,
) -> Training:
    """Train a network for some epochs, from new weights or from those of ``start``.

    With early stopping, the weights of the best epoch are restored at the end. Ctrl-C
    ends the training with a warning, and keeps what was learned.

    Parameters
    ----------
    architecture, optimizer : Network, OptimizerSpec
        The network and its optimizer.
    start : NetworkState or None
        The values to start from. An optimizer without any starts anew.
    samples, validation : Samples
        The samples to train on, and those to validate on after each epoch, if any.
    options : TrainingOptions
        How to train.
    rng : numpy.random.RandomState
        The source of the weights, of the order of the samples and of dropout.

    Raises
    ------
    RuntimeError
        If TensorFlow would not make ordinary variables here.
    ValueError
        If the weights are not finite at the end, or if the options contradict one
        another.

    Warns
    -----
    UserWarning
        If there are convolutions that oneDNN would make faster: see
        `warn_without_onednn`.
    ConvergenceWarning
        If Ctrl-C ended the training.
    """
    check_scope()
    layer_kinds = architecture.layer_kinds
    has_convolutions = any("Conv" in kind for kind in layer_kinds)
    if has_convolutions and len(samples.x) > _SAMPLES_WORTH_ONEDNN:
        warn_without_onednn(stacklevel=6)  # the caller of fit or partial_fit
    callbacks = check_callbacks(options.callbacks)
    schedule = choose_schedule(
        options.schedule, optimizer, callbacks, options.patience is not None
    )
    n_updates = options.epochs * len(samples.x) // options.batch_size
    is_fast_with_xla = layer_kinds <= _FAST_WITH_XLA
    jit_compile = n_updates >= _UPDATES_WORTH_XLA and is_fast_with_xla
    is_observed = any(map(observes_network, callbacks))
    with ready_network(
        architecture, optimizer, options, jit_compile, reuse=not is_observed
    ) as (network, initial):
        if start is None:
            start = drawn_state(architecture, network, initial, rng)
        if start.optimizer is None:
            start = start._replace(optimizer=initial.optimizer)
        write_state(network, start)
        raw = start.weights if start.raw is None else start.raw
        for variable, value in zip(network.raw_weights, raw, strict=True):
            variable.assign(value)
        set_learning_rate(network.optimizer, optimizer)
        rates = followed_rates(network.optimizer, optimizer, schedule)
        rates_of_optimizer = followed_rates(network.optimizer, optimizer, None)
        if options.verbose:
            print(
                f"Training on {len(samples.x)} samples: epochs={options.epochs}, "
                f"batch_size={options.batch_size}, learning_rate_schedule_="
                f"{rates.schedule!r}, peak_learning_rate_={rates.peak}",
                flush=True,
            )
        rate = float(network.optimizer.learning_rate) if schedule else None
        plan = FitPlan(
            sample_weight=samples.weight,
            shuffle_seed=draw_seed(rng),
            rates=rates if schedule else None,
            callbacks=callbacks,
            stacked=not any(map(sees_batches, callbacks)),
            is_observed=is_observed,
            label_smoothing=options.label_smoothing,
            augment=options.augment,
        )
        history = _fit(network, samples, validation, options, plan)
        if schedule and network.schedule_ended is None:
            network.optimizer.learning_rate = rate
        elif network.schedule_ended == 0:
            rates = rates_of_optimizer
        state = read_state(network, initial.is_trained)
        if options.weight_averaging is not None:
            raw = [variable.value.numpy() for variable in network.raw_weights]
            state = state._replace(raw=raw)
    release_memory()
    if not all(np.isfinite(w).all() for w in state.weights):
        raise ValueError(
            "The weights must stay finite; got weights that are not: the training "
            "diverged. Scale the pixels to [0, 1], or lower the learning_rate."
        )
    # A callback may have replaced the optimizer: another fit could not resume it.
    shapes, expected_shapes = (
        [array.shape for array in values.optimizer or ()] for values in (state, initial)
    )
    if shapes != expected_shapes:
        state = state._replace(optimizer=None)
    return Training(state, history, rates)


def check_scope() -> None:
    """Raise RuntimeError where TensorFlow would not make ordinary variables."""
    scope = None
    if tf.distribute.has_strategy():
        scope = f"the scope of a {type(tf.distribute.get_strategy()).__name__}"
    elif not tf.executing_eagerly():
        scope = "a graph of TensorFlow"
    if scope:
        raise RuntimeError(
            "fit must be called outside of TensorFlow's scopes and graphs, since the "
            f"network is trained on one device; got a call in {scope}."
        )


@contextmanager
def ready_network(
    architecture: Network,
    optimizer: OptimizerSpec,
    options: TrainingOptions,
    jit_compile: bool,
    *,
    reuse: bool,
) -> Iterator[tuple[DigitNetwork, NetworkState]]:
    """Yield a network to train and its initial values, from the cache if possible.

    A network that callbacks may change must not be reused, because the changes can
    last.
    """
    precision, momentum = options.precision, options.weight_averaging

    def make() -> tuple[DigitNetwork, NetworkState]:
        network = make_trainee(
            architecture,
            optimizer,
            precision=precision,
            jit_compile=jit_compile,
            weight_averaging=momentum,
        )
        return network, initial_state(network)

    if not reuse:
        yield make()
        return
    key = (architecture, optimizer.key, precision, jit_compile, momentum)
    with borrowed(key, make, discard=lambda made: made[0].release()) as made:
        yield made


def _fit(
    network: DigitNetwork,
    samples: Samples,
    validation: Samples | None,
    options: TrainingOptions,
    plan: FitPlan,
) -> History:
    """Train with SciKeras, and return the history."""
    record = keras.callbacks.History()
    record.on_train_begin()  # an interrupt may come before Keras calls it
    stoppers = _early_stopping(options.patience, validation is not None)
    keras_classifier = KerasClassifier(
        network,
        loss=network.loss,
        batch_size=options.batch_size,
        epochs=options.epochs,
        verbose=options.verbose,
        shuffle=False,
    )
    try:
        with (
            # SciKeras' transformers warn if scikit-learn is set to return data frames.
            config_context(transform_output="default"),
            kept_copyable(plan.callbacks),
            CtrlC() as ctrl_c,
        ):
            keras_classifier.fit(
                samples.x,
                samples.y,
                initial_epoch=options.initial_epoch,
                validation_data=validation,
                plan=plan._replace(
                    callbacks=[*plan.callbacks, *stoppers, record, ctrl_c]
                ),
            )
    except KeyboardInterrupt:
        for stopper in stoppers:
            stopper.on_train_end()  # which restores the best weights
        n_epochs = len(record.epoch)
        kept = "the best of them" if stoppers and n_epochs else "that moment"
        warnings.warn(
            f"Training was interrupted after {n_epochs} of {options.epochs} epochs; "
            f"the weights are those of {kept}.",
            ConvergenceWarning,
            stacklevel=6,  # the caller of fit or partial_fit
        )
    if network.schedule_ended:
        warnings.warn(
            "A callback set the learning rate, which ended the schedule of rates "
            f"after {network.schedule_ended:.3g} of {options.epochs} epochs. Set "
            "learning_rate_schedule='constant' to train without a schedule.",
            stacklevel=6,
        )
    return {name: [float(v) for v in values] for name, values in record.history.items()}


def _early_stopping(
    patience: int | None, has_validation: bool
) -> Sequence[keras.callbacks.EarlyStopping]:
    """Return the callback of early stopping, if there is to be one."""
    if patience is None:
        return []
    return [
        keras.callbacks.EarlyStopping(
            "val_loss" if has_validation else "loss",
            mode="min",
            patience=patience,
            restore_best_weights=True,
        )
    ]


def as_keras_classifier(network: keras.Sequential) -> KerasClassifier:
    """Return a fitted KerasClassifier, whose targets are one-hot."""
    n_classes = network.output_shape[1]
    return KerasClassifier(network, loss=network.loss, verbose=0).initialize(
        np.zeros((n_classes, *network.input_shape[1:]), network.input_dtype),
        np.eye(n_classes, dtype=network.input_dtype),
    )
