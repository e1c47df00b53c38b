"""One-hot labels give the same results as the labels that they encode."""

import keras
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_predict,
    cross_val_score,
)
from sklearn.preprocessing import OneHotEncoder

from skdigits import make_digit_pipeline

EYE = np.eye(10)
LETTERS = np.array(list("abcdefghij"))

ONE_HOT = {
    "float32": lambda y: keras.utils.to_categorical(y, 10),
    "int8": lambda y: EYE[y].astype("int8"),
    "uint8": lambda y: EYE[y].astype("uint8"),
    "bool": lambda y: EYE[y].astype(bool),
    "objects": lambda y: EYE[y].astype(object),
    "list": lambda y: EYE[y].tolist(),
    "sparse": lambda y: OneHotEncoder().fit_transform(y[:, None]),
    "sparse array": lambda y: sparse.csr_array(EYE[y]),
    "data frame": lambda y: pd.DataFrame(EYE[y]),
    "dummies": pd.get_dummies,
    "nullable dummies": lambda y: pd.get_dummies(pd.Series(y), dtype="boolean"),
    "sparse dummies": lambda y: pd.get_dummies(y, sparse=True),
}


@pytest.fixture(params=ONE_HOT.values(), ids=ONE_HOT.keys())
def encode(request):
    return request.param


class TestSameResultAsLabels:
    def test_in_every_container(self, make, ann, digits, encode):
        X, y = digits
        network = make("ann").fit(X, encode(y))
        assert_array_equal(network.classes_, ann.classes_, strict=True)
        assert_array_equal(network.predict_proba(X), ann.predict_proba(X))
        assert_array_equal(network.predict(X), ann.predict(X), strict=True)
        assert network.score(X, encode(y)) == ann.score(X, y)

    def test_with_every_option_of_fit(self, make, kind, digits, more_digits):
        X, y = digits
        X_val, y_val = more_digits
        weight = np.linspace(0, 2, len(y))
        params = {"early_stopping": True, "class_weight": {8: 5.0}, "dropout": 0.1}
        of_labels = make(kind, **params).fit(X, y, weight, X_val, y_val)
        network = make(kind, **params).fit(X, EYE[y], weight, X_val, EYE[y_val])
        assert network.history_ == of_labels.history_
        assert_array_equal(network.predict_proba(X), of_labels.predict_proba(X))
        scores = [
            network.score(X, EYE[y], sample_weight=weight),
            network.score(X, y, sample_weight=weight),
        ]
        assert scores == 2 * [of_labels.score(X, y, sample_weight=weight)]

    @pytest.mark.parametrize("class_weight", ["balanced", None])
    def test_with_samples_held_out(self, make, digits, class_weight):
        X, y = digits
        of_labels, of_one_hot = (
            make("ann", class_weight=class_weight, validation_split=0.2).fit(X, labels)
            for labels in (y, EYE[y])
        )
        assert of_one_hot.history_ == of_labels.history_

    def test_in_warm_start(self, make, digits):
        X, y = digits
        of_labels, of_one_hot, of_both = (
            make("ann", epochs=2, warm_start=True).fit(X, first).fit(X, second)
            for first, second in [(y, y), (EYE[y], EYE[y]), (y, EYE[y])]
        )
        expected = of_labels.predict_proba(X)
        assert_array_equal(of_one_hot.predict_proba(X), expected)
        assert_array_equal(of_both.predict_proba(X), expected)

    @pytest.mark.parametrize("classes", [None, range(10)])
    def test_in_partial_fit(self, make, digits, encode, classes):
        X, y = digits
        of_labels, network = make("ann"), make("ann")
        for _ in range(2):
            of_labels.partial_fit(X, y, classes=range(10))
            network.partial_fit(X, encode(y), classes=classes)
        assert_array_equal(network.predict_proba(X), of_labels.predict_proba(X))

    def test_in_a_pipeline(self, digits):
        X, y = digits
        of_labels, of_one_hot = (
            make_digit_pipeline("ann", epochs=1, random_state=0).fit(X * 255, labels)
            for labels in (y, EYE[y])
        )
        expected = of_labels.predict_proba(X * 255)
        assert_array_equal(of_one_hot.predict_proba(X * 255), expected)

    def test_of_two_classes(self, make, zeros_and_ones):
        X, y = zeros_and_ones
        of_labels, of_one_hot = (make("ann").fit(X, t) for t in (y, np.eye(2)[y]))
        assert_array_equal(of_one_hot.predict_proba(X), of_labels.predict_proba(X))


