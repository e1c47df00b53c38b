"""The floating-point type in which networks are trained."""

import pickle

import keras
import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from skdigits.estimators import ANNClassifier, CNNClassifier, _cnn
from skdigits.estimators._precision import fastest_for_convolutions, has_matrix_units

AMX = "processor\t: 0\nflags\t\t: fpu sse2 avx2 amx_bf16 avx512_bf16 amx_tile\n"
NO_AMX = "processor\t: 0\nflags\t\t: fpu sse2 avx2 avx512_bf16\nbugs\t\t: amx_bf16\n"


class DtypeOfLayers(keras.callbacks.Callback):
    """Record the dtypes of each layer during training."""

    def on_train_begin(self, logs=None):
        self.computed = {
            layer.name: (layer.compute_dtype, layer.variable_dtype)
            for layer in self.model.layers
        }


@pytest.fixture
def matrix_units(monkeypatch):
    """Simulate a processor that is fastest in bfloat16."""
    monkeypatch.setattr(_cnn, "fastest_for_convolutions", lambda: "bfloat16")


class TestBfloat16:
    def test_computes_only_the_hidden_layers(self, make, kind, digits):
        seen = DtypeOfLayers()
        make(kind, precision="bfloat16", callbacks=[seen]).fit(*digits)
        for name, dtypes in seen.computed.items():
            is_output = name in ("logits", "probabilities")
            computed = "float32" if is_output else "bfloat16"
            assert dtypes == (computed, "float32"), name

    def test_learns_as_float32_does(self, make, kind, digits, more_digits):
        scores = [
            np.mean(
                [
                    make(kind, precision=precision, random_state=seed, epochs=15)
                    .fit(*digits)
                    .score(*more_digits)
                    for seed in range(3)
                ]
            )
            for precision in ("bfloat16", "float32")
        ]
        assert_allclose(scores[0], scores[1], atol=0.02)

    def test_differs_from_float32(self, make, kind, digits, network_weights):
        one, other = (
            make(kind, precision=precision).fit(*digits)
            for precision in ("bfloat16", "float32")
        )
        assert one.precision_ == "bfloat16"
        assert (network_weights(one) != network_weights(other)).mean() > 0.5

    def test_predicts_in_float32(self, make, kind, digits):
        network = make(kind, precision="bfloat16").fit(*digits)
        probabilities = network.predict_proba(digits[0])
        assert probabilities.dtype == np.float32
        assert (network.model_.compute_dtype, network.model_.dtype) == ("float32",) * 2
        assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
        again = pickle.loads(pickle.dumps(network))
        assert_array_equal(again.predict_proba(digits[0]), probabilities)

    def test_is_reproducible(self, make, kind, digits, network_weights):
        one, other = (
            network_weights(make(kind, precision="bfloat16", dropout=0.2).fit(*digits))
            for _ in range(2)
        )
        assert_array_equal(one, other)

    @pytest.mark.parametrize(
        "params",
        [
            {"batch_normalization": True},
            {"early_stopping": True},
            {"activation": "gelu"},
            {"class_weight": "balanced"},
            {"hidden_layer_sizes": ()},
        ],
        ids=str,
    )
    def test_works_with_other_parameters(self, make, kind, digits, params):
        losses = make(kind, precision="bfloat16", **params).fit(*digits).history_
        assert losses["loss"][-1] < losses["loss"][0]

    def test_is_kept_in_partial_fit(self, make, kind, digits):
        network = make(kind, precision="bfloat16").fit(*digits)
        network.set_params(precision="auto").partial_fit(*digits)
        assert network.precision_ == "bfloat16"
        assert network.predict_proba(digits[0]).dtype == np.float32


class TestAuto:
    def test_is_float32_for_dense_networks(self, digits, matrix_units):
        assert ANNClassifier(epochs=1).fit(*digits).precision_ == "float32"

    def test_is_the_fastest_type_of_the_processor(self, digits, matrix_units):
        params = {"epochs": 1, "filters": 2}
        assert CNNClassifier(**params).fit(*digits).precision_ == "bfloat16"
        params["batch_normalization"] = True
        assert CNNClassifier(**params).fit(*digits).precision_ == "float32"

    def test_is_float32_or_bfloat16(self):
        assert fastest_for_convolutions() in ("bfloat16", "float32")

    @pytest.mark.parametrize(("text", "expected"), [(AMX, True), (NO_AMX, False)])
    def test_reads_the_flags_of_the_processor(self, tmp_path, text, expected):
        path = tmp_path / "cpuinfo"
        path.write_text(text)
        assert has_matrix_units(path) is expected

    def test_has_no_flags_outside_linux(self, tmp_path):
        assert not has_matrix_units(tmp_path / "missing")
