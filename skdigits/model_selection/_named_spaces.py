"""Ready spaces of parameters for the digit classifiers."""

from collections.abc import Callable
from typing import Any

from optuna.trial import BaseTrial

from skdigits.estimators import ANNClassifier, CNNClassifier

Params = dict[str, Any]


def dense_layers(trial: BaseTrial, *, most_layers: int, most_units: int) -> Params:
    """Return the widths and the dropout of some dense layers."""
    numbers = range(1, 1 + trial.suggest_int("n_dense", 1, most_layers))
    return {
        "hidden_layer_sizes": tuple(
            trial.suggest_int(f"units_{i}", 16, most_units, log=True) for i in numbers
        ),
        "dropout": [
            round(trial.suggest_float(f"dropout_{i}", 0, 0.5, step=0.1), 1)
            for i in numbers
        ],
    }


def training(trial: BaseTrial) -> Params:
    """Return how fast to learn."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 5e-4, 2e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64, 128]),
    }


def ann_space(trial: BaseTrial) -> Params:
    """Return parameters of an `ANNClassifier` of one to four hidden layers."""
    return dense_layers(trial, most_layers=4, most_units=512) | training(trial)


def cnn_space(trial: BaseTrial) -> Params:
    """Return parameters of a `CNNClassifier` of one to two convolutional layers."""
    numbers = range(1, 1 + trial.suggest_int("n_conv", 1, 2))
    dense = dense_layers(trial, most_layers=1, most_units=256)
    dropout = round(trial.suggest_float("dropout_conv", 0, 0.3, step=0.1), 1)
    return (
        dense
        | training(trial)
        | {
            "filters": tuple(
                trial.suggest_int(f"filters_{i}", 8, 64, log=True) for i in numbers
            ),
            "kernel_size": trial.suggest_categorical("kernel_size", [3, 5]),
            "dropout": [dropout for _ in numbers] + dense["dropout"],
        }
    )


READY: dict[str, Callable[[BaseTrial], Params]] = {"ann": ann_space, "cnn": cnn_space}


def suggestions_of(params: Params) -> Params:
    """Return what a ready space would have to suggest for some parameters.

    Examples
    --------
    >>> suggestions_of({"hidden_layer_sizes": (64,), "dropout": [0.2]})
    {'n_dense': 1, 'n_conv': 0, 'units_1': 64, 'dropout_1': 0.2}
    """
    filters = tuple(params.get("filters", ()))
    widths, dropout = tuple(params["hidden_layer_sizes"]), list(params["dropout"])
    return {
        "n_dense": len(widths),
        "n_conv": len(filters),
        **{f"filters_{i}": n for i, n in enumerate(filters, 1)},
        **{f"units_{i}": n for i, n in enumerate(widths, 1)},
        **({"dropout_conv": dropout[0]} if filters else {}),
        **{f"dropout_{i}": p for i, p in enumerate(dropout[len(filters) :], 1)},
    }


def prefix_of_classifier(name: str, known: Params) -> str:
    """Return what comes before the parameters of the one classifier of a kind.

    Raises
    ------
    LookupError
        If there is none or several; with their number.
    """
    prefixes = [
        prefix
        for prefix in prefixes_of_classifiers(known)
        if (f"{prefix}filters" in known) == (name == "cnn")
    ]
    if len(prefixes) != 1:
        raise LookupError(len(prefixes))
    return prefixes[0]


def prefixes_of_classifiers(known: Params) -> list[str]:
    """Return what comes before the parameters of each digit classifier."""
    prefixes = [
        param.removesuffix("hidden_layer_sizes")
        for param in known
        if param.split("__")[-1] == "hidden_layer_sizes"
    ]
    return [prefix for prefix in prefixes if f"{prefix}dropout" in known]


def newcomer(name: str, predecessor: Any) -> Any:
    """Return a classifier of another kind, with the settings that both have."""
    new = {"ann": ANNClassifier, "cnn": CNNClassifier}[name]()
    if not isinstance(predecessor, ANNClassifier | CNNClassifier):
        return new
    default = type(predecessor)().get_params(deep=False)
    known = new.get_params(deep=False)
    return new.set_params(
        **{
            param: value
            for param, value in predecessor.get_params(deep=False).items()
            if param in known and value is not default[param]
        }
    )