class TestColumns:
    def test_without_a_one_is_a_class(self, make, digits):
        X, y = digits
        network = make("ann").fit(X, np.eye(12)[y], X_val=X, y_val=np.eye(12)[y])
        assert_array_equal(network.classes_, np.arange(12))
        assert network.predict_proba(X).shape == (len(X), 12)
        assert network.score(X, np.eye(12)[y]) == network.score(X, y) > 0.8

    def test_of_a_data_frame_stand_for_their_names(self, make, ann, digits):
        X, y = digits
        names = pd.Series(LETTERS[y], dtype=object)
        of_names = make("ann").fit(X, names)
        dummies = pd.get_dummies(names)
        network = make("ann").fit(X, dummies.iloc[:, ::-1], X_val=X, y_val=dummies)
        assert_array_equal(network.classes_, of_names.classes_)
        assert_array_equal(network.predict_proba(X), of_names.predict_proba(X))
        assert_array_equal(network.predict(X), of_names.predict(X))
        assert network.score(X, dummies) == network.score(X, names)

    def test_may_be_missing_in_later_data_frames(self, make, digits):
        X, y = digits
        is_low = y < 5
        network = make("ann").partial_fit(X, pd.get_dummies(y))
        network.partial_fit(X[is_low], pd.get_dummies(y[is_low]))
        assert len(network.classes_) == 10

    def test_of_an_array_are_in_the_order_of_the_classes(self, make, digits):
        X, y = digits
        network = make("ann").fit(X, LETTERS[y], X_val=X, y_val=EYE[y])
        assert network.history_["val_accuracy"][-1] == network.score(X, EYE[y]) > 0.8
        assert network.score(X, EYE[y]) == network.score(X, LETTERS[y])

    @pytest.mark.parametrize("n_columns", [9, 11])
    def test_must_be_as_many_as_classes(self, make, ann, digits, n_columns):
        X, y = digits
        X, y = X[y < 9], y[y < 9]
        rows = np.eye(n_columns)[y]
        message = (
            r"must have 10 columns if it is one-hot encoded, one for each of the "
            rf"classes \[0, .*, 9\]; got {n_columns} columns"
        )
        with pytest.raises(ValueError, match=f"y {message}"):
            ann.score(X, rows)
        with pytest.raises(ValueError, match=f"y {message}"):
            make("ann").partial_fit(X, rows, classes=range(10))
        with pytest.raises(ValueError, match=f"y_val {message}"):
            make("ann").fit(*digits, X_val=X, y_val=rows)

    def test_must_have_the_names_of_classes(self, ann, make, digits, no_training):
        X, y = digits
        network = make("ann", callbacks=[no_training])
        message = r"y_val must have labels among the classes \[0, .*; got \['a', 'b'"
        with pytest.raises(ValueError, match=message):
            network.fit(X, y, X_val=X, y_val=pd.get_dummies(LETTERS[y]))

    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (
                [*"abcdefghii"],
                r"y must have distinct column names .* got \['a', .* 'i'",
            ),
            ([*range(9), np.nan], r"y.columns contains NaN"),
            ([*range(9), "9"], r"y.columns must hold strings or numbers .* int, str"),
        ],
    )
    def test_must_have_names_that_are_labels(
        self, make, digits, no_training, names, message
    ):
        X, y = digits
        network = make("ann", callbacks=[no_training])
        with pytest.raises(ValueError, match=message):
            network.fit(X, pd.DataFrame(EYE[y], columns=names))


