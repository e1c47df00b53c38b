"""The base of the classifiers whose parameters describe the layers of the network."""

from abc import abstractmethod
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, ClassVar

from sklearn.utils._param_validation import Interval

from skdigits.estimators._base import BaseDigitClassifier
from skdigits.estimators._checks import activation_names
from skdigits.estimators._spec import Architecture, Layer, LayerBuilder, output


class LayeredDigitClassifier(BaseDigitClassifier):
    """Base of the classifiers that make their hidden layers from parameters."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseDigitClassifier._parameter_constraints,
        "hidden_layer_sizes": [
            "array-like",
            Interval(Integral, 1, None, closed="left"),
        ],
        "activation": [str, None, "array-like"],
        "dropout": [Interval(Real, 0, 1, closed="left"), "array-like"],
        "batch_normalization": ["boolean"],
    }

    activation: Any
    batch_normalization: bool

    @abstractmethod
    def _hidden_layers(self, builder: LayerBuilder) -> Iterable[Layer]:
        """Return the layers between the input and the output."""

    def _make_architecture(self, input_shape: tuple[int, ...]) -> Architecture:
        from skdigits.estimators._keras.activations import check_activation

        for name in activation_names(self.activation):
            check_activation(name)
        builder = LayerBuilder(self.batch_normalization)
        layers = (*self._hidden_layers(builder), *output(len(self.classes_)))
        return Architecture(input_shape, layers, self._dtype)
