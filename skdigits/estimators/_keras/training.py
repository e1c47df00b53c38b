"""The one module that knows scikeras: an architecture and rows in, training done."""

import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from scikeras.wrappers import KerasClassifier
from sklearn import config_context
from sklearn.exceptions import ConvergenceWarning

from skdigits.estimators._checks import unknown_name
from skdigits.estimators._keras.building import make_trainee, variables_of_one_name
from skdigits.estimators._keras.cache import borrowed
from skdigits.estimators._keras.callbacks import (
    EpochFunction,
    kept_copyable,
    sees_batches,
)
from skdigits.estimators._keras.interrupt import CtrlC
from skdigits.estimators._keras.network import DigitNetwork
from skdigits.estimators._keras.optimizers import make_optimizer, set_learning_rate
from skdigits.estimators._keras.variables import (
    draw_seed,
    first_state,
    fresh_state,
    read_state,
    write_state,
)
from skdigits.estimators._memory import give_back_memory
from skdigits.estimators._samples import Rows
from skdigits.estimators._spec import (
    Architecture,
    LearningRates,
    OptimizerRecipe,
    State,
)
from skdigits.estimators._trained_network import TrainedNetwork

# Compiling a dense network with XLA costs about as much as it saves in so many
# updates. On a CPU it makes convolutions twice as slow.
_UPDATES_WORTH_XLA = 1000
_SLOW_WITH_XLA = "Conv2D"

# A cycle can go as high as this, where one rate for all the updates is best at 1.
_PEAK_OF_DEFAULT_RATE = 4.0

_SETS_RATE = keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau


def check_activation(name: str) -> None:
    """Raise ValueError unless ``name`` is a Keras activation that a layer can have."""
    try:
        activation = keras.activations.get(name)
    except ValueError:
        known = set(dir(keras.activations)) - {"deserialize", "get", "serialize"}
        names = (n for n in known if not n.startswith("_"))
        raise unknown_name("activation", name, names) from None
    try:
        keeps_shape = activation(keras.ops.ones((1, 2))).shape == (1, 2)
    except TypeError:
        keeps_shape = False
    if not keeps_shape:
        raise ValueError(
            f"activation={name!r} is for no hidden layer: expected a function of the "
            "layer's output alone that keeps its shape."
        )


def check_scope() -> None:
    """Raise RuntimeError where TensorFlow would not make ordinary variables."""
    scope = None
    if tf.distribute.has_strategy():
        scope = f"the scope of a {type(tf.distribute.get_strategy()).__name__}"
    elif not tf.executing_eagerly():
        scope = "a graph of TensorFlow"
    if scope:
        raise RuntimeError(
            f"A network of skdigits is trained on one device, and can't be in {scope}: "
            "call fit outside of it."
        )


def uses_one_cycle(
    schedule: str,
    recipe: OptimizerRecipe,
    callbacks: Sequence[keras.callbacks.Callback],
    early_stopping: bool,
) -> bool:
    """Return whether the learning rate is to make one cycle of the epochs."""
    setters = [
        f"a {type(c).__name__} in callbacks"
        for c in callbacks
        if isinstance(c, _SETS_RATE)
    ]
    if recipe.has_schedule:
        setters.append("an optimizer with a schedule")
    if schedule == "auto":
        return isinstance(recipe.kind, str) and not setters and not early_stopping
    if schedule == "one_cycle" and setters:
        raise ValueError(
            "learning_rate_schedule='one_cycle' would overwrite the learning rates of "
            f"{setters[0]}: expected 'auto' or 'constant'."
        )
    return schedule == "one_cycle"


def peak_rate(recipe: OptimizerRecipe) -> float:
    """Return the largest learning rate of a cycle.

    Examples
    --------
    >>> peak_rate(OptimizerRecipe("sgd", {}, 0.1))
    0.1
    >>> round(peak_rate(OptimizerRecipe("sgd", {}, None)), 6)
    0.04
    """
    if recipe.learning_rate is not None:
        return recipe.learning_rate
    with variables_of_one_name():
        default = float(make_optimizer(recipe).learning_rate)
    return default * _PEAK_OF_DEFAULT_RATE if isinstance(recipe.kind, str) else default


