"""The one module that knows scikeras: a network and arrays in, training done."""

import math
import warnings
from collections.abc import Sequence

import keras
import numpy as np
from scikeras.wrappers import KerasClassifier
from sklearn.exceptions import ConvergenceWarning

from skdigits.estimators._checks import unknown_name
from skdigits.estimators._network import DigitNetwork
from skdigits.estimators._rows import Rows

# Compiling a dense network with XLA costs about as much as it saves in so many
# updates. On a CPU it makes convolutions twice as slow, and dropout ten times.
_UPDATES_WORTH_XLA = 5000
_SLOW_WITH_XLA = keras.layers.Conv2D, keras.layers.Dropout


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


def make_optimizer(
    optimizer: str | keras.Optimizer, learning_rate: float | None
) -> keras.Optimizer:
    """Return a new optimizer: one of Keras' names, or a copy of an instance."""
    if isinstance(optimizer, keras.Optimizer):
        if learning_rate is not None:
            raise ValueError(
                f"learning_rate={learning_rate} and an optimizer instance were both "
                "given: set the learning rate in the instance, or name the optimizer "
                f"({type(optimizer).__name__.lower()!r})."
            )
        try:
            return type(optimizer).from_config(optimizer.get_config())
        except NotImplementedError as error:
            raise ValueError(
                f"optimizer={optimizer!r} can't be copied: its learning rate schedule "
                "has to have get_config()."
            ) from error
    kinds = {
        name.lower(): kind
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type)
        and issubclass(kind, keras.Optimizer)
        and name not in ("Optimizer", "LossScaleOptimizer", "MultiOptimizer")
    }
    if optimizer.lower() not in kinds:
        raise unknown_name("optimizer", optimizer, kinds)
    settings = {} if learning_rate is None else {"learning_rate": learning_rate}
    return kinds[optimizer.lower()](**settings)


def check_callbacks(callbacks: list | None) -> list[keras.callbacks.Callback]:
    """Return the callbacks, all of them Keras'."""
    for callback in callbacks or []:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(
                "callbacks must be a list of keras.callbacks.Callback instances; got "
                f"{callback!r}."
            )
    return list(callbacks or [])


def make_network(
    layers: Sequence[keras.Layer], optimizer: keras.Optimizer, *, n_updates: int
) -> DigitNetwork:
    """Return a compiled network, ready for about ``n_updates`` updates."""
    is_slow_with_xla = any(isinstance(layer, _SLOW_WITH_XLA) for layer in layers)
    network = DigitNetwork(layers)
    network.compile(
        optimizer,
        loss="categorical_crossentropy",
        jit_compile=n_updates >= _UPDATES_WORTH_XLA and not is_slow_with_xla,
    )
    return network


def train(
    network: DigitNetwork,
    rows: Rows,
    *,
    validation: Rows | None,
    epochs: int,
    initial_epoch: int,
    batch_size: int,
    shuffle_seed: int,
    patience: int | None,
    callbacks: Sequence[keras.callbacks.Callback],
    verbose: int,
) -> tuple[KerasClassifier, dict[str, list[float]]]:
    """Train ``network`` for some more epochs.

    With ``patience`` the weights of the best epoch are restored at the end. Ctrl-C
    ends the training with a warning, and what was learned stays.

    Returns
    -------
    keras_classifier : KerasClassifier
        The fitted wrapper around ``network``.
    history : dict of str to list of float
        A value for each epoch, for the loss and whatever else was measured.
    """
    record = keras.callbacks.History()
    stoppers = []
    if patience is not None:
        monitor = "loss" if validation is None else "val_loss"
        stoppers = [
            keras.callbacks.EarlyStopping(
                monitor, mode="min", patience=patience, restore_best_weights=True
            )
        ]
    keras_classifier = KerasClassifier(
        network,
        optimizer=network.optimizer.name,
        loss=network.loss,
        batch_size=batch_size,
        epochs=epochs,
        verbose=verbose,
    )
    try:
        keras_classifier.fit(
            rows.x,
            rows.y,
            row_weight=rows.weight,
            initial_epoch=initial_epoch,
            validation_data=validation,
            shuffle_seed=shuffle_seed,
            more_callbacks=[*callbacks, *stoppers, record],
        )
    except KeyboardInterrupt:
        for stopper in stoppers:
            stopper.on_train_end()
        warnings.warn(
            f"Training was interrupted after {len(record.epoch)} of {epochs} epochs; "
            "the weights are those of that moment.",
            ConvergenceWarning,
            stacklevel=4,
        )
    finally:
        for callback in callbacks:
            callback.set_model(None)
    if not all(np.isfinite(w).all() for w in network.get_weights()):
        raise ValueError(
            "Training diverged: the weights are no longer finite. Scale the pixels to "
            "[0, 1], or lower the learning_rate."
        )
    history = {
        name: [float(v) for v in values] for name, values in record.history.items()
    }
    return keras_classifier, history


def joined_history(
    earlier: dict[str, list[float]], later: dict[str, list[float]]
) -> dict[str, list[float]]:
    """Return one history of both, with NaN where an epoch was not measured.

    Examples
    --------
    >>> joined_history({"loss": [0.9]}, {"loss": [0.5], "val_loss": [0.6]})
    {'loss': [0.9, 0.5], 'val_loss': [nan, 0.6]}
    """
    parts = [(part, len(part.get("loss", ()))) for part in (earlier, later)]
    return {
        name: [
            value
            for part, n_epochs in parts
            for value in part.get(name, [math.nan] * n_epochs)
        ]
        for name in {"loss": None, "accuracy": None} | earlier | later
    }


def best_epoch(history: dict[str, list[float]]) -> int:
    """Return the epoch of the lowest (validation) loss, counted from 1; 0 if none.

    Examples
    --------
    >>> best_epoch({"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7]})
    2
    """
    losses = history.get("val_loss", history["loss"])
    return int(np.nan_to_num(losses, nan=np.inf).argmin()) + 1 if losses else 0
