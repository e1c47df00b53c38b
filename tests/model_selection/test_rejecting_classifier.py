"""A classifier that rejects samples it is not sure of."""

import pickle
import warnings

import numpy as np
import pytest
from scipy.stats import binom
from sklearn import config_context
from sklearn.base import BaseEstimator, ClassifierMixin, clone, is_classifier
from sklearn.datasets import load_digits
from sklearn.ensemble import IsolationForest
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GroupKFold,
    RepeatedKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from skdigits.model_selection import RejectingClassifierCV


@pytest.fixture(scope="module")
def digits():
    """Return training and test samples of `load_digits`."""
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    X, y = X[order] / 16, y[order]
    return X[:1200], y[:1200], X[1200:], y[1200:]


def make(**params):
    """Return a classifier that rejects some of the digits."""
    return RejectingClassifierCV(
        LogisticRegression(C=0.1), **{"max_error": 0.02, **params}
    )


@pytest.fixture(scope="module")
def rejecting(digits):
    return make().fit(*digits[:2])


class TestOutlierDetector:
    def test_each_sample_is_judged_by_a_detector_that_has_not_seen_it(self, digits):
        X, y, X_test, _ = digits
        detector = IsolationForest(contamination=0.1, random_state=0)
        rejecting = make(outlier_detector=detector).fit(X, y)
        unseen = cross_val_predict(detector, X, cv=5) == 1
        assert rejecting.coverage_ <= unseen.mean()
        confidence = rejecting.predict_confidence(X_test)
        is_outlier = rejecting.outlier_detector_.predict(X_test) == -1
        assert (confidence[is_outlier] == 0).all()
        assert (confidence[~is_outlier] > 0).all()
        assert (rejecting.predict(X_test)[is_outlier] == -1).all()

    def test_outliers_are_rejected_whatever_the_confidence(self, digits):
        X, y, X_test, _ = digits
        detector = IsolationForest(contamination=0.2, random_state=0)
        rejecting = make(max_error=0.9, outlier_detector=detector).fit(X, y)
        assert 0 < rejecting.threshold_ < 1e-300
        is_outlier = rejecting.outlier_detector_.predict(X_test) == -1
        np.testing.assert_array_equal(rejecting.predict(X_test) == -1, is_outlier)

    def test_prefit(self, digits):
        X, y, X_test, _ = digits
        classifier = LogisticRegression(C=0.1).fit(X[:600], y[:600])
        detector = IsolationForest(random_state=0)
        params = {"cv": "prefit", "outlier_detector": detector, "max_error": 0.05}
        with pytest.raises(NotFittedError):
            RejectingClassifierCV(classifier, **params).fit(X[600:], y[600:])
        detector.fit(X[:600])
        rejecting = RejectingClassifierCV(classifier, **params).fit(X[600:], y[600:])
        outliers = rejecting.outlier_detector_.predict(X_test)
        np.testing.assert_array_equal(outliers, detector.predict(X_test))


class TestPredict:
    def test_the_rejected_are_below_the_threshold(self, rejecting, digits):
        X = digits[2]
        rejected = rejecting.predict(X) == -1
        assert 0 < rejected.mean() < 0.6
        below = rejecting.predict_confidence(X) < rejecting.threshold_
        np.testing.assert_array_equal(rejected, below)

    def test_the_accepted_are_read_as_without_rejection(self, rejecting, digits):
        X, y = digits[2:]
        y_pred = rejecting.predict(X)
        accepted = y_pred != -1
        plain = rejecting.estimator_.predict(X)
        np.testing.assert_array_equal(y_pred[accepted], plain[accepted])
        assert (plain != y)[accepted].mean() <= 0.02 < (plain != y).mean()

    def test_probabilities_are_those_of_the_classifier(self, rejecting, digits):
        plain = clone(rejecting.estimator).fit(*digits[:2])
        np.testing.assert_array_equal(
            rejecting.predict_proba(digits[2]), plain.predict_proba(digits[2])
        )

    def test_the_score_counts_the_rejected_as_wrong(self, rejecting, digits):
        X, y = digits[2:]
        right = rejecting.predict(X) == y
        assert rejecting.score(X, y) == right.mean()

    @pytest.mark.parametrize(
        ("change", "reject_label", "expected"),
        [
            (str, -1, "-1"),
            (str, "rejected", "rejected"),
            (lambda d: f"digit {d}", -1, "-1"),
            (np.uint8, -1, -1),
            (np.int8, 10, 10),
            (float, -1, -1.0),
            (np.int64, np.nan, np.nan),
        ],
    )
    def test_labels_of_any_dtype(self, digits, change, reject_label, expected):
        y = np.array([change(d) for d in digits[1]])
        model = make(reject_label=reject_label).fit(digits[0], y)
        y_pred = model.predict(digits[2])
        rejected = model.predict_confidence(digits[2]) < model.threshold_
        assert rejected.any()
        np.testing.assert_array_equal(y_pred[rejected], expected)
        assert set(y_pred[~rejected]) <= set(y)
        np.testing.assert_array_equal(model.classes_, np.unique(y))

    def test_text_labels_as_objects(self, digits):
        y = np.array([str(d) for d in digits[1]], dtype=object)
        y_pred = make().fit(digits[0], y).predict(digits[2])
        assert "-1" in y_pred.tolist()


