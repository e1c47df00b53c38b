"""Targets that are spread over all classes."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.datasets import load_digits

from skdigits import ANNClassifier, CNNClassifier

X, y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")


@pytest.fixture(params=["ann", "cnn"])
def classifier(request):
    if request.param == "ann":
        return ANNClassifier((16,), epochs=3, random_state=0)
    return CNNClassifier(
        (4,), hidden_layer_sizes=(), epochs=3, precision="float32", random_state=0
    )


def test_the_loss_of_the_training_is_that_of_smooth_targets(classifier):
    """In the first update of one batch, the network is that of the first weights."""
    classifier.set_params(
        dropout=0.0,
        batch_size=len(X),
        epochs=1,
        learning_rate=1e-12,
        label_smoothing=0.2,
    ).fit(X, y)
    targets = 0.8 * np.eye(10)[y] + 0.02
    losses = -(targets * classifier.predict_log_proba(X)).sum(axis=1)
    assert classifier.history_["loss"] == pytest.approx([losses.mean()], rel=1e-4)
    accuracy = classifier.score(X, y)
    assert classifier.history_["accuracy"] == pytest.approx([accuracy], abs=2e-3)


def test_the_loss_of_the_validation_is_that_of_the_labels(classifier):
    classifier.set_params(label_smoothing=0.2)
    classifier.fit(X[500:], y[500:], X_val=X[:500], y_val=y[:500])
    true = classifier.predict_proba(X[:500])[np.arange(500), y[:500]]
    assert classifier.history_["val_loss"][-1] == pytest.approx(-np.log(true).mean())


def test_probabilities_are_less_extreme(classifier):
    classifier.set_params(epochs=30)
    sure, unsure = (
        classifier.set_params(label_smoothing=s).fit(X, y).predict_proba(X).max(axis=1)
        for s in (0.0, 0.3)
    )
    assert unsure.mean() < sure.mean() - 0.1


def test_in_partial_fit(classifier):
    proba = [
        classifier.set_params(label_smoothing=s)
        .fit(X, y)
        .partial_fit(X, y)
        .predict_proba(X)
        for s in (0.0, 0.3)
    ]
    assert not np.array_equal(*proba)


def test_none_is_the_same_as_before(classifier):
    proba = [
        classifier.set_params(**params).fit(X, y).predict_proba(X)
        for params in ({}, {"label_smoothing": 0})
    ]
    assert_array_equal(*proba)


@pytest.mark.parametrize("value", [-0.1, 1, 1.5, None, "0.1"])
def test_bad_values(value, classifier):
    with pytest.raises(ValueError, match="'label_smoothing' parameter"):
        classifier.set_params(label_smoothing=value).fit(X, y)


@pytest.mark.parametrize("number", [np.float64, np.float32])
def test_numbers_of_numpy_after_those_of_python(number, classifier):
    plain, other = (
        classifier.set_params(label_smoothing=s).fit(X, y).predict_proba(X)
        for s in (0.125, number(0.125))
    )
    assert_array_equal(plain, other)
