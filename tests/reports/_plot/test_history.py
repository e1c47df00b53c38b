"""Plots of the training history."""

from types import SimpleNamespace

import matplotlib.pyplot as plt
import pytest
from numpy.testing import assert_array_equal

from skdigits import ANNClassifier
from skdigits.reports import (
    HistoryDisplay,
)

HISTORY = {
    "loss": [0.9, 0.5, 0.3],
    "accuracy": [0.7, 0.8, 0.9],
    "val_loss": [0.8, 0.4, 0.6],
    "val_accuracy": [0.75, 0.86, 0.85],
}


class TestHistory:
    def test_marks_the_best_epoch(self):
        display = HistoryDisplay.from_history(HISTORY, best_epoch=2)
        loss, accuracy = display.ax_
        assert_array_equal(loss.lines[0].get_ydata(), HISTORY["loss"])
        assert_array_equal(loss.lines[1].get_ydata(), HISTORY["val_loss"])
        assert_array_equal(accuracy.lines[1].get_ydata(), HISTORY["val_accuracy"])
        stars = [line for line in loss.lines if line.get_marker() == "*"]
        assert [tuple(star.get_xydata()[0]) for star in stars] == [(2, 0.4)]

    def test_of_a_pipeline(self, network):
        display = HistoryDisplay.from_estimator(network)
        assert display.history is network[-1].history_
        assert display.best_epoch == network[-1].best_epoch_
        assert all(len(ax.lines) >= 3 for ax in display.ax_)

    @pytest.mark.parametrize(
        ("kept", "of_star", "of_ring"),
        [
            (2, "epoch 2: 0.4, weights kept", []),
            (3, "epoch 2: 0.4, weights not kept", ["epoch 3: 0.6, weights kept"]),
            (None, "epoch 2: 0.4", []),
        ],
    )
    def test_legend_shows_whose_weights_were_kept(self, kept, of_star, of_ring):
        display = HistoryDisplay.from_history(HISTORY, best_epoch=2, kept_epoch=kept)
        texts = [t.get_text() for t in display.ax_[0].get_legend().get_texts()]
        assert texts[2:] == [of_star, *of_ring]

    @pytest.mark.parametrize("early_stopping", [False, True])
    def test_kept_epoch_of_a_classifier(self, digits, early_stopping):
        X, _, y, _ = digits
        ann = ANNClassifier(
            4, epochs=4, early_stopping=early_stopping, validation_split=0.2
        ).fit(X[:100], y[:100])
        expected = ann.best_epoch_ if early_stopping else 4
        assert HistoryDisplay.from_estimator(ann).kept_epoch == expected
        ann.partial_fit(X[:100], y[:100])
        assert HistoryDisplay.from_estimator(ann).kept_epoch == ann.n_epochs_
        ann.callbacks = [SimpleNamespace(restore_best_weights=True)]
        assert HistoryDisplay.from_estimator(ann).kept_epoch is None

    @pytest.mark.parametrize("name", ["best_epoch", "kept_epoch"])
    def test_of_a_missing_epoch_raises(self, name):
        for epoch in (0, 4):
            with pytest.raises(
                ValueError, match=f"{name} must be from 1 to 3; got {epoch}"
            ):
                HistoryDisplay.from_history(HISTORY, **{name: epoch})

    def test_of_a_keras_history(self):
        display = HistoryDisplay.from_history(SimpleNamespace(history=HISTORY))
        assert display.history is HISTORY

    @pytest.mark.parametrize(
        "name", ["acc", "sparse_categorical_accuracy", "binary_accuracy"]
    )
    def test_with_keras_names_of_the_accuracy(self, name):
        renamed = {key.replace("accuracy", name): h for key, h in HISTORY.items()}
        _, accuracy = HistoryDisplay.from_history(renamed, best_epoch=2).ax_
        assert_array_equal(accuracy.lines[0].get_ydata(), HISTORY["accuracy"])
        assert_array_equal(accuracy.lines[1].get_ydata(), HISTORY["val_accuracy"])
        assert accuracy.get_ylabel() == "Accuracy"

    def test_without_accuracy(self):
        _, accuracy = HistoryDisplay.from_history({"loss": [2, 1]}).ax_
        assert [text.get_text() for text in accuracy.texts] == [
            "The history has no accuracy."
        ]

    def test_of_one_epoch(self):
        loss, _ = HistoryDisplay.from_history({"loss": [1]}).ax_
        low, high = loss.get_xlim()
        assert [tick for tick in loss.get_xticks() if low <= tick <= high] == [1]

    @pytest.mark.parametrize("place", ["one", "two"])
    def test_draws_on_the_given_axes(self, place):
        figure, axes = plt.subplots(1, 2)
        ax = axes if place == "two" else axes[0]
        display = HistoryDisplay(HISTORY).plot(ax)
        assert display.figure_ is figure
        if place == "two":
            assert_array_equal(display.ax_, axes)
        figure.canvas.draw()

    @pytest.mark.parametrize(
        "history", [{}, {"accuracy": [1]}, {"loss": [1, 2], "val_loss": [1]}]
    )
    def test_of_invalid_histories_raises(self, history):
        with pytest.raises(ValueError, match="history must hold 'loss'"):
            HistoryDisplay.from_history(history)

    def test_of_estimators_without_history_raises(self, model):
        for other in (model, SimpleNamespace(predict=None)):
            with pytest.raises(
                TypeError, match="must have a history_ attribute.*from_history"
            ):
                HistoryDisplay.from_estimator(other)