def learning_rates(
    optimizer: keras.Optimizer, recipe: OptimizerRecipe, peak: float | None
) -> LearningRates:
    """Return what the learning rate will be, but for what callbacks make of it.

    Without the ``peak`` of a cycle it is the optimizer's.
    """
    if peak is None and recipe.has_schedule:
        return LearningRates("optimizer", None)
    rate = recipe.learning_rate
    if rate is None:
        rate = float(optimizer.learning_rate) if peak is None else peak
    if rate == np.float32(rate):
        rate = float(str(np.float32(rate)))  # 0.001, and not 0.0010000000474974513
    return LearningRates("constant" if peak is None else "one_cycle", rate)


def starting_state(
    network: DigitNetwork,
    fresh: State,
    start: TrainedNetwork | None,
    recipe: OptimizerRecipe,
    rng: np.random.RandomState,
) -> State:
    """Return the numbers of ``start``, or new ones drawn from ``rng`` without it.

    An optimizer of another kind, or one that was not kept, starts anew.
    """
    if start is None:
        return first_state(network, fresh, rng)
    state = start.state
    if state.optimizer is not None and start.recipe.key == recipe.key:
        return state
    return state._replace(optimizer=fresh.optimizer)


def train(
    architecture: Architecture,
    recipe: OptimizerRecipe,
    start: TrainedNetwork | None,
    rows: Rows,
    *,
    precision: str,
    validation: Rows | None,
    epochs: int,
    initial_epoch: int,
    batch_size: int,
    rng: np.random.RandomState,
    patience: int | None,
    schedule: str,
    callbacks: Sequence[keras.callbacks.Callback],
    keeps_optimizer: bool,
    verbose: int,
) -> tuple[TrainedNetwork, dict[str, list[float]], LearningRates]:
    """Train a network for some epochs, from new weights or from those of ``start``.

    With ``patience`` the weights of the best epoch are restored at the end. In a cycle
    the learning rate rises to the recipe's, or to some multiple of the optimizer's own,
    and falls to 0. Ctrl-C ends the training with a warning, and what was learned stays.

    Returns
    -------
    trained : TrainedNetwork
        The network as it is at the end, with its optimizer's state if that is kept.
    history : dict of str to list of float
        A value for each epoch, for the loss and whatever else was measured.
    rates : LearningRates
        What the learning rate was.
    """
    check_scope()
    one_cycle = uses_one_cycle(schedule, recipe, callbacks, patience is not None)
    n_updates = epochs * len(rows.x) // batch_size
    is_slow_with_xla = any(kind == _SLOW_WITH_XLA for kind, _ in architecture.layers)
    jit_compile = n_updates >= _UPDATES_WORTH_XLA and not is_slow_with_xla

    is_unseen = all(isinstance(callback, EpochFunction) for callback in callbacks)

    def make() -> tuple[DigitNetwork, State]:
        network = make_trainee(
            architecture,
            recipe,
            precision=precision,
            jit_compile=jit_compile,
            is_unseen=is_unseen,
        )
        return network, fresh_state(network)

    if is_unseen:
        key = (architecture, recipe.key, precision, jit_compile)
        lent: AbstractContextManager[tuple[DigitNetwork, State]] = borrowed(
            key, make, discard=lambda made: made[0].forget()
        )
    else:
        # What callbacks do to a network may last: nobody else is to have it.
        lent = nullcontext(make())
    with lent as (network, fresh):
        write_state(network, starting_state(network, fresh, start, recipe, rng))
        set_learning_rate(network.optimizer, recipe)
        peak = peak_rate(recipe) if one_cycle else None
        rates = learning_rates(network.optimizer, recipe, peak)
        rates_without_cycle = learning_rates(network.optimizer, recipe, None)
        if verbose:
            print(
                f"Training on {len(rows.x)} rows: epochs={epochs}, batch_size="
                f"{batch_size}, learning_rate_schedule_={rates.schedule!r}, "
                f"peak_learning_rate_={rates.peak}",
                flush=True,
            )
        rate = float(network.optimizer.learning_rate) if one_cycle else None
        history = _fit(
            network,
            rows,
            patience=patience,
            monitor="loss" if validation is None else "val_loss",
            callbacks=callbacks,
            validation_data=validation,
            epochs=epochs,
            initial_epoch=initial_epoch,
            batch_size=batch_size,
            shuffle_seed=draw_seed(rng),
            peak_rate=peak,
            stacked=not any(map(sees_batches, callbacks)),
            verbose=verbose,
        )
        if one_cycle and network.cycle_ended is None:
            network.optimizer.learning_rate = rate
        elif network.cycle_ended == 0:
            rates = rates_without_cycle
        state = read_state(network)
    give_back_memory()
    if not all(np.isfinite(w).all() for w in state.trained):
        raise ValueError(
            "Training diverged: the weights are no longer finite. Scale the pixels to "
            "[0, 1], or lower the learning_rate."
        )
    # A callback may have replaced the optimizer: another fit could not go on with it.
    shapes, usual_shapes = (
        [array.shape for array in numbers.optimizer or ()] for numbers in (state, fresh)
    )
    if not keeps_optimizer or shapes != usual_shapes:
        state = state._replace(optimizer=None)
    return TrainedNetwork(architecture, recipe, state), history, rates


