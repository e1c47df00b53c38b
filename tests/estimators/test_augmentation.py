"""Training on changed copies of images, and predictions averaged over them."""

import pickle

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from skdigits import ANNClassifier, CNNClassifier, DigitAugmenter, PixelScaler
from skdigits.preprocessing._augmentation import Augmentation

KINDS = {
    "ann": ANNClassifier((16,), epochs=3, random_state=0),
    "cnn": CNNClassifier(
        (4,),
        hidden_layer_sizes=(16,),
        epochs=3,
        precision="float32",
        random_state=0,
    ),
}


@pytest.fixture(scope="module")
def data():
    images, y = load_digits(return_X_y=True)
    return (images / 16).astype("float32"), y


@pytest.fixture(params=KINDS)
def classifier(request):
    return clone(KINDS[request.param])


@pytest.fixture
def seen(monkeypatch):
    """Return a list of the batches that a training changes, and what they become."""
    pairs, change = [], Augmentation.__call__

    def recorded(self, batch, rng, codes):
        changed = change(self, batch, rng, codes)
        pairs.append((batch.copy(), changed))
        return changed

    monkeypatch.setattr(Augmentation, "__call__", recorded)
    return pairs


class TestTraining:
    def test_sees_other_copies_in_each_epoch(self, classifier, data, seen):
        augmenter = DigitAugmenter(unchanged=0)
        classifier.set_params(augmentation=augmenter).fit(*data)
        n_images = len(data[0])
        images, copies = (
            np.concatenate([part.reshape(-1, 64) for part in parts])
            for parts in zip(*seen, strict=True)
        )
        epochs = np.split(images, 3)
        for epoch in epochs:
            order = np.lexsort(epoch[:n_images].T)
            assert_array_equal(epoch[order], data[0][np.lexsort(data[0].T)])
        assert not np.array_equal(copies, images)
        same = [
            (a[:, None] == b[None, :20]).all(axis=2).any()
            for a, b in zip(np.split(copies, 3), np.split(copies, 3)[1:], strict=False)
        ]
        assert not any(same)

    def test_same_seed_same_bits(self, classifier, data):
        classifier.set_params(augmentation=0.5)
        one, two = (clone(classifier).fit(*data).predict_proba(data[0]) for _ in "ab")
        assert_array_equal(one, two)

    def test_depends_on_the_strength(self, classifier, data):
        proba = [
            classifier.set_params(augmentation=strength)
            .fit(*data)
            .predict_proba(data[0])
            for strength in (None, 0.3, 0.6)
        ]
        assert not np.array_equal(proba[0], proba[1])
        assert not np.array_equal(proba[1], proba[2])

    def test_a_number_is_the_strength_of_an_augmenter(self, classifier, data):
        one = clone(classifier).set_params(augmentation=0.3).fit(*data)
        two = clone(classifier).set_params(augmentation=DigitAugmenter(0.3)).fit(*data)
        assert_array_equal(one.predict_proba(data[0]), two.predict_proba(data[0]))

    def test_batches_seen_by_callbacks_are_the_same(self, classifier, data):
        import keras

        class SeesBatches(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                pass

        classifier.set_params(augmentation=0.5)
        plain = clone(classifier).fit(*data)
        seen = clone(classifier).set_params(callbacks=[SeesBatches()]).fit(*data)
        assert_array_equal(plain.predict_proba(data[0]), seen.predict_proba(data[0]))

    def test_validation_samples_stay_as_they_are(self, classifier, data):
        X, y = data
        classifier.set_params(augmentation=1.0, epochs=1)
        classifier.fit(X[500:], y[500:], X_val=X[:500], y_val=y[:500])
        true = classifier.predict_proba(X[:500])[np.arange(500), y[:500]]
        assert classifier.history_["val_loss"] == pytest.approx([-np.log(true).mean()])

    def test_helps_with_shifted_digits(self, data):
        X, y = data
        shifted = np.roll(X.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
        ann = ANNClassifier((64,), epochs=20, random_state=0)
        scores = [
            ann.set_params(augmentation=a).fit(X, y).score(shifted, y)
            for a in (None, DigitAugmenter(1.0, shift=0.15))
        ]
        assert scores[1] > scores[0] + 0.1

    def test_the_samples_stay_as_they_are(self, classifier, data):
        before = data[0].copy()
        classifier.set_params(augmentation=1.0).fit(*data)
        assert_array_equal(data[0], before)


class TestWithTheRest:
    def test_partial_fit_and_warm_start(self, classifier, data):
        classifier.set_params(augmentation=0.5)
        for _ in range(2):
            classifier.partial_fit(*data, classes=range(10))
        assert classifier.n_epochs_ == 2
        classifier.set_params(warm_start=True).fit(*data)
        assert classifier.n_epochs_ == 5

    def test_early_stopping_and_weights(self, classifier, data):
        X, y = data
        classifier.set_params(augmentation=0.5, early_stopping=True, epochs=5)
        classifier.fit(X, y, sample_weight=np.where(y == 3, 2.0, 1.0))
        assert "val_loss" in classifier.history_

    def test_pickling_and_cloning(self, classifier, data):
        augmenter = DigitAugmenter(0.4, rotation=5)
        classifier.set_params(augmentation=augmenter, test_time_augmentation=3)
        classifier.fit(*data)
        copy = pickle.loads(pickle.dumps(classifier))
        X = data[0][:50]
        assert_array_equal(copy.predict_proba(X), classifier.predict_proba(X))
        cloned = clone(classifier)
        assert cloned.augmentation is not augmenter
        assert cloned.augmentation.get_params() == augmenter.get_params()

    def test_all_shapes_of_images(self, classifier, data):
        X, y = data
        classifier.set_params(augmentation=0.5)
        proba = [
            clone(classifier).fit(X.reshape(shape), y).predict_proba(X)
            for shape in ((-1, 64), (-1, 8, 8), (-1, 8, 8, 1))
        ]
        assert_array_equal(proba[0], proba[1])
        assert_array_equal(proba[0], proba[2])

    def test_images_that_are_not_square(self, classifier, data):
        X, y = data
        X = X.reshape(-1, 8, 8)[:, :, 1:7]
        classifier.set_params(augmentation=0.5).fit(X, y)
        assert classifier.image_shape_ == (8, 6)

    def test_raw_pixels_of_integers(self, classifier, data):
        X, y = data
        raw = (255 * X).astype("uint8")
        classifier.set_params(augmentation=0.5, epochs=1).fit(raw, y)
        assert classifier.n_epochs_ == 1

    def test_float64(self, classifier, data):
        classifier.set_params(augmentation=0.5, precision="float64").fit(*data)
        assert classifier.predict_proba(data[0]).dtype == np.float64

    def test_searching_and_cross_validation(self, classifier, data):
        X, y = data[0][:200], data[1][:200]
        pipe = make_pipeline(PixelScaler(), classifier)
        name = f"{type(classifier).__name__.lower()}__augmentation"
        pipe.set_params(**{name: DigitAugmenter()})
        search = GridSearchCV(
            pipe, {f"{name}__rotation": [0, 10]}, cv=2, error_score="raise"
        ).fit(X, y)
        assert search.best_params_[f"{name}__rotation"] in (0, 10)
        search = GridSearchCV(pipe, {name: [None, 0.5]}, cv=2, error_score="raise")
        assert np.isfinite(cross_val_score(search, X, y, cv=2)).all()


class TestAverageOverCopies:
    def test_is_off_by_default(self, classifier, data):
        classifier.set_params(augmentation=0.5).fit(*data)
        alone = classifier.predict_proba(data[0])
        averaged = classifier.set_params(test_time_augmentation=4).predict_proba(
            data[0]
        )
        assert not np.allclose(alone, averaged)
        np.testing.assert_allclose(averaged.sum(axis=1), 1, rtol=1e-5)
        assert (alone.argmax(axis=1) == averaged.argmax(axis=1)).mean() > 0.8

    def test_does_not_depend_on_the_other_images(self, classifier, data):
        classifier.set_params(augmentation=0.5, test_time_augmentation=3).fit(*data)
        together = classifier.predict_proba(data[0])
        alone = np.concatenate([classifier.predict_proba(x[None]) for x in data[0][:9]])
        np.testing.assert_allclose(alone, together[:9], atol=1e-5)

    def test_has_no_effect_without_augmentation(self, classifier, data):
        plain = clone(classifier).fit(*data).predict_proba(data[0])
        classifier.set_params(test_time_augmentation=2).fit(*data)
        assert_array_equal(classifier.predict_proba(data[0]), plain)

    @pytest.mark.parametrize("value", [-1, 1.5, None])
    def test_bad_numbers(self, value, classifier, data):
        message = "'test_time_augmentation' parameter"
        with pytest.raises(ValueError, match=message):
            classifier.set_params(test_time_augmentation=value).fit(*data)


class TestBadInput:
    @pytest.mark.parametrize("value", [0, -1, 1.1, "strong", True, DigitAugmenter])
    def test_parameter(self, value, classifier, data):
        with pytest.raises(ValueError, match="'augmentation' parameter"):
            classifier.set_params(augmentation=value).fit(*data)

    def test_parameters_of_the_augmenter(self, classifier, data):
        classifier.set_params(augmentation=DigitAugmenter(rotation=-3))
        with pytest.raises(ValueError, match="'rotation' parameter"):
            classifier.fit(*data)
        assert not hasattr(classifier, "classes_")

    def test_parameters_with_samples_that_are_no_images(self, classifier, data):
        X, y = data[0][:, :30], data[1]
        for value in (True, DigitAugmenter(7)):
            with pytest.raises(ValueError, match="parameter"):
                classifier.set_params(augmentation=value).fit(X, y)

    def test_augmenters_of_another_kind(self, classifier, data):
        class Reversed(DigitAugmenter):
            def prepare(self, X, classes=None):
                return lambda batch, rng, codes: batch[::-1].copy()

        with pytest.raises(TypeError, match=r"augmentation.prepare must return what"):
            classifier.set_params(augmentation=Reversed()).fit(*data)

    @pytest.mark.filterwarnings("ignore:X has 60 pixels for each image")
    def test_samples_that_are_no_images_stay_as_they_are(self, classifier, data):
        X, y = data[0][:, :60], data[1]
        plain = clone(classifier).fit(X, y).predict_proba(X)
        classifier.set_params(augmentation=0.5, test_time_augmentation=2)
        with pytest.warns(UserWarning, match="X has 60 features, .* no augmentation"):
            classifier.fit(X, y)
        assert_array_equal(classifier.predict_proba(X), plain)

    def test_samples_too_small_for_digits_stay_as_they_are(self, classifier, data):
        X, y = data[0][:, :30], data[1]
        plain = clone(classifier).fit(X, y).predict_proba(X)
        classifier.set_params(augmentation=0.5, test_time_augmentation=2)
        assert_array_equal(classifier.fit(X, y).predict_proba(X), plain)


@pytest.mark.parametrize("augmentation", [None, 0.5])
def test_parameters_of_an_augmenter_that_is_missing(augmentation, classifier):
    classifier.set_params(augmentation=augmentation)
    message = "'augmentation__rotation' .* Set augmentation=DigitAugmenter"
    with pytest.raises(ValueError, match=message):
        classifier.set_params(augmentation__rotation=3)
    classifier.set_params(augmentation=DigitAugmenter(), augmentation__rotation=3)
    assert classifier.augmentation.rotation == 3
