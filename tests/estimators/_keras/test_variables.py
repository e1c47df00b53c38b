"""The variables of a network are found by the names that Keras gives them."""

import keras
import pytest

from skdigits.estimators._keras.building import make_layers
from skdigits.estimators._keras.variables import check_names
from skdigits.estimators._spec import Architecture, LayerBuilder, output


@pytest.fixture
def architecture():
    """Return an architecture with variables of every kind."""
    hidden = LayerBuilder(batch_normalization=True).dense("dense_1", 4, "relu", 0.5)
    return Architecture((8,), (*hidden, *output(3)), "float32")


def test_the_names_match_the_installed_version(architecture):
    check_names(keras.Sequential(make_layers(architecture)), architecture)


@pytest.mark.parametrize("name", ["kernel", "seed_generator_state"])
def test_a_missing_name_raises(architecture, name):
    network = keras.Sequential(make_layers(architecture))
    for variable in network.variables:
        if variable.name == name:
            variable._name = "renamed"
    with pytest.raises(RuntimeError, match=f"variables named '{name}'.* Keras "):
        check_names(network, architecture)
