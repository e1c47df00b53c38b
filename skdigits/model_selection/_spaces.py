"""Search spaces: a name, a dict of distributions, a function, or a list of these."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    IntDistribution,
    check_distribution_compatibility,
    distribution_to_json,
    json_to_distribution,
)
from optuna.trial import BaseTrial
from sklearn.base import clone

from skdigits.model_selection._check_params import check_params
from skdigits.model_selection._choice_names import choice_names
from skdigits.model_selection._fingerprint import (
    bound_values,
    function_name,
    stable_repr,
)
from skdigits.model_selection._named_spaces import (
    NAMED_SPACES,
    Params,
    classifier_prefixes,
    replacement_classifier,
    suggestions_for,
)
from skdigits.model_selection._space_trials import (
    AnyChoiceTrial,
    PrefixedTrial,
    name_prefix,
)

SpaceFunction = Callable[[BaseTrial], Params]

_WHICH_SPACE = "space"  # the name of the choice among several spaces in the study


class Space(NamedTuple):
    """A search space.

    Attributes
    ----------
    suggest : callable
        Takes a trial and returns parameters.
    identity : str
        What must be equal for two searches to share a study; see `is_same_space`.
    details : str
        What else distinguishes it from other spaces if the study has no name.
    possible_suggestions : callable
        Takes all parameters of an estimator and returns one or several dicts of
        suggestions from which `suggest` may make them.
    label : str
        Its name in a list of spaces.
    """

    suggest: SpaceFunction
    identity: str
    details: str
    possible_suggestions: Callable[[Params], Iterable[Params]]
    label: str


def make_space(space: Any, estimator: Any) -> Space:
    """Return the space described by the parameter ``space`` of a search.

    Raises
    ------
    ValueError
        If it is an unknown name, or if the estimator does not have its classifier or
        one of its parameters.
    TypeError
        If it is of another type.
    """
    if isinstance(space, list | tuple):
        return _list_space(space, estimator)
    if isinstance(space, str):
        return _named_space(space, estimator)
    return _custom_space(space, estimator)


def is_same_space(theirs: str, ours: str) -> bool:
    """Return whether a study of one space can be resumed with another one.

    Both must have the same names, and Optuna must allow what differs: the bounds of
    numbers, and anything that functions of the same name suggest.
    """
    if theirs == ours:
        return True
    try:
        them, us = json.loads(theirs), json.loads(ours)
        if isinstance(them, list) and isinstance(us, list):
            pairs: Iterable[tuple[str, str]] = zip(them, us, strict=True)
        else:
            if them.keys() != us.keys():
                return False
            if "name" in us:
                old, new = map(json_to_distribution, (theirs, ours))
                check_distribution_compatibility(old, new)
                return not isinstance(new, CategoricalDistribution)
            pairs = ((them[name], us[name]) for name in us)
        return all(is_same_space(*pair) for pair in pairs)
    except (AttributeError, TypeError, ValueError):
        return False


def _custom_space(space: Any, estimator: Any) -> Space:
    if isinstance(space, Mapping):
        return _dict_space(space, estimator)
    if callable(space):
        name = function_name(space)
        return Space(
            partial(_call_function, space, estimator),
            name,
            bound_values(space),
            _suggestions_by_name,
            name.split(".")[-1],
        )
    raise TypeError(
        f"space must be one of {sorted(NAMED_SPACES)}, a dict of Optuna distributions, "
        f"a function of a trial, or a list of these; got {space!r}."
    )


def _list_space(spaces: Sequence[Any], estimator: Any) -> Space:
    if not spaces:
        raise ValueError("space must be a list of at least one space; got none.")
    members = [
        _named_space(space, estimator, may_replace=True)
        if isinstance(space, str)
        else _custom_space(space, estimator)
        for space in spaces
    ]
    labels = choice_names([member.label for member in members])
    by_label = dict(zip(labels, members, strict=True))

    def suggest(trial: BaseTrial) -> Params:
        label: Any = trial.suggest_categorical(_WHICH_SPACE, labels)
        prefixed: Any = PrefixedTrial(trial, label)
        return by_label[label].suggest(prefixed)

    def possible_suggestions(params: Params) -> Iterator[Params]:
        for label, member in by_label.items():
            for suggestions in member.possible_suggestions(params):
                prefixed = {name_prefix(label) + n: v for n, v in suggestions.items()}
                yield {_WHICH_SPACE: label, **prefixed}

    return Space(
        suggest,
        json.dumps([member.identity for member in members]),
        json.dumps([member.details for member in members]),
        possible_suggestions,
        _WHICH_SPACE,
    )


def _named_space(name: str, estimator: Any, *, may_replace: bool = False) -> Space:
    """Return the space "ann" or "cnn" for the classifier of this kind.

    If there is none, it may replace another digit classifier or the last step.
    """
    if name not in NAMED_SPACES:
        raise ValueError(f"space must be one of {sorted(NAMED_SPACES)}; got {name!r}.")
    own_params = estimator.get_params(deep=True)
    replacement: Params = {}
    prefixes = classifier_prefixes(own_params, name)
    if len(prefixes) == 1:
        prefix = prefixes[0]
    else:
        step = _step_to_replace(estimator, own_params) if may_replace else None
        if step is None:
            or_pipeline = ", or be a pipeline to place one in," if may_replace else ""
            raise ValueError(
                f"estimator must contain exactly one {name.upper()}Classifier"
                f"{or_pipeline} for space={name!r}; got {type(estimator).__name__} "
                f"with {len(prefixes)}."
            )
        prefix = f"{step}__"
        replacement = {step: replacement_classifier(name, own_params[step])}

    def suggest(trial: BaseTrial) -> Params:
        params = NAMED_SPACES[name](trial)
        return replacement | {f"{prefix}{n}": value for n, value in params.items()}

    def possible_suggestions(params: Params) -> list[Params]:
        of_classifier = {
            param.removeprefix(prefix): value
            for param, value in params.items()
            if param.startswith(prefix)
        }
        return [of_classifier | suggestions_for(of_classifier)]

    return Space(suggest, name, "", possible_suggestions, name)


def _step_to_replace(estimator: Any, own_params: Params) -> str | None:
    """Return the step of a pipeline to replace by a digit classifier, None without."""
    steps = [p.removesuffix("__") for p in classifier_prefixes(own_params) if p]
    if not steps and hasattr(estimator, "steps"):
        steps = [estimator.steps[-1][0]]
    return steps[0] if len(steps) == 1 else None


def _dict_space(space: Mapping[str, Any], estimator: Any) -> Space:
    if not space:
        raise ValueError("space must be a dict of at least one parameter; got none.")
    for name, entry in space.items():
        if not isinstance(entry, BaseDistribution) and not _is_estimator(entry):
            raise TypeError(
                f"space[{name!r}] must be an Optuna distribution, such as "
                "optuna.distributions.FloatDistribution(0, 1) or "
                f"CategoricalDistribution([16, 32]), or an estimator; got {entry!r}."
            )
    _check_names(space, estimator)
    options = [option for entry in space.values() for option in _options(entry)]
    estimators = dict.fromkeys(type(o).__name__ for o in options if _is_estimator(o))
    return Space(
        partial(_suggest_all, dict(space)),
        json.dumps({name: _stored_entry(entry) for name, entry in space.items()}),
        "",
        _suggestions_by_name,
        ", ".join(estimators) or "dict",
    )


def _check_names(space: Mapping[str, Any], estimator: Any) -> None:
    """Raise a ValueError unless all names of a dict exist, for every choice."""
    options = {name: _options(entry) for name, entry in space.items()}
    for name in space:
        # A parameter may exist only with a certain parent, or list of steps.
        before = [
            other
            for other, choices in options.items()
            if str(name).startswith(f"{other}__")
            or (other != name and any(map(_is_list_of_steps, choices)))
        ]
        for chosen in product(*(options[other] for other in before)):
            params = dict(zip(before, chosen, strict=True))
            params[name] = options[name][0]
            check_params(params, estimator, source="space")


def _options(entry: Any) -> tuple[Any, ...]:
    """Return all choices of an entry, or the lower bound of a range of numbers."""
    if isinstance(entry, CategoricalDistribution):
        return entry.choices
    return (getattr(entry, "low", entry),)


def _is_list_of_steps(choice: Any) -> bool:
    return isinstance(choice, list) and any(isinstance(c, tuple) for c in choice)


def _is_estimator(entry: Any) -> bool:
    return hasattr(entry, "get_params") and not isinstance(entry, type)


def _stored_entry(entry: Any) -> str:
    """Return a distribution as a storage keeps it, or the repr of an estimator."""
    if isinstance(entry, CategoricalDistribution):
        entry = CategoricalDistribution(choice_names(entry.choices))
    is_distribution = isinstance(entry, BaseDistribution)
    return distribution_to_json(entry) if is_distribution else stable_repr(entry)


def _suggestions_by_name(params: Params) -> list[Params]:
    """Return parameters under their full names and under the last part of these.

    A function is likely to suggest ``clf__max_depth`` as "max_depth".
    """
    short = {name.split("__")[-1]: value for name, value in params.items()}
    return [short | params]


def _suggest_all(entries: dict[str, Any], trial: BaseTrial) -> Params:
    return {
        name: _suggest(trial, name, entry)
        if isinstance(entry, BaseDistribution)
        else entry
        for name, entry in entries.items()
    }


def _suggest(trial: BaseTrial, name: str, distribution: Any) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        choices = distribution.choices
        return AnyChoiceTrial(trial).suggest_categorical(name, choices)
    low, high, step = distribution.low, distribution.high, distribution.step
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    return trial.suggest_float(name, low, high, step=step, log=distribution.log)


def _call_function(space: SpaceFunction, estimator: Any, trial: BaseTrial) -> Params:
    any_choice_trial: Any = AnyChoiceTrial(trial)
    params = space(any_choice_trial)
    if not isinstance(params, dict):
        raise TypeError(
            f"space must return a dict of parameters; got {params!r} from {space!r}."
        )
    check_params(params, estimator, source="space")
    return clone(params, safe=False)  # the function may reuse its objects
