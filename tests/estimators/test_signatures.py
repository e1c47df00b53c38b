"""Parameters that the classifiers share are described in the same words."""

import inspect
import re

import pytest

from skdigits import ANNClassifier, CNNClassifier

# What differs between the two, and why.
DIFFER = {
    "hidden_layer_sizes": "the dense layers come after the convolutional ones",
    "dropout": "the default, and the order of the layers",
    "epochs": "the default",
    "image_shape_": "only convolutions need one",
}


def described(classifier):
    """Return the text of each parameter and attribute of a docstring."""
    text = inspect.getdoc(classifier)
    text = text[text.index("Parameters\n") : text.index("See Also\n")]
    return dict(re.findall(r"^(\w+) : (.*(?:\n(?: .*)?)*)", text, re.MULTILINE))


def test_every_parameter_is_described():
    for classifier in ANNClassifier, CNNClassifier:
        assert set(inspect.signature(classifier).parameters) <= set(
            described(classifier)
        )


@pytest.mark.parametrize("name", sorted(described(ANNClassifier)))
def test_shared_descriptions_are_equal(name):
    of_ann, of_cnn = (described(c).get(name) for c in (ANNClassifier, CNNClassifier))
    assert (of_ann.strip() == of_cnn.strip()) == (name not in DIFFER)
