"""Labels of all types, in fit and predict."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal
from sklearn.exceptions import DataConversionWarning
from sklearn.model_selection import cross_val_predict

LABELS = {
    "strings": ["zero", "one"],
    "object strings": np.array(["zero", "one"], dtype=object),
    "ints not from 0": [7, 5],
    "negative ints": [-1, 1],
    "small ints": np.array([3, 200], dtype="uint8"),
    "bools": [False, True],
    "whole floats": [0.0, 1.0],
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS.keys())
def test_predict_returns_labels_in_their_dtype(make, zeros_and_ones, labels):
    X, digit = zeros_and_ones
    y = np.asarray(labels)[digit]
    network = make("ann", learning_rate=0.02).fit(X, y)
    assert_array_equal(network.classes_, np.unique(y), strict=True)
    predicted = network.predict(X)
    assert predicted.dtype == y.dtype
    assert np.mean(predicted == y) > 0.95
    assert network.predict_proba(X).shape == (len(X), 2)


def test_the_names_of_the_labels_do_not_matter(make, kind, fitted, digits):
    X, y = digits
    names = np.array(list("abcdefghij"))
    other = make(kind).fit(X, names[y])
    assert_array_equal(other.predict_proba(X), fitted.predict_proba(X))
    assert_array_equal(other.predict(X), names[fitted.predict(X)])


@pytest.mark.parametrize("container", [list, pd.Series, pd.Categorical])
def test_labels_may_be_in_other_containers(make, ann, digits, container):
    X, y = digits
    other = make("ann").fit(X, container(y))
    assert_array_equal(other.predict_proba(X), ann.predict_proba(X))
    assert_array_equal(other.predict(X), ann.predict(X), strict=True)


NULLABLE = {
    "Int64": "int64",
    "Int8": "int8",
    "UInt16": "uint16",
    "Float64": "float64",
    "boolean": "bool",
    "string": "object",
}


class TestNullableDtypes:
    @pytest.mark.parametrize(("dtype", "expected"), NULLABLE.items())
    @pytest.mark.parametrize("container", [pd.Series, pd.array])
    def test_predictions_have_the_corresponding_numpy_dtype(
        self, make, zeros_and_ones, container, dtype, expected
    ):
        X, digit = zeros_and_ones
        plain = digit.astype(expected) if dtype != "string" else digit.astype(str)
        y = container(plain, dtype=dtype)
        network = make("ann").fit(X, y, X_val=X, y_val=y)
        assert network.classes_.dtype == network.predict(X).dtype == expected
        assert np.mean(network.predict(X) == plain) > 0.95
        assert network.score(X, y) > 0.95

    def test_predictions_of_booleans_are_a_mask(self, make, zeros_and_ones):
        X, digit = zeros_and_ones
        y = pd.Series(digit == 1, dtype="boolean")
        predicted = cross_val_predict(make("ann"), X, y, cv=2)
        assert 0 < len(X[predicted]) == predicted.sum() < len(X)

    def test_of_a_data_frame_with_one_column(self, make, zeros_and_ones):
        X, digit = zeros_and_ones
        frame = pd.DataFrame({"label": pd.Series(digit, dtype="Int64")})
        with pytest.warns(DataConversionWarning):
            network = make("ann", epochs=1).fit(X, frame)
        assert network.classes_.dtype == "int64"

    def test_in_partial_fit(self, make, zeros_and_ones):
        X, digit = zeros_and_ones
        y = pd.Series(digit == 1, dtype="boolean")
        network = make("ann").partial_fit(X, y, classes=y.unique())
        assert network.predict(X).dtype == bool


MISSING = {
    "Int64": pd.array([pd.NA, 1, 0], dtype="Int64"),
    "boolean": pd.array([pd.NA, True, False], dtype="boolean"),
    "string": pd.array([pd.NA, "1", "0"], dtype="string"),
    "categories": pd.Categorical([None, "1", "0"]),
    "None": np.array([None, "1", "0"], dtype=object),
    "NA": np.array([pd.NA, "1", "0"], dtype=object),
    "float": np.array([np.nan, 1, 0]),
}


@pytest.mark.parametrize("labels", MISSING.values(), ids=MISSING.keys())
def test_missing_labels_are_rejected(make, ann, zeros_and_ones, no_training, labels):
    X, digit = zeros_and_ones
    y = pd.Series(labels).take(np.append(digit[:-1] + 1, 0))
    network = make("ann", callbacks=[no_training])
    with pytest.raises(ValueError, match=r"\by (must not hold missing|contains NaN)"):
        network.fit(X, y)
    with pytest.raises(
        ValueError, match=r"\by_val (must not hold missing|contains NaN)"
    ):
        network.fit(X, digit, X_val=X, y_val=y)
    with pytest.raises(ValueError, match=r"\by (must not hold missing|contains NaN)"):
        ann.score(X, y)


@pytest.mark.parametrize("dtype", [int, bool, float])
def test_the_error_for_numbers_in_an_object_array_says_how_to_convert_them(
    make, zeros_and_ones, no_training, dtype
):
    X, digit = zeros_and_ones
    y = digit.astype(dtype).astype(object)
    message = rf"y must hold strings or numbers.*{dtype.__name__}.*y\.astype\(int\)"
    with pytest.raises(ValueError, match=message):
        make("ann", callbacks=[no_training]).fit(X, y)


@pytest.mark.parametrize("container", [np.array, pd.DataFrame, list])
def test_a_column_of_labels_works_with_a_warning(make, ann, digits, container):
    X, y = digits
    column = container(y[:, None])

    def warns():
        return pytest.warns(DataConversionWarning, match="A column-vector y was passed")

    with warns():
        other = make("ann").fit(X, column)
    assert_array_equal(other.predict_proba(X), ann.predict_proba(X))
    with warns():
        other.partial_fit(X, column)
    with warns():
        make("ann", epochs=1).fit(X, y, X_val=X, y_val=column)
    with warns():
        assert ann.score(X, column) == ann.score(X, y)


class TestPartialFit:
    def test_a_batch_may_lack_classes(self, make, kind, digits):
        X, y = digits
        network = make(kind)
        network.partial_fit(X[y < 2], y[y < 2], classes=[4, 3, 2, 1, 0])
        assert_array_equal(network.classes_, [0, 1, 2, 3, 4])
        assert network.predict_proba(X).shape == (len(X), 5)
        is_other = (y > 1) & (y < 5)
        for _ in range(10):
            network.partial_fit(X[is_other], y[is_other])
        assert network.score(X[is_other], y[is_other]) > 0.9

    def test_a_batch_may_hold_one_class(self, make, kind, digits):
        X, y = digits
        network = make(kind).partial_fit(X[y == 3], y[y == 3], classes=range(10))
        assert network.n_epochs_ == 1

    def test_a_batch_may_hold_one_sample(self, make, kind, digits):
        X, y = digits
        network = make(kind).partial_fit(X[:1], y[:1], classes=range(10))
        assert network.predict(X).shape == y.shape

    def test_keeps_the_dtype_of_the_classes(self, make, zeros_and_ones):
        X, digit = zeros_and_ones
        y = np.array(["zero", "one"])[digit]
        network = make("ann").partial_fit(X, y, classes=["zero", "one", "two"])
        assert list(network.classes_) == ["one", "two", "zero"]
        assert network.predict(X).dtype.kind == "U"

    @pytest.mark.parametrize(
        "classes",
        [
            set(range(10)),
            frozenset(range(10)),
            tuple(range(10)),
            dict.fromkeys(range(10)).keys(),
            iter(range(10)),
            pd.Index(range(10)),
            pd.Series(range(10), dtype="Int64"),
            pd.Categorical(range(10)),
        ],
        ids=lambda classes: type(classes).__name__,
    )
    def test_classes_may_be_any_collection(self, make, digits, classes):
        X, y = digits
        network = make("ann").partial_fit(X[:100], y[:100], classes=classes)
        assert_array_equal(network.classes_, np.arange(10), strict=True)

    @pytest.mark.parametrize("classes", ["0123456789", 10, {0, "one"}])
    def test_rejects_what_is_not_a_collection_of_labels(self, make, digits, classes):
        with pytest.raises(ValueError, match="classes must be"):
            make("ann").partial_fit(*digits, classes=classes)

    def test_requires_classes_in_the_first_call(self, make, kind, digits):
        with pytest.raises(ValueError, match="classes must be passed on the first"):
            make(kind).partial_fit(*digits)

    def test_rejects_a_label_that_is_not_among_the_classes(self, make, kind, digits):
        X, y = digits
        network = make(kind)
        message = r"y must have labels among the classes \[0, 1, 2\]; got \[3, 4"
        with pytest.raises(ValueError, match=message):
            network.partial_fit(X, y, classes=[0, 1, 2])

    @pytest.mark.parametrize("classes", [[0, 1], range(11), ["a", "b"]])
    def test_rejects_other_classes_later(self, make, digits, classes):
        X, y = digits
        network = make("ann").partial_fit(X, y, classes=range(10))
        network.partial_fit(X, y, classes=range(10))
        with pytest.raises(ValueError, match=r"classes=.* is not the same as on last"):
            network.partial_fit(X, y, classes=classes)

    def test_rejects_a_single_class(self, make, digits):
        X, y = digits
        with pytest.raises(ValueError, match="classes must have at least two"):
            make("ann").partial_fit(X[y == 0], y[y == 0], classes=[0])


def test_validation_labels_must_be_among_the_classes(make, kind, digits, no_training):
    X, y = digits
    is_low = y < 5
    network = make(kind, callbacks=[no_training])
    message = r"y_val must have labels among the classes .*; got \[5, 6, 7, 8, 9\]"
    with pytest.raises(ValueError, match=message):
        network.fit(X[is_low], y[is_low], X_val=X, y_val=y)


@pytest.mark.parametrize(("fitted_type", "given_type"), [(int, str), (str, int)])
@pytest.mark.parametrize("method", ["fit", "partial_fit"])
def test_numbers_differ_from_their_text(make, digits, method, fitted_type, given_type):
    X, y = digits
    network = make("ann", epochs=1, warm_start=True).fit(X, y.astype(fitted_type))
    X, y = X[y == 3], y[y == 3]
    with pytest.raises(ValueError, match="y must have labels among the classes"):
        getattr(network, method)(X, y.astype(given_type))


def test_whole_floats_equal_ints(make, digits):
    X, y = digits
    network = make("ann", epochs=1).fit(X, y)
    assert network.partial_fit(X, y.astype(float)).n_epochs_ == 2
