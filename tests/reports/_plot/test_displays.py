"""What is drawn, and of what."""

import re
import sys
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from numpy.testing import assert_array_equal
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import RidgeClassifier
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, PixelScaler
from skdigits.reports import (
    ConfusedPairsDisplay,
    ConfusionDisplay,
    CoverageDisplay,
    DigitGalleryDisplay,
    HistoryDisplay,
)
from skdigits.reports._plot._tiles import as_ink

HISTORY = {
    "loss": [0.9, 0.5, 0.3],
    "accuracy": [0.7, 0.8, 0.9],
    "val_loss": [0.8, 0.4, 0.6],
    "val_accuracy": [0.75, 0.86, 0.85],
}
DISPLAYS = [
    CoverageDisplay,
    ConfusionDisplay,
    DigitGalleryDisplay,
    ConfusedPairsDisplay,
]
WITH_IMAGES = [DigitGalleryDisplay, ConfusedPairsDisplay]
WITH_NAMES = [ConfusionDisplay, *WITH_IMAGES]
NAMES = [f"handwritten digit of class {i}" for i in range(10)]


@pytest.fixture(autouse=True)
def closed_figures():
    mpl.use("Agg")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def network(digits):
    X, _, y, _ = digits
    ann = ANNClassifier(16, epochs=3, validation_split=0.2, random_state=0)
    return make_pipeline(PixelScaler(), ann).fit(X, y)


@pytest.mark.parametrize("display_class", DISPLAYS)
class TestEveryDisplay:
    def test_draws_where_it_is_told(self, display_class, model, digits):
        _, X, _, y = digits
        _, ax = plt.subplots()
        display = display_class.from_estimator(model, X, y, ax=ax)
        assert display.ax_ is ax
        assert display.figure_ is ax.figure
        assert ax.lines or ax.images
        n_figures = len(plt.get_fignums())
        again = display.plot()
        assert again is display
        assert display.ax_ is not ax
        assert len(plt.get_fignums()) == n_figures + 1

    def test_draws_the_same_from_predictions(self, display_class, model, digits):
        _, X, _, y = digits
        images = {"images": X} if display_class in WITH_IMAGES else {}
        one = display_class.from_estimator(model, X, y)
        two = display_class.from_predictions(y, model.predict_proba(X), **images)
        for display in (one, two):
            display.figure_.canvas.draw()
        assert_array_equal(
            np.asarray(one.figure_.canvas.buffer_rgba()),
            np.asarray(two.figure_.canvas.buffer_rgba()),
        )

    def test_says_what_to_install(self, display_class, model, digits, monkeypatch):
        _, X, _, y = digits
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        with pytest.raises(
            ImportError, match=rf"{display_class.__name__} needs .*\[plot"
        ):
            display_class.from_estimator(model, X, y)


@pytest.mark.parametrize("display_class", WITH_NAMES)
class TestNames:
    def test_are_shown_in_place_of_labels(self, display_class, model, digits):
        _, X, _, y = digits
        images = {"images": X} if display_class in WITH_IMAGES else {}
        proba = model.predict_proba(X)
        for display in (
            display_class.from_estimator(model, X, y, display_labels=NAMES),
            display_class.from_predictions(y, proba, display_labels=NAMES, **images),
        ):
            texts = [text.get_text() for text in display.ax_.findobj(mpl.text.Text)]
            names = {name for text in texts for name in re.findall(r"\S+…\S+ \d", text)}
            assert len(names) >= 5  # apart, though alike in their first 26 characters
            display.figure_.canvas.draw()

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (
                NAMES[:9],
                r"must hold 10 names, one for each of the classes \[0, 1, .* got",
            ),
            (["one"] * 10, "must differ from one another; got"),
            ("zero", "must hold 10 names"),
        ],
    )
    def test_that_do_not_fit(self, display_class, model, digits, names, message):
        _, X, _, y = digits
        with pytest.raises(ValueError, match=f"display_labels {message}"):
            display_class.from_estimator(model, X, y, display_labels=names)