class TestThreshold:
    def test_a_smaller_error_rejects_more(self, digits, rejecting):
        stricter = make(max_error=0.01).fit(*digits[:2])
        assert stricter.coverage_ < rejecting.coverage_
        assert stricter.risk_bound_ <= 0.01

    def test_calibration(self, digits, rejecting):
        assert rejecting.temperature_ < 0.9  # since C is small
        assert make(calibrate=False).fit(*digits[:2]).temperature_ == 1

    def test_too_few_samples(self, digits):
        X, y = (a[:300] for a in digits[:2])
        with pytest.warns(UserWarning, match="takes at least 2995 samples.* got 300"):
            model = make(max_error=0.001).fit(X, y)
        assert model.threshold_ == np.inf
        assert model.coverage_ == 0
        assert (model.predict(X) == -1).all()

    def test_too_many_errors(self, digits):
        X, y = digits[:2]
        shuffled = np.random.default_rng(0).permutation(y)
        with pytest.warns(UserWarning, match="errs too often"):
            make().fit(X, shuffled)

    def test_the_promise_is_kept(self):
        """The error above any threshold is known, and so is how often it is broken."""

        class Known(ClassifierMixin, BaseEstimator):
            classes_ = np.array([0, 1])

            def fit(self, X, y):
                return self

            def predict_proba(self, X):
                return np.hstack([X, 1 - X])

        def error_above(threshold):
            return 0.3 * (1 - np.clip(2 * threshold - 1, 0, 1)) ** 3 / 4

        rng = np.random.default_rng(0)
        broken, coverages = 0, []
        for _ in range(200):
            sure = rng.random(3000)
            y = (rng.random(3000) < 0.3 * (1 - sure) ** 3).astype(int)
            model = RejectingClassifierCV(
                FrozenEstimator(Known()),
                max_error=0.03,
                confidence=0.8,
                calibrate=False,
            ).fit((1 + sure[:, None]) / 2, y)
            broken += error_above(model.threshold_) > 0.03
            coverages.append(model.coverage_)
        assert broken <= binom.ppf(0.999, 200, 0.2)
        best = 1 - next(
            t for t in np.linspace(0, 1, 999) if error_above((1 + t) / 2) <= 0.03
        )
        assert 0.85 * best < np.mean(coverages) <= best


class TestFrozen:
    @pytest.fixture(scope="class")
    def trained(self, digits):
        return LogisticRegression().fit(digits[0][:600], digits[1][:600])

    def test_is_not_fitted_again(self, trained, digits):
        X, y = (a[600:] for a in digits[:2])
        for model in (
            RejectingClassifierCV(FrozenEstimator(trained), max_error=0.05),
            RejectingClassifierCV(trained, max_error=0.05, cv="prefit"),
        ):
            model.fit(X, y)
            proba = model.predict_proba(X)
            np.testing.assert_array_equal(proba, trained.predict_proba(X))
            assert 0 < model.coverage_ <= 1

    def test_labels_that_it_does_not_know_are_errors(self, trained, digits):
        X, y = (a[600:] for a in digits[:2])
        with pytest.warns(UserWarning, match="errs too often"):
            make(cv="prefit").set_params(estimator=trained).fit(X, y + 10)

    def test_some_labels_only(self, trained, digits):
        X, y = (a[600:] for a in digits[:2])
        model = RejectingClassifierCV(trained, max_error=0.1, cv="prefit")
        model.fit(X[y < 5], y[y < 5])
        assert len(model.classes_) == 10

    def test_must_be_fitted(self, digits):
        with pytest.raises(ValueError, match="not fitted"):
            make(cv="prefit").fit(*digits[:2])