TABLES = {
    "two ones": (lambda y: EYE[y] + EYE[y - 1], r"\(240, 10\)\. Row 0 has 2 ones\.$"),
    "no ones": (lambda y: EYE[y] * (y > 0)[:, None], r"Row 0 has 0 ones\.$"),
    "sparse zeros": (lambda y: sparse.csr_array((len(y), 10)), "Row 0 has 0 ones"),
    "minus ones": (lambda y: 2 * EYE[y] - 1, r"got shape \(240, 10\)\.$"),
    "NaN": (lambda y: np.where(EYE[y] == 1, np.nan, 0), r"shape \(240, 10\)\.$"),
    "strings": (lambda y: EYE[y].astype(int).astype(str), r"shape \(240, 10\)\.$"),
    "two labels": (lambda y: np.stack([y, y], axis=1), r"got shape \(240, 2\)\.$"),
    "3-D": (lambda y: EYE[y][:, :, None], r"got shape \(240, 10, 1\)\.$"),
    "smoothed": (
        lambda y: EYE[y] * 0.9 + 0.01,
        r"probabilities: pass np\.asarray\(y\w*\)\.argmax\(axis=1\)",
    ),
    "sparse probabilities": (
        lambda y: sparse.csr_array(EYE[y] + EYE[y - 1]) / 2,
        r"probabilities: pass y\w*\.toarray\(\)\.argmax\(axis=1\)",
    ),
    "missing dummies": (
        lambda y: pd.get_dummies(pd.Series(y), dtype="boolean").replace(False, pd.NA),
        r"got shape \(240, 10\)\.$",
    ),
}


@pytest.mark.parametrize(("encode", "got"), TABLES.values(), ids=TABLES.keys())
def test_other_tables_are_rejected(make, ann, digits, no_training, encode, got):
    X, y = digits
    table = encode(y)
    network = make("ann", callbacks=[no_training])
    message = "must be a 1d array of labels, or one-hot encoded with a single 1 .*"
    with pytest.raises(ValueError, match=f"y {message}{got}"):
        network.fit(X, table)
    with pytest.raises(ValueError, match=f"y {message}{got}"):
        network.partial_fit(X, table, classes=range(10))
    with pytest.raises(ValueError, match=f"y {message}{got}"):
        ann.score(X, table)
    with pytest.raises(ValueError, match=f"y_val {message}{got}"):
        network.fit(X, y, X_val=X, y_val=table)


def test_of_one_class_are_rejected(make, digits, no_training):
    X, y = digits
    network = make("ann", callbacks=[no_training])
    with pytest.raises(ValueError, match=r"at least two classes .* got 1 class: \[3\]"):
        network.fit(X[y == 3], EYE[y[y == 3]])


def test_that_are_probabilities_need_the_classes_in_partial_fit(make, digits):
    X, y = digits
    with pytest.raises(ValueError, match="classes must be passed on the first"):
        make("ann").partial_fit(X, EYE[y] * 0.9 + 0.01)


class TestScikitLearn:
    """How scikit-learn treats one-hot labels. Its folds are not stratified."""

    def test_scores_by_the_method_score(self, make, digits):
        X, y = digits
        scores = cross_val_score(make("ann"), X, EYE[y], cv=3)
        assert np.all(scores > 0.5)
        search = GridSearchCV(make("ann"), {"epochs": [1, 8]}, cv=3).fit(X, EYE[y])
        assert search.best_params_ == {"epochs": 8}
        assert_array_equal(search.classes_, np.arange(10))

    def test_predicts_out_of_fold(self, make, digits):
        X, y = digits
        predicted = cross_val_predict(make("ann"), X, EYE[y], cv=3)
        assert np.mean(predicted == y) > 0.5
        proba = cross_val_predict(make("ann"), X, EYE[y], cv=3, method="predict_proba")
        assert_array_equal(proba.argmax(axis=1), predicted)

    def test_scorers_take_them_as_multilabel(self, make, digits):
        X, y = digits
        with pytest.raises(ValueError, match="mix of multilabel-indicator and multicl"):
            cross_val_score(
                make("ann", epochs=1),
                X,
                EYE[y],
                cv=2,
                scoring="accuracy",
                error_score="raise",
            )