@pytest.mark.parametrize("display_class", WITH_IMAGES)
class TestPictures:
    @pytest.mark.parametrize("shape", [(8, 8), (28, 28), (28, 20), (11, 17)])
    def test_have_pixels_of_one_size(self, display_class, shape):
        """Each pixel of an image becomes a square of as many pixels as any other."""
        images = np.random.default_rng(0).integers(1, 255, (7, *shape))
        y = np.arange(7) % 2
        display = display_class.from_predictions(y, y_pred=1 - y, images=images)
        display.figure_.canvas.draw()
        drawn = np.asarray(display.figure_.canvas.buffer_rgba())[..., 0]
        corner, far = display.ax_.transData.transform([(-0.5, -0.5), (0.5, 0.5)])
        side = round(far[0] - corner[0])
        assert 48 <= side * max(shape) <= 144
        assert np.abs(far - corner) == pytest.approx(side, abs=1e-6)
        picture = as_ink(images[:1])[0, ..., 0] * 255
        block = np.kron(np.rint(picture), np.ones((side, side)))
        windows = np.lib.stride_tricks.sliding_window_view(drawn, block.shape[1], 1)
        of_first_row = np.abs(windows - block[0]).max(axis=2) <= 1
        tops, lefts = np.nonzero(of_first_row)
        top, left = tops.min(), lefts[tops.argmin()]
        found = drawn[top : top + len(block), left : left + block.shape[1]]
        assert np.abs(found - block).max() <= 1

    @pytest.mark.parametrize("value", [0, -3, 2.5, "all", None, True])
    def test_are_counted_in_whole_numbers(self, display_class, model, digits, value):
        _, X, _, y = digits
        names = ["n_images"]
        names += ["n_pairs"] if display_class is ConfusedPairsDisplay else []
        for name in names:
            message = f"{name} must be an int of at least 1; got {value!r}"
            with pytest.raises((ValueError, TypeError), match=message):
                display_class.from_estimator(model, X, y, **{name: value})
            with pytest.raises((ValueError, TypeError), match=message):
                display_class.from_predictions(y, y_pred=y, images=X, **{name: value})

    def test_may_be_black_and_white(self, display_class, model, digits):
        _, X, _, y = digits
        display = display_class.from_predictions(
            y, model.predict_proba(X), images=X.reshape(-1, 8, 8) > 0.5
        )
        shades = np.unique(display.ax_.images[0].get_array())
        assert_array_equal(shades, [0, 1])


class TestConfusion:
    @pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
    def test_is_scikit_learns(self, model, digits, normalize):
        _, X, _, y = digits
        weights = np.linspace(1, 2, len(y))
        display = ConfusionDisplay.from_estimator(
            model, X, y, normalize=normalize, sample_weight=weights, cmap="viridis"
        )
        expected = confusion_matrix(
            y, model.predict(X), normalize=normalize, sample_weight=weights
        )
        assert display.confusion_matrix == pytest.approx(expected)
        assert display.im_.get_cmap().name == "viridis"
        for text, share in zip(display.text_.flat, expected.flat, strict=True):
            assert float(text.get_text()) == pytest.approx(share, abs=0.05, rel=0.01)

    def test_of_a_class_without_digits(self):
        display = ConfusionDisplay.from_predictions(
            [0, 0], y_pred=[0, 1], labels=[0, 1, 2], normalize="true"
        )
        assert display.confusion_matrix.tolist() == [[0.5, 0.5, 0], [0] * 3, [0] * 3]

    @pytest.mark.parametrize("make", [csr_matrix, np.asarray])
    def test_of_many_classes_draws_the_most_confused(self, make):
        counts = np.diag(np.arange(1000))
        counts[[7, 500, 998], [500, 7, 3]] = [40, 2, 1]
        names = [f"class {i} of a thousand" for i in range(1000)]
        display = ConfusionDisplay.from_confusion_matrix(
            make(counts), normalize="true", display_labels=names
        )
        shown = [text.get_text() for text in display.ax_.get_yticklabels()]
        assert display.text_.shape == (20, 20)
        assert len(set(shown)) == 20
        assert all(any(str(i) in text for text in shown) for i in (7, 500, 998))
        assert display.ax_.get_title().startswith("20 of 1,000 classes")
        assert display.confusion_matrix[7, 500] == 40 / 47
        again = ConfusionDisplay(make(counts), drawn=[3, 998]).plot()
        texts = [text.get_text() for text in again.text_.flat]
        assert texts == ["3", "0", "1", "998"]
        with pytest.raises(ValueError, match="must hold 1000 names, .* got \\['a'\\]"):
            ConfusionDisplay(make(counts), display_labels=["a"]).plot()

    def test_takes_the_names_of_a_table(self):
        pd = pytest.importorskip("pandas")
        table = pd.DataFrame(
            [[9, 1], [2, 8]], index=["no", "yes"], columns=["no", "yes"]
        )
        display = ConfusionDisplay.from_confusion_matrix(table)
        shown = [text.get_text() for text in display.ax_.get_xticklabels()]
        assert shown == ["no", "yes"]
        table.columns = ["a", "b"]
        with pytest.raises(ValueError, match="same names in its index.*display_labels"):
            ConfusionDisplay.from_confusion_matrix(table)
        ConfusionDisplay.from_confusion_matrix(table, display_labels=["no", "yes"])

    @pytest.mark.parametrize("normalize", ["rows", True, 1])
    def test_normalized_otherwise(self, model, digits, normalize):
        _, X, _, y = digits
        message = f"normalize must be 'true', 'pred', 'all' or None; got {normalize!r}"
        with pytest.raises(ValueError, match=message):
            ConfusionDisplay.from_estimator(model, X, y, normalize=normalize)
        with pytest.raises(ValueError, match=message):
            ConfusionDisplay.from_confusion_matrix(
                np.eye(2, dtype=int), normalize=normalize
            )