class TestProtocol:
    def test_clone_pickle_and_cross_validation(self, digits, rejecting):
        again = pickle.loads(pickle.dumps(rejecting))
        np.testing.assert_array_equal(
            again.predict(digits[2]), rejecting.predict(digits[2])
        )
        assert is_classifier(rejecting)
        scores = cross_val_score(make(max_error=0.05), *digits[:2], cv=2)
        assert (scores > 0.3).all()

    def test_parallel_folds_are_the_same(self, digits, rejecting):
        parallel = make(n_jobs=2).fit(*digits[:2])
        assert parallel.threshold_ == pytest.approx(rejecting.threshold_)

    def test_splitters(self, digits):
        X, y = digits[:2]
        seeds = [
            make(cv=StratifiedKFold(3, shuffle=True, random_state=seed)).fit(X, y)
            for seed in (0, 0, 1)
        ]
        assert seeds[0].threshold_ == seeds[1].threshold_ != seeds[2].threshold_

    def test_pipelines_and_lists(self, digits):
        X, y, X_test, _ = digits
        pipe = make_pipeline(MinMaxScaler(), LogisticRegression())
        model = RejectingClassifierCV(pipe, max_error=0.05)
        model.fit(X.tolist(), y.tolist())
        assert model.predict(X_test.tolist()).shape == (len(X_test),)

    def test_weights(self, digits, rejecting):
        X, y = digits[:2]
        ones = make().fit(X, y, sample_weight=np.ones(len(y)))
        assert ones.threshold_ == pytest.approx(rejecting.threshold_)
        weights = np.where(y == 8, 0.1, 1)
        assert make().fit(X, y, sample_weight=weights).threshold_ != ones.threshold_
        weights = np.append(np.ones(1000), np.zeros(200))
        assert make().fit(X, y, sample_weight=weights).coverage_ * 1000 % 1 == 0

    def test_metadata_routing(self, digits):
        X, y = digits[:2]
        groups = np.arange(len(y)) % 7
        with config_context(enable_metadata_routing=True):
            inner = LogisticRegression(C=0.1).set_fit_request(sample_weight=True)
            model = RejectingClassifierCV(inner, max_error=0.02, cv=GroupKFold(3))
            model.fit(X, y, sample_weight=np.where(y == 8, 0.1, 1), groups=groups)
            unweighted = clone(model).fit(X, y, groups=groups)
        assert not np.array_equal(model.estimator_.coef_, unweighted.estimator_.coef_)

    def test_does_not_change_the_estimator(self, digits):
        inner = LogisticRegression(C=0.1)
        RejectingClassifierCV(inner, max_error=0.05).fit(*digits[:2])
        assert not hasattr(inner, "coef_")

    @parametrize_with_checks(
        [
            RejectingClassifierCV(
                LogisticRegression(), max_error=0.6, cv=3, reject_label=-9
            )
        ]
    )
    def test_conventions(self, estimator, check):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(estimator)


class TestBadInput:
    @pytest.mark.parametrize(
        ("params", "message"),
        [
            ({"max_error": 0}, "max_error"),
            ({"max_error": 1.0}, "max_error"),
            ({"confidence": 1}, "confidence"),
            ({"cv": "loo"}, "cv"),
            ({"calibrate": "yes"}, "calibrate"),
            ({"reject_label": None}, "reject_label"),
            ({"reject_label": 3}, "reject_label must not be one of the labels; got 3"),
            ({"cv": RepeatedKFold(n_splits=2, n_repeats=2)}, "partitions"),
        ],
    )
    def test_parameters(self, digits, params, message):
        with pytest.raises(ValueError, match=message):
            make(**params).fit(*digits[:2])

    def test_classifiers_without_probabilities(self, digits):
        with pytest.raises(ValueError, match="predict_proba"):
            make().set_params(estimator=LinearSVC()).fit(*digits[:2])

    def test_before_fit(self, digits):
        with pytest.raises(ValueError, match="not fitted"):
            make().predict(digits[2])
