"""A small network that learns MNIST in two epochs."""

from typing import Any

from skdigits.estimators._cnn import CNNClassifier


def make_fast_cnn(**params: Any) -> CNNClassifier:
    """Return a classifier with two convolutions, trained for one short cycle."""
    fast = CNNClassifier(
        filters=(8, 24),
        kernel_size=5,
        padding="valid",
        hidden_layer_sizes=(256,),
        dropout=0.0,
        optimizer_params={"beta_1": 0.7, "beta_2": 0.9},
        learning_rate=0.01,
        learning_rate_schedule="one_cycle",
        epochs=2,
        batch_size=128,
    )
    return fast.set_params(**params)