class TestCoverage:
    def test_of_digits_that_are_equally_sure_and_right(self):
        display = CoverageDisplay.from_predictions([0, 1], np.eye(2))
        assert display.line_.get_marker() == "o"
        assert display.ax_.get_xlim() == (0, 100)

    def test_draws_the_curve(self, report, model, digits):
        _, X, _, y = digits
        display = CoverageDisplay.from_estimator(model, X, y, name="regression")
        x_drawn, y_drawn = display.line_.get_data()
        assert x_drawn == pytest.approx(100 * (1 - report.coverage_curve_.coverage))
        assert y_drawn == pytest.approx(100 * report.coverage_curve_.error)
        assert display.ax_.get_legend().get_texts()[0].get_text() == "regression"

    def test_of_several_classifiers_have_a_color_each(self, model, digits):
        _, X, _, y = digits
        ax = CoverageDisplay.from_estimator(model, X, y, name="0").ax_
        for name in "1234":
            CoverageDisplay.from_estimator(model, X, y, name=name, ax=ax)
        rgb = np.array([to_rgb(line.get_color()) for line in ax.lines])
        apart = np.abs(rgb[:, None] - rgb).sum(axis=2)
        assert apart[~np.eye(5, dtype=bool)].min() > 0.3

    def test_of_a_million_points_draws_what_is_seen(self):
        coverage = np.linspace(1e-6, 1, 1_000_000)
        display = CoverageDisplay(coverage, coverage / 100).plot()
        x_drawn, _ = display.line_.get_data()
        assert len(x_drawn) <= 2000
        assert x_drawn[0] == pytest.approx(100, abs=1e-3)
        assert x_drawn[-1] == 0

    def test_needs_probabilities(self, digits):
        X, _, y, _ = digits
        with pytest.raises(ValueError, match="classifier with predict_proba"):
            CoverageDisplay.from_estimator(RidgeClassifier().fit(X, y), X, y)


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
    def test_says_whose_weights_were_kept(self, kept, of_star, of_ring):
        display = HistoryDisplay.from_history(HISTORY, best_epoch=2, kept_epoch=kept)
        texts = [t.get_text() for t in display.ax_[0].get_legend().get_texts()]
        assert texts[2:] == [of_star, *of_ring]

    @pytest.mark.parametrize("early_stopping", [False, True])
    def test_knows_whose_weights_a_classifier_has(self, digits, early_stopping):
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
    def test_of_an_epoch_that_there_is_not(self, name):
        for epoch in (0, 4):
            with pytest.raises(
                ValueError, match=f"{name} must be from 1 to 3; got {epoch}"
            ):
                HistoryDisplay.from_history(HISTORY, **{name: epoch})

    def test_of_what_keras_returns(self):
        display = HistoryDisplay.from_history(SimpleNamespace(history=HISTORY))
        assert display.history is HISTORY

    @pytest.mark.parametrize(
        "name", ["acc", "sparse_categorical_accuracy", "binary_accuracy"]
    )
    def test_by_any_of_keras_names(self, name):
        renamed = {key.replace("accuracy", name): h for key, h in HISTORY.items()}
        _, accuracy = HistoryDisplay.from_history(renamed, best_epoch=2).ax_
        assert_array_equal(accuracy.lines[0].get_ydata(), HISTORY["accuracy"])
        assert_array_equal(accuracy.lines[1].get_ydata(), HISTORY["val_accuracy"])
        assert accuracy.get_ylabel() == "Accuracy"

    def test_without_accuracy(self):
        _, accuracy = HistoryDisplay.from_history({"loss": [2, 1]}).ax_
        assert [text.get_text() for text in accuracy.texts] == [
            "No accuracy was measured."
        ]

    def test_of_one_epoch(self):
        loss, _ = HistoryDisplay.from_history({"loss": [1]}).ax_
        low, high = loss.get_xlim()
        assert [tick for tick in loss.get_xticks() if low <= tick <= high] == [1]

    @pytest.mark.parametrize("place", ["one", "two"])
    def test_draws_where_it_is_told(self, place):
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
    def test_of_something_else(self, history):
        with pytest.raises(ValueError, match="history must hold 'loss'"):
            HistoryDisplay.from_history(history)

    def test_of_what_has_none(self, model):
        for other in (model, SimpleNamespace(predict=None)):
            with pytest.raises(TypeError, match="must have history_.*from_history"):
                HistoryDisplay.from_estimator(other)


