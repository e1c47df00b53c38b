"""Parameters that the classifiers share are described in the same words."""

import inspect
import re

import pytest

from skdigits import ANNClassifier, CNNClassifier, NetworkClassifier

# What differs from CNNClassifier, and why.
DIFFER = {
    ANNClassifier: {
        "hidden_layer_sizes": "the dense layers come after the convolutional ones",
        "dropout": "the default, and the order of the layers",
        "epochs": "the default",
        "image_shape_": "only convolutions need one",
    },
    NetworkClassifier: {
        "image_shape": "pixels are not laid out on a canvas",
        "image_shape_": "only convolutions need one",
        "precision": "it does not know which layers are convolutions",
    },
}


def described(classifier):
    """Return the text of each parameter and attribute of a docstring."""
    text = inspect.getdoc(classifier)
    text = text[text.index("Parameters\n") : text.index("See Also\n")]
    return dict(re.findall(r"^(\w+) : (.*(?:\n(?: .*)?)*)", text, re.MULTILINE))


def test_every_parameter_is_described():
    for classifier in ANNClassifier, CNNClassifier, NetworkClassifier:
        assert set(inspect.signature(classifier).parameters) <= set(
            described(classifier)
        )


@pytest.mark.parametrize("other", [ANNClassifier, NetworkClassifier])
@pytest.mark.parametrize("name", sorted(described(CNNClassifier)))
def test_shared_descriptions_are_equal(name, other):
    texts = described(CNNClassifier)[name], described(other).get(name)
    if texts[1] is not None:
        assert (texts[0].strip() == texts[1].strip()) == (name not in DIFFER[other])
