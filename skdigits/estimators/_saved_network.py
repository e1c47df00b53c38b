"""A network as it is pickled: plain data, without the function that made it."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras


class SavedNetwork:
    """The configuration of a network, as a function that makes a new one.

    Parameters
    ----------
    config : str
        The configuration that Keras makes the network from, as JSON.
    weights : list of (ndarray or None), or None
        The weights that a training starts from; None for those drawn at random.
    """

    def __init__(self, config: str, weights: list[np.ndarray | None] | None) -> None:
        self.config = config
        self.weights = weights

    def __call__(self, input_shape: tuple[int, ...], n_classes: int) -> "keras.Model":
        """Return a new network, whatever the arguments are."""
        from skdigits.estimators._keras.own_networks import restored

        return restored(self.config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<{len(self.config):,} characters>)"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, SavedNetwork) and self.config == other.config

    __hash__ = None  # type: ignore[assignment]