class TestGallery:
    def test_shows_the_mistakes_first(self, model, digits):
        _, X, _, y = digits
        n_wrong = (model.predict(X) != y).sum()
        display = DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_wrong + 9)
        is_right = display.y_true == display.y_pred
        assert is_right.sum() == 9
        assert not is_right[:n_wrong].any()
        texts = display.ax_.texts
        assert texts[0].get_text().startswith("✗")
        assert texts[-1].get_text().startswith("✓")
        assert texts[0].get_color() != texts[-1].get_color()
        rows = np.flatnonzero(model.predict(X) != y)
        assert_array_equal(display.images[0], X[rows[0]].reshape(8, 8))

    @pytest.mark.parametrize("explain", [False, True])
    def test_in_the_order_given(self, model, digits, explain):
        _, X, _, y = digits
        display = DigitGalleryDisplay.from_estimator(
            model, X, y, n_images=5, order="given", explain=explain
        )
        assert_array_equal(display.images, X[:5].reshape(-1, 8, 8))
        again = DigitGalleryDisplay.from_predictions(
            y, model.predict_proba(X), images=X, n_images=5, order="given"
        )
        assert_array_equal(again.y_true, y[:5])
        assert_array_equal(again.y_pred, model.predict(X[:5]))

    @pytest.mark.parametrize("order", ["mistakes", None, True])
    def test_in_an_unknown_order(self, model, digits, order):
        _, X, _, y = digits
        message = rf"order must be .*'mistakes first'.*'given'.*; got {order!r}"
        with pytest.raises(ValueError, match=message):
            DigitGalleryDisplay.from_estimator(model, X, y, order=order)
        with pytest.raises(ValueError, match=message):
            DigitGalleryDisplay.from_predictions(y, y_pred=y, images=X, order=order)

    def test_captions_are_no_formulas(self, digits):
        _, X, _, y = digits
        labels = np.array([f"$\\frac{label}$" for label in y[:8]])
        display = DigitGalleryDisplay.from_predictions(
            labels, y_pred=labels, images=X[:8]
        )
        display.figure_.canvas.draw()  # as a formula it would be an error

    def test_needs_images(self, model, random_predictions):
        y, proba = random_predictions(5, 2)
        with pytest.raises(ValueError, match="images holds 3 images for 5 rows"):
            DigitGalleryDisplay.from_predictions(y, proba, images=np.zeros((3, 8, 8)))

    def test_of_rows_that_are_no_images(self, digits):
        X, _, y, _ = digits
        model = RidgeClassifier().fit(X[:, :9], y)
        with pytest.raises(ValueError, match="no images to draw"):
            DigitGalleryDisplay.from_estimator(model, X[:, :9], y)

    @pytest.mark.parametrize("n_images", [0, -1])
    def test_of_no_images(self, model, digits, n_images):
        _, X, _, y = digits
        with pytest.raises(ValueError, match=f"at least 1; got {n_images}"):
            DigitGalleryDisplay.from_estimator(model, X, y, n_images=n_images)


