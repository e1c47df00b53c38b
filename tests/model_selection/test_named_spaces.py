"""The spaces "ann" and "cnn"."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits import ANNClassifier, CNNClassifier, make_digit_pipeline
from skdigits.model_selection._spaces import make_space


class TestNamedSpace:
    @pytest.mark.parametrize("kind", ["ann", "cnn"])
    def test_suggests_parameters_of_the_classifier(self, kind, suggest):
        pipe = make_digit_pipeline(kind)
        for params in suggest(make_space(kind, pipe)):
            pipe.set_params(**params)
            n_layers = len(params[f"{kind}classifier__hidden_layer_sizes"])
            n_layers += len(params.get(f"{kind}classifier__filters", ()))
            assert len(params[f"{kind}classifier__dropout"]) == n_layers

    def test_varies_the_depth(self, suggest):
        suggested = suggest(make_space("ann", ANNClassifier()))
        depths = {len(params["hidden_layer_sizes"]) for params in suggested}
        assert depths == {1, 2, 3, 4}

    def test_varies_the_convolutions_in_a_block(self, suggest):
        suggested = suggest(make_space("cnn", CNNClassifier()), n=20)
        blocks = {params["filters"] for params in suggested}
        depths = {tuple(np.shape(filters)) for filters in blocks}
        assert depths == {(1,), (2,), (1, 2), (2, 2)}
        pooled = {params["global_average_pooling"] for params in suggested}
        assert pooled == {False, True}

    @pytest.mark.parametrize("kind", ["ann", "cnn"])
    def test_varies_what_keeps_from_overfitting(self, kind, suggest):
        classifier = {"ann": ANNClassifier, "cnn": CNNClassifier}[kind]()
        suggested = suggest(make_space(kind, classifier), n=40)
        values = {
            name: {params[name] for params in suggested}
            for name in ("augmentation", "label_smoothing", "weight_averaging")
        }
        assert values == {
            "augmentation": {None, 0.25, 0.5, 1.0},
            "label_smoothing": {0.0, 0.05, 0.1},
            "weight_averaging": {None, 0.99},
        }

    def test_finds_the_classifier_in_nested_pipelines(self, suggest):
        nested = make_pipeline(StandardScaler(), make_digit_pipeline("ann"))
        (params,) = suggest(make_space("ann", nested), n=1)
        nested.set_params(**params)
        assert "pipeline__annclassifier__dropout" in params

    @pytest.mark.parametrize(
        ("space", "estimator"),
        [
            ("ann", LogisticRegression()),
            ("ann", CNNClassifier()),
            ("cnn", ANNClassifier()),
        ],
    )
    def test_needs_its_classifier(self, space, estimator):
        with pytest.raises(
            ValueError, match=rf"estimator must contain .* for space='{space}'"
        ):
            make_space(space, estimator)

    def test_unknown_name(self):
        message = r"space must be one of \['ann', 'cnn'\]; got 'rnn'"
        with pytest.raises(ValueError, match=message):
            make_space("rnn", ANNClassifier())
