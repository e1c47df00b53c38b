"""The spaces "ann" and "cnn" for the digit classifiers."""

from collections.abc import Callable
from numbers import Integral
from typing import Any

from optuna.trial import BaseTrial

from skdigits.estimators import ANNClassifier, CNNClassifier

Params = dict[str, Any]

_STRENGTHS = [None, 0.25, 0.5, 1.0]  # of augmentation


def dense_params(trial: BaseTrial, *, max_layers: int, max_units: int) -> Params:
    """Suggest the number of dense layers, their widths and their dropout."""
    numbers = range(1, 1 + trial.suggest_int("n_dense", 1, max_layers))
    return {
        "hidden_layer_sizes": tuple(
            trial.suggest_int(f"units_{i}", 16, max_units, log=True) for i in numbers
        ),
        "dropout": [
            round(trial.suggest_float(f"dropout_{i}", 0, 0.5, step=0.1), 1)
            for i in numbers
        ],
    }


def training_params(trial: BaseTrial) -> Params:
    """Suggest how to train: the steps, and what keeps them from overfitting."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 2e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64, 128]),
        "label_smoothing": trial.suggest_float("label_smoothing", 0, 0.1, step=0.05),
        "weight_averaging": trial.suggest_categorical("weight_averaging", [None, 0.99]),
        "augmentation": trial.suggest_categorical("augmentation", _STRENGTHS),
    }


def ann_space(trial: BaseTrial) -> Params:
    """Suggest parameters of an `ANNClassifier` with one to four hidden layers."""
    return dense_params(trial, max_layers=4, max_units=512) | training_params(trial)


def cnn_space(trial: BaseTrial) -> Params:
    """Suggest parameters of a `CNNClassifier` with one or two convolutional blocks."""
    numbers = range(1, 1 + trial.suggest_int("n_conv", 1, 2))
    n_in_block = trial.suggest_int("n_conv_in_block", 1, 2)
    dense = dense_params(trial, max_layers=1, max_units=256)
    dropout = round(trial.suggest_float("dropout_conv", 0, 0.3, step=0.1), 1)
    filters = [trial.suggest_int(f"filters_{i}", 8, 64, log=True) for i in numbers]
    return (
        dense
        | training_params(trial)
        | {
            "filters": tuple(
                n if n_in_block == 1 else (n,) * n_in_block for n in filters
            ),
            "kernel_size": trial.suggest_categorical("kernel_size", [3, 5]),
            "global_average_pooling": trial.suggest_categorical(
                "global_average_pooling", [False, True]
            ),
            "dropout": [dropout for _ in numbers] + dense["dropout"],
        }
    )


NAMED_SPACES: dict[str, Callable[[BaseTrial], Params]] = {
    "ann": ann_space,
    "cnn": cnn_space,
}


def suggestions_for(params: Params) -> Params:
    """Return the suggestions from which a named space would make some parameters.

    Examples
    --------
    >>> suggestions_for({"hidden_layer_sizes": (64,), "dropout": [0.2]})
    {'n_dense': 1, 'units_1': 64, 'dropout_1': 0.2}
    """
    blocks = [
        (block,) if isinstance(block, Integral) else tuple(block)
        for block in params.get("filters", ())
    ]
    widths, dropout = tuple(params["hidden_layer_sizes"]), list(params["dropout"])
    of_blocks = (
        {
            "n_conv": len(blocks),
            "n_conv_in_block": len(blocks[0]),
            "dropout_conv": dropout[0],
            **{f"filters_{i}": block[0] for i, block in enumerate(blocks, 1)},
        }
        if blocks
        else {}
    )
    return of_blocks | {
        "n_dense": len(widths),
        **{f"units_{i}": n for i, n in enumerate(widths, 1)},
        **{f"dropout_{i}": p for i, p in enumerate(dropout[len(blocks) :], 1)},
    }


def classifier_prefixes(estimator_params: Params, name: str | None = None) -> list[str]:
    """Return the prefix of the parameters of each digit classifier in an estimator.

    With a name, "ann" or "cnn", only classifiers of this kind are included.

    Examples
    --------
    >>> from skdigits import make_digit_pipeline
    >>> classifier_prefixes(make_digit_pipeline("cnn").get_params())
    ['cnnclassifier__']
    >>> classifier_prefixes(make_digit_pipeline("cnn").get_params(), "ann")
    []
    """
    prefixes = [
        param.removesuffix("hidden_layer_sizes")
        for param in estimator_params
        if param.split("__")[-1] == "hidden_layer_sizes"
    ]
    return [
        prefix
        for prefix in prefixes
        if f"{prefix}dropout" in estimator_params
        and name in (None, "cnn" if f"{prefix}filters" in estimator_params else "ann")
    ]


def replacement_classifier(name: str, replaced: Any) -> Any:
    """Return a classifier of another kind with the settings that both kinds have."""
    new = {"ann": ANNClassifier, "cnn": CNNClassifier}[name]()
    if not isinstance(replaced, ANNClassifier | CNNClassifier):
        return new
    default = type(replaced)().get_params(deep=False)
    shared = new.get_params(deep=False)
    return new.set_params(
        **{
            param: value
            for param, value in replaced.get_params(deep=False).items()
            if param in shared and value is not default[param]
        }
    )
