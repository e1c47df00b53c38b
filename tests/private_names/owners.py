"""Objects of other libraries that must have the names that skdigits uses of them."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any


def estimator_class() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression


def grid_search() -> Any:
    from sklearn.model_selection import GridSearchCV

    return GridSearchCV(estimator_class()(), {"C": [1.0]})


def scorer_of_two_metrics() -> Any:
    from sklearn.metrics import check_scoring

    return check_scoring(estimator_class()(), ["accuracy", "neg_log_loss"])


def adam() -> Any:
    import keras

    optimizer = keras.optimizers.Adam()
    optimizer.build([keras.Variable([0.0])])
    return optimizer


def network() -> Any:
    import keras

    layers = keras.layers
    model = keras.Sequential(
        [keras.Input((2,)), layers.Dense(2), layers.BatchNormalization()]
    )
    model.add(layers.Dropout(0.5))
    model.compile("adam", "mse")
    return model


def variables_by_name() -> Any:
    return SimpleNamespace(**{v.name: v for v in network().variables})


def dropout() -> Any:
    return network().layers[-1]


def mean() -> Any:
    import keras

    return keras.metrics.Mean()


def layer_of_a_claimed_class() -> Any:
    """Return a layer whose ``__class__`` Keras writes in place of its class."""
    import keras

    class Claimant(keras.layers.Dropout):
        __class__ = property(lambda self: keras.layers.Dropout)

    layer = Claimant(0.5)
    if keras.saving.serialize_keras_object(layer)["class_name"] != "Dropout":
        raise AttributeError("Keras does not write __class__")
    return layer


def loaded_with_tensorflow(name: str) -> Any:
    import tensorflow  # noqa: F401  as users do, without the dotted name

    return sys.modules[name]


def context_module() -> Any:
    return loaded_with_tensorflow("tensorflow.python.eager.context")


def context() -> Any:
    return context_module().context()


def port_module() -> Any:
    return loaded_with_tensorflow("tensorflow.python.util._pywrap_util_port")


def concrete_function() -> Any:
    import tensorflow as tf

    return tf.function(lambda x: {"x": x}).get_concrete_function(tf.TensorSpec([2]))


def tensorflow_variable() -> Any:
    import tensorflow as tf

    return tf.Variable(0.0)


def study() -> Any:
    import optuna

    return optuna.create_study()


def trial() -> Any:
    return study().ask()


def finished_trial() -> Any:
    from optuna.trial import create_trial

    return create_trial(value=0.0)


def storage() -> Any:
    from optuna.storages import RDBStorage

    return RDBStorage("sqlite:///:memory:")


def grid_sampler() -> Any:
    from optuna.samplers import GridSampler

    return GridSampler({"x": [1, 2]})


def system_attrs_of_enqueued_trial() -> Any:
    enqueued = study()
    enqueued.enqueue_trial({"x": 1})
    return SimpleNamespace(**enqueued.trials[0].system_attrs)


def first_line_of_journal() -> Any:
    import optuna
    from optuna.storages.journal import JournalFileBackend

    with TemporaryDirectory() as folder:
        path = Path(folder, "journal")
        backend = JournalFileBackend(str(path))
        optuna.create_study(storage=optuna.storages.JournalStorage(backend))
        return SimpleNamespace(**json.loads(path.read_text().splitlines()[0]))
