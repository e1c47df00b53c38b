"""scikit-learn's own checks on every public estimator, in several configurations."""

from dataclasses import dataclass

import pytest
from keras import layers
from optuna.distributions import FloatDistribution
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdigits import (
    ANNClassifier,
    CNNClassifier,
    Deskewer,
    NetworkClassifier,
    OptunaSearchCV,
    PixelScaler,
    make_digit_pipeline,
)

MINI_BATCHES = "a repeated sample is drawn into other mini-batches than a weight of 2"
PIPELINE = "Pipeline fits its steps in place: true of every Pipeline, see sklearn"


@dataclass
class SmallNetwork:
    """Layers for images and for other samples, with the same repr in each process."""

    units: int

    def __call__(self, input_shape, n_classes):
        return [
            layers.Flatten(),
            layers.Dense(self.units, "relu"),
            layers.Dense(n_classes),
        ]


SMOOTH = {
    "label_smoothing": 0.1,
    "weight_averaging": 0.9,
    "learning_rate_schedule": "cosine",
}

# scikit-learn can seed an estimator, and no step of a Pipeline.
INSTANCES = [
    Deskewer(),
    PixelScaler(),
    PixelScaler(pixel_range=(0, 255)),
    ANNClassifier(),
    ANNClassifier(batch_size=10_000, precision="float64"),
    ANNClassifier(early_stopping=True),
    ANNClassifier(augmentation=0.5),
    ANNClassifier(**SMOOTH),
    CNNClassifier(),
    CNNClassifier(**SMOOTH),
    CNNClassifier(augmentation=0.5, test_time_augmentation=2),
    CNNClassifier(((8, 8), 16), global_average_pooling=True),
    NetworkClassifier(SmallNetwork(units=128), epochs=15),
    NetworkClassifier(SmallNetwork(units=128), epochs=15, **SMOOTH),
    make_digit_pipeline("ann", random_state=0),
    OptunaSearchCV(
        LogisticRegression(),
        {"C": FloatDistribution(0.1, 10, log=True)},
        n_trials=2,
        cv=2,
    ),
]


def expected_failures(estimator):
    """Return the checks that must fail, each with its reason."""
    if isinstance(estimator, Pipeline):
        return {
            "check_dont_overwrite_parameters": PIPELINE,
            "check_estimators_overwrite_params": PIPELINE,
        }
    if getattr(estimator, "batch_size", None) != "auto":
        return {}
    return {"check_sample_weight_equivalence_on_dense_data": MINI_BATCHES}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(INSTANCES, expected_failed_checks=expected_failures)
def test_estimator_follows_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)
