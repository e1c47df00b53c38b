"""scikit-learn's own checks on every public estimator, in several configurations."""

import pytest
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdigits import ANNClassifier, CNNClassifier, PixelScaler, make_digit_pipeline

MINI_BATCHES = "a row given twice is drawn into other mini-batches than a weight of 2"
ROUNDING = "float32 rounds more coarsely than the tolerance of the check"
PIPELINE = "Pipeline fits its steps in place: true of every Pipeline, see sklearn"

FULL_BATCH = {"hidden_layer_sizes": (16,), "epochs": 60, "batch_size": 10_000}

INSTANCES = [
    PixelScaler(),
    PixelScaler(pixel_range=(0, 255)),
    ANNClassifier(),
    ANNClassifier((16,), epochs=10),
    ANNClassifier(**FULL_BATCH),
    ANNClassifier(**FULL_BATCH, precision="float64"),
    ANNClassifier((16,), epochs=10, early_stopping=True),
    CNNClassifier(),
    CNNClassifier(4, hidden_layer_sizes=8, epochs=20),
    make_digit_pipeline("ann", hidden_layer_sizes=(16,), epochs=10),
]


def expected_failures(estimator):
    """Return the checks that must fail, each with its reason."""
    if isinstance(estimator, Pipeline):
        return {
            "check_dont_overwrite_parameters": PIPELINE,
            "check_estimators_overwrite_params": PIPELINE,
        }
    if isinstance(estimator, PixelScaler):
        return {}
    if estimator.batch_size == "auto":
        reason = MINI_BATCHES
    elif estimator.precision == "float32":
        reason = ROUNDING
    else:
        return {}
    return {"check_sample_weight_equivalence_on_dense_data": reason}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(INSTANCES, expected_failed_checks=expected_failures)
def test_estimator_follows_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)
