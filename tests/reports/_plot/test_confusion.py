"""Plots of confusion matrices."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.metrics import confusion_matrix

from skdigits.reports import (
    ConfusionDisplay,
)


class TestConfusion:
    @pytest.mark.parametrize("normalize", [None, "true", "pred", "all"])
    def test_equals_that_of_scikit_learn(self, model, digits, normalize):
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
        assert display.ax_.get_title().startswith(
            "The 20 most confused of 1,000 classes"
        )
        assert display.confusion_matrix[7, 500] == 40 / 47
        again = ConfusionDisplay(make(counts), drawn=[3, 998]).plot()
        texts = [text.get_text() for text in again.text_.flat]
        assert texts == ["3", "0", "1", "998"]
        with pytest.raises(ValueError, match="must hold 1000 names, .* got \\['a'\\]"):
            ConfusionDisplay(make(counts), display_labels=["a"]).plot()

    def test_dataframe_gives_the_names(self):
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
    def test_invalid_normalize_raises(self, model, digits, normalize):
        _, X, _, y = digits
        message = f"normalize must be 'true', 'pred', 'all' or None; got {normalize!r}"
        with pytest.raises(ValueError, match=message):
            ConfusionDisplay.from_estimator(model, X, y, normalize=normalize)
        with pytest.raises(ValueError, match=message):
            ConfusionDisplay.from_confusion_matrix(
                np.eye(2, dtype=int), normalize=normalize
            )