def _fit(
    network: DigitNetwork,
    rows: Rows,
    *,
    patience: int | None,
    monitor: str,
    callbacks: Sequence[keras.callbacks.Callback],
    epochs: int,
    batch_size: int,
    verbose: int,
    **kwargs: Any,
) -> dict[str, list[float]]:
    """Train by way of scikeras, and return the history."""
    record = keras.callbacks.History()
    record.on_train_begin()  # an interrupt may come before Keras calls it
    stoppers = []
    if patience is not None:
        stoppers = [
            keras.callbacks.EarlyStopping(
                monitor, mode="min", patience=patience, restore_best_weights=True
            )
        ]
    keras_classifier = KerasClassifier(
        network,
        loss=network.loss,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
    )
    try:
        with (
            # Where scikit-learn is set to return frames, transformers of scikeras warn.
            config_context(transform_output="default"),
            kept_copyable(callbacks),
            CtrlC() as ctrl_c,
        ):
            keras_classifier.fit(
                rows.x,
                rows.y,
                row_weight=rows.weight,
                more_callbacks=[*callbacks, *stoppers, record, ctrl_c],
                **kwargs,
            )
    except KeyboardInterrupt:
        for stopper in stoppers:
            stopper.on_train_end()
        n_epochs = len(record.epoch)
        kept = "the best of them" if stoppers and n_epochs else "that moment"
        warnings.warn(
            f"Training was interrupted after {n_epochs} of {epochs} epochs; the "
            f"weights are those of {kept}.",
            ConvergenceWarning,
            stacklevel=6,  # whoever called fit or partial_fit
        )
    if network.cycle_ended:
        warnings.warn(
            "A callback set the learning rate, so that the cycle of learning rates "
            f"ended after {network.cycle_ended:.3g} of {epochs} epochs: "
            "learning_rate_schedule='constant' has none.",
            stacklevel=6,
        )
    return {name: [float(v) for v in values] for name, values in record.history.items()}


def as_keras_classifier(network: keras.Sequential) -> KerasClassifier:
    """Return a fitted KerasClassifier, whose targets are one-hot rows."""
    n_classes = network.output_shape[1]
    return KerasClassifier(network, loss=network.loss, verbose=0).initialize(
        np.zeros((n_classes, *network.input_shape[1:]), network.input_dtype),
        np.eye(n_classes, dtype=network.input_dtype),
    )