class TestExplanation:
    def test_finds_the_pixels_that_decide(self, digits):
        """A classifier that looks at one corner is seen to look there."""

        class Corner(ClassifierMixin, BaseEstimator):
            def fit(self, X, y):
                self.classes_ = np.arange(10)
                return self

            def predict_proba(self, X):
                ink = np.asarray(X).reshape(-1, 8, 8)[:, :2, :2].mean(axis=(1, 2))
                proba = np.full((len(ink), 10), 0.01)
                proba[:, 0] = 0.1 + 0.8 * ink
                proba[:, 1] = 1 - proba.sum(axis=1) + 0.01
                return proba

            def predict(self, X):
                return np.zeros(len(X), int)

        X, _, y, _ = digits
        X = X[:4].copy()
        X.reshape(-1, 8, 8)[:, :2, :2] = 1
        model = Corner().fit(X, y[:4])
        display = DigitGalleryDisplay.from_estimator(model, X, y[:4], explain=True)
        assert display.maps.shape == (4, 8, 8)
        for evidence in display.maps:
            assert evidence.argmax() == 0  # the corner itself
            assert evidence[:2, :2].min() > 0
            assert evidence[3:, 3:] == pytest.approx(0)

    def test_of_a_network_leaves_its_input_alone(self, network, digits):
        _, X, _, y = digits
        before = X.copy()
        display = DigitGalleryDisplay.from_estimator(
            network, X, y, n_images=6, explain=True
        )
        assert_array_equal(X, before)
        assert np.isfinite(display.maps).all()
        assert (display.maps.max(axis=(1, 2)) > 0).all()

    def test_of_a_table(self, digits):
        pd = pytest.importorskip("pandas")
        X, _, y, _ = digits
        table = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
        network = ANNClassifier(4, epochs=1).fit(table, y)
        display = DigitGalleryDisplay.from_estimator(
            network, table, y, n_images=2, explain=True
        )
        assert display.maps.shape == (2, 8, 8)

    def test_needs_probabilities_and_the_images(self, digits, model):
        X, _, y, _ = digits
        ridge = RidgeClassifier().fit(X, y)
        with pytest.raises(ValueError, match="needs a classifier with predict_proba"):
            DigitGalleryDisplay.from_estimator(ridge, X, y, explain=True)
        with pytest.raises(ValueError, match="needs X to be the images"):
            DigitGalleryDisplay.from_estimator(model, X, y, images=X, explain=True)


class TestPairs:
    def test_shows_digits_of_the_most_frequent_mistakes(self, report, model, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_estimator(
            model, X, y, n_pairs=3, n_images=2
        )
        predicted = model.predict(X)
        matrix = report.confusion_matrix_ - np.diag(report.confusion_matrix_.diagonal())
        most = np.sort(matrix.ravel())[::-1][:3]
        assert [cell.n_digits for cell in display.cells] == most.tolist()
        for cell, images in zip(display.cells, display.images, strict=True):
            assert 1 <= len(images) <= 2
            assert_array_equal(images, X[cell.rows].reshape(-1, 8, 8))
            assert set(y[cell.rows]) == {cell.true}
            assert set(predicted[cell.rows]) == {cell.predicted}

    def test_of_no_mistakes(self, digits):
        _, X, _, y = digits
        display = ConfusedPairsDisplay.from_predictions(y, y_pred=y, images=X)
        assert display.ax_.texts[0].get_text() == "No digit was read as another."
