"""Changes to the configuration of a model, as Keras writes it to JSON."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from skdigits.estimators._spec import configs_of_layers

Config = dict[str, Any]


def rename_layers(model: Config) -> None:
    """Rename the layers that Keras named by how many it had made before.

    Two models with the same layers then have the same configuration. Names that the
    user chose stay.
    """
    layers = model["config"].get("layers", [])
    old_names = [layer["config"].get("name") for layer in layers]
    numbers: Counter[str] = Counter()
    new_names: dict[str, str] = {}
    for layer, name in zip(layers, old_names, strict=True):
        rename_layers(layer)
        kind = snake_case(layer["class_name"])
        if name is not None and re.fullmatch(rf"{re.escape(kind)}(_\d+)?", name):
            numbers[kind] += 1
            new_names[name] = f"{kind}_{numbers[kind]}"
    for layer in layers:
        for named in (layer, layer["config"]):
            if named.get("name") in new_names:
                named["name"] = new_names[named["name"]]
    if not layers:
        for wrapped in configs_of_layers(model):
            kind, name = snake_case(wrapped["class_name"]), wrapped["config"]["name"]
            wrapped["config"]["name"] = re.sub(rf"{re.escape(kind)}_\d+$", kind, name)
    for history in _references(model["config"]):
        history[0] = new_names.get(history[0], history[0])


def _references(config: Config) -> Iterator[list[Any]]:
    """Yield each reference to a layer's output, which begins with the layer's name."""
    for name in ("input_layers", "output_layers"):
        for part in _parts(config.get(name, [])):
            if isinstance(part, list) and part and isinstance(part[0], str):
                yield part
    for layer in config.get("layers", []):
        for part in _parts(layer.get("inbound_nodes", [])):
            if isinstance(part, dict) and "keras_history" in part:
                yield part["keras_history"]


def _parts(value: Any) -> Iterator[Any]:
    """Yield a part of a configuration, and all parts within it."""
    yield value
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _parts(part)


def snake_case(name: str) -> str:
    """Return the name that Keras gives to a layer of a class.

    Examples
    --------
    >>> [snake_case(name) for name in ("GlobalAveragePooling2D", "ReLU", "ConvLSTM2D")]
    ['global_average_pooling2d', 're_lu', 'conv_lstm2d']
    """
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def set_dtypes(model: Config, old: str, hidden: str, output: str) -> None:
    """Set the dtype of the layers that have the ``old`` one, in place.

    The last layer and the one before it, which softmax follows, get that of the
    ``output``. So does the input, whatever its dtype, because integers would round
    pixels in [0, 1] down to 0.
    """
    layers = [c for c in configs_of_layers(model) if "layers" not in c["config"]]
    for i, layer in enumerate(layers):
        new = output if i >= len(layers) - 2 else hidden
        config = layer["config"]
        policy = config.get("dtype")
        if layer["class_name"] == "InputLayer":
            config["dtype"] = output
        elif policy == old:
            config["dtype"] = new
        elif isinstance(policy, dict) and policy["config"].get("name") == old:
            policy["config"]["name"] = new


def replace_dropout(model: Config, registered_name: str) -> None:
    """Let another class, registered under a name, be Keras' Dropout."""
    for layer in configs_of_layers(model):
        if layer["class_name"] == "Dropout" and layer["module"] == "keras.layers":
            layer["registered_name"] = registered_name
            layer["module"] = None


def fill_seeds(value: Any, draw: Callable[[], int]) -> None:
    """Set each seed that is None, in a configuration or a part of it."""
    if isinstance(value, list):
        for part in value:
            fill_seeds(part, draw)
    elif isinstance(value, dict):
        for name, part in value.items():
            if name == "seed" and part is None:
                value[name] = draw()
            else:
                fill_seeds(part, draw)
