"""The classifiers in scikit-learn's meta-estimators and model selection."""

import warnings

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn import config_context
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    check_cv,
    cross_val_predict,
    cross_val_score,
    learning_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline

from skdigits import PixelScaler, make_digit_pipeline


@pytest.fixture(scope="module")
def pixels(digits):
    """Return unscaled images, with pixels from 0 to 16."""
    return digits[0] * 16, digits[1]


def test_are_classifiers(make, kind):
    assert is_classifier(make(kind))
    assert is_classifier(make_digit_pipeline(kind))


def test_cross_validation_is_stratified(make, kind, digits):
    splitter = check_cv(3, digits[1], classifier=is_classifier(make(kind)))
    assert isinstance(splitter, StratifiedKFold)
    scores = cross_val_score(make(kind), *digits, cv=3)
    expected = [
        make(kind).fit(digits[0][a], digits[1][a]).score(digits[0][b], digits[1][b])
        for a, b in splitter.split(*digits)
    ]
    assert_array_equal(scores, expected)
    assert min(scores) > 0.6


def test_images_can_be_cross_validated(make, digits):
    X, y = digits
    of_images = cross_val_predict(make("cnn", epochs=2), X.reshape(-1, 8, 8), y, cv=2)
    of_flat = cross_val_predict(make("cnn", epochs=2), X, y, cv=2)
    assert_array_equal(of_images, of_flat)


def test_grid_search_reaches_the_parameters_in_a_pipeline(pixels):
    X, y = pixels
    pipe = make_digit_pipeline("ann", epochs=6, learning_rate=0.02, random_state=0)
    grid = {"annclassifier__hidden_layer_sizes": [(1,), (16,), (12, 8)]}
    search = GridSearchCV(pipe, grid, cv=2).fit(X, y)
    assert search.best_params_["annclassifier__hidden_layer_sizes"] != (1,)
    assert search.score(X, y) > 0.8
    assert search.best_estimator_[-1].model_.count_params() > 1_000


def test_learning_curve_without_incremental_learning_matches_scores(make, digits):
    _, train, test = learning_curve(
        make("ann", epochs=3), *digits, cv=2, train_sizes=[0.5, 1.0]
    )
    assert train.shape == test.shape == (2, 2)


def test_learning_curve_with_incremental_learning(make, digits):
    _, train, _ = learning_curve(
        make("ann"),
        *digits,
        cv=2,
        train_sizes=[0.5, 1.0],
        exploit_incremental_learning=True,
    )
    assert np.isfinite(train).all()


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_probabilities_can_be_calibrated(make, digits, method):
    calibrated = CalibratedClassifierCV(make("ann"), method=method, cv=2).fit(*digits)
    assert calibrated.score(*digits) > 0.8
    np.testing.assert_allclose(calibrated.predict_proba(digits[0]).sum(axis=1), 1)


def test_voting(make, ann, cnn, digits):
    X, y = digits
    voting = VotingClassifier(
        [("ann", make("ann")), ("cnn", make("cnn"))], voting="soft"
    ).fit(X, y)
    mean = (ann.predict_proba(X) + cnn.predict_proba(X)) / 2
    np.testing.assert_allclose(voting.predict_proba(X), mean, rtol=1e-6)


def test_stacking(make, digits):
    stack = StackingClassifier(
        [("ann", make("ann", epochs=3))], LogisticRegression(max_iter=200), cv=2
    )
    assert stack.fit(*digits).score(*digits) > 0.5


def test_bagging(make, digits):
    bag = BaggingClassifier(make("ann"), n_estimators=3, random_state=0).fit(*digits)
    assert bag.score(*digits) > 0.8
    some = BaggingClassifier(
        make("ann"), n_estimators=2, max_features=0.5, random_state=0
    )
    assert some.fit(*digits).score(*digits) > 0.5


def test_one_vs_rest(make, digits):
    X, y = digits
    few = y < 3
    classifier = OneVsRestClassifier(make("ann")).fit(X[few], y[few])
    assert classifier.score(X[few], y[few]) > 0.9


def test_permutation_importance(ann, digits):
    result = permutation_importance(ann, *digits, n_repeats=1, random_state=0)
    assert result.importances_mean[0] == 0
    assert result.importances_mean.max() > 0


class TestPipelines:
    def test_weights_reach_the_classifier(self, make, pixels):
        X, y = pixels
        weight = (y % 2) + 1.0
        pipe = Pipeline([("scale", PixelScaler()), ("ann", make("ann"))])
        pipe.fit(X, y, ann__sample_weight=weight)
        scaled = PixelScaler().fit_transform(X)
        alone = make("ann").fit(scaled, y, sample_weight=weight)
        assert_array_equal(pipe.predict_proba(X), alone.predict_proba(scaled))

    def test_validation_samples_are_scaled(self, make, pixels, more_digits):
        X, y = pixels
        X_val, y_val = more_digits
        weight = (y % 2) + 1.0
        scaler = PixelScaler((0, 16))
        alone = make("ann", epochs=3).fit(
            scaler.fit_transform(X),
            y,
            sample_weight=weight,
            X_val=scaler.transform(X_val * 16),
            y_val=y_val,
        )
        with config_context(enable_metadata_routing=True):
            network = make("ann", epochs=3)
            network.set_fit_request(sample_weight=True, X_val=True, y_val=True)
            pipe = Pipeline(
                [("scale", PixelScaler((0, 16))), ("ann", network)],
                transform_input=["X_val"],
            )
            pipe.fit(X, y, sample_weight=weight, X_val=X_val * 16, y_val=y_val)
        assert pipe[-1].history_ == alone.history_
        assert_array_equal(
            pipe.predict_proba(X), alone.predict_proba(scaler.transform(X))
        )

    @pytest.mark.parametrize("transform_output", ["default", "pandas"])
    def test_data_frames_between_steps(self, make, kind, pixels, transform_output):
        pipe = Pipeline([("scale", PixelScaler()), ("network", make(kind, epochs=1))])
        with (
            config_context(transform_output=transform_output),
            warnings.catch_warnings(action="error"),
        ):
            scores = cross_val_score(pipe, *pixels, cv=2)
        assert_array_equal(scores, cross_val_score(pipe, *pixels, cv=2))

    def test_weights_are_routed_in_cross_validation(self, make, digits):
        X, y = digits
        weight = np.where(y < 5, 1.0, 0.0)
        with config_context(enable_metadata_routing=True):
            network = make("ann").set_fit_request(sample_weight=True)
            network.set_score_request(sample_weight=False)
            predicted = cross_val_predict(
                network, X, y, cv=2, params={"sample_weight": weight}
            )
        assert set(predicted) <= set(range(5))
