"""Spaces of parameters: ready ones by name, dicts, functions, and lists of these."""

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
from skdigits.model_selection._choice_names import (
    TrialOfAnyChoice,
    TrialOfOneSpace,
    names_of,
    prefix_of,
)
from skdigits.model_selection._fingerprint import (
    brought_along,
    name_of_function,
    without_addresses,
)
from skdigits.model_selection._named_spaces import (
    READY,
    newcomer,
    prefix_of_classifier,
    prefixes_of_classifiers,
    suggestions_of,
)

Params = dict[str, Any]
SpaceFunction = Callable[[BaseTrial], Params]

_WHICH = "space"  # what Optuna calls the choice among several


class Space(NamedTuple):
    """Which parameters there are.

    Attributes
    ----------
    suggest : callable
        Returns parameters for a trial.
    identity : str
        What has to be the same for two searches to be one; see `is_same_space`.
    details : str
        What else tells it from other spaces, as long as nothing says that it is one.
    answers : callable
        Returns, for all the parameters of an estimator, what Optuna may have to suggest
        for `suggest` to return them, in one way or in several.
    label : str
        What it is called among others.
    """

    suggest: SpaceFunction
    identity: str
    details: str
    answers: Callable[[Params], Iterable[Params]]
    label: str


def make_space(space: Any, estimator: Any) -> Space:
    """Return the space that the parameter ``space`` of a search stands for.

    Raises
    ------
    ValueError
        If it is an unknown name, if the estimator has no such classifier or no such
        parameter.
    TypeError
        If it is nothing of the kind.
    """
    if isinstance(space, list | tuple):
        return _one_of(space, estimator)
    if isinstance(space, str):
        return _ready_space(space, estimator)
    return _own_space(space, estimator)


def is_same_space(theirs: str, ours: str) -> bool:
    """Return whether a study of a space can go on with another one.

    So it is if they have the same names, and Optuna allows what differs: the bounds of
    numbers, and whatever functions of the same name suggest.
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


def _own_space(space: Any, estimator: Any) -> Space:
    if isinstance(space, Mapping):
        return _space_of_distributions(space, estimator)
    if callable(space):
        name = name_of_function(space)
        return Space(
            partial(_checked, space, estimator),
            name,
            brought_along(space),
            _by_name,
            name.split(".")[-1],
        )
    raise TypeError(
        f"space must be one of {sorted(READY)}, a dict of Optuna's distributions, a "
        f"function of a trial or a list of these; got {space!r}."
    )


def _one_of(spaces: Sequence[Any], estimator: Any) -> Space:
    if not spaces:
        raise ValueError("space must have at least one space in its list; got none.")
    members = [
        _ready_space(space, estimator, may_replace=True)
        if isinstance(space, str)
        else _own_space(space, estimator)
        for space in spaces
    ]
    labels = names_of([member.label for member in members])
    by_label = dict(zip(labels, members, strict=True))

    def suggest(trial: BaseTrial) -> Params:
        label: Any = trial.suggest_categorical(_WHICH, labels)
        part: Any = TrialOfOneSpace(trial, label)
        return by_label[label].suggest(part)

    def answers(params: Params) -> Iterator[Params]:
        for label, member in by_label.items():
            for answer in member.answers(params):
                named = {prefix_of(label) + n: value for n, value in answer.items()}
                yield {_WHICH: label, **named}

    return Space(
        suggest,
        json.dumps([member.identity for member in members]),
        json.dumps([member.details for member in members]),
        answers,
        _WHICH,
    )


def _ready_space(name: str, estimator: Any, *, may_replace: bool = False) -> Space:
    if name not in READY:
        raise ValueError(f"space must be one of {sorted(READY)}; got {name!r}.")
    known = estimator.get_params(deep=True)
    replaced: Params = {}
    try:
        prefix = prefix_of_classifier(name, known)
    except LookupError as error:
        step = _step_to_replace(estimator, known) if may_replace else None
        if step is None:
            or_a_step = ", or a pipeline to put one into" if may_replace else ""
            raise ValueError(
                f"space={name!r} needs an estimator with one {name.upper()}Classifier "
                f"in it{or_a_step}; {type(estimator).__name__} has {error}."
            ) from None
        prefix = f"{step}__"
        replaced = {step: newcomer(name, known[step])}

    def suggest(trial: BaseTrial) -> Params:
        params = READY[name](trial)
        return replaced | {f"{prefix}{param}": value for param, value in params.items()}

    def answers(params: Params) -> list[Params]:
        own = {
            param.removeprefix(prefix): value
            for param, value in params.items()
            if param.startswith(prefix)
        }
        return [own | suggestions_of(own)]

    return Space(suggest, name, "", answers, name)


def _step_to_replace(estimator: Any, known: Params) -> str | None:
    """Return the step of a pipeline that is to be a digit classifier, if one can be."""
    steps = [p.removesuffix("__") for p in prefixes_of_classifiers(known) if p]
    if not steps and hasattr(estimator, "steps"):
        steps = [estimator.steps[-1][0]]
    return steps[0] if len(steps) == 1 else None


def _space_of_distributions(space: Mapping[str, Any], estimator: Any) -> Space:
    if not space:
        raise ValueError("space must have at least one parameter; got none.")
    for name, entry in space.items():
        if not isinstance(entry, BaseDistribution) and not _is_estimator(entry):
            raise TypeError(
                f"space[{name!r}] must be one of Optuna's distributions, such as "
                "FloatDistribution(0, 1) or CategoricalDistribution([16, 32]) of "
                f"optuna.distributions, or an estimator; got {entry!r}."
            )
    _check_names(space, estimator)
    options = [option for entry in space.values() for option in _options(entry)]
    estimators = dict.fromkeys(type(o).__name__ for o in options if _is_estimator(o))
    return Space(
        partial(_suggest_all, dict(space)),
        json.dumps({name: _as_text(entry) for name, entry in space.items()}),
        "",
        _by_name,
        ", ".join(estimators) or "dict",
    )


def _check_names(space: Mapping[str, Any], estimator: Any) -> None:
    """Raise ValueError unless a dict can have all its names, whatever is chosen."""
    options = {name: _options(entry) for name, entry in space.items()}
    for name in space:
        # What may bring a parameter with it: what it belongs to, and lists of steps.
        before = [
            other
            for other, choices in options.items()
            if str(name).startswith(f"{other}__")
            or (other != name and any(map(_is_list_of_steps, choices)))
        ]
        for chosen in product(*(options[other] for other in before)):
            params = dict(zip(before, chosen, strict=True))
            params[name] = options[name][0]
            check_params(params, estimator, of="space")


def _options(entry: Any) -> tuple[Any, ...]:
    if isinstance(entry, CategoricalDistribution):
        return entry.choices
    return (getattr(entry, "low", entry),)


def _is_list_of_steps(choice: Any) -> bool:
    return isinstance(choice, list) and any(isinstance(c, tuple) for c in choice)


def _is_estimator(entry: Any) -> bool:
    return hasattr(entry, "get_params") and not isinstance(entry, type)


def _as_text(entry: Any) -> str:
    """Return a distribution as a storage keeps it, or what an estimator is."""
    if isinstance(entry, CategoricalDistribution):
        entry = CategoricalDistribution(names_of(entry.choices))
    is_distribution = isinstance(entry, BaseDistribution)
    return distribution_to_json(entry) if is_distribution else without_addresses(entry)


def _by_name(params: Params) -> list[Params]:
    """Return parameters by their names, and by those without what they belong to."""
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
        return TrialOfAnyChoice(trial).suggest_categorical(name, choices)
    low, high, step = distribution.low, distribution.high, distribution.step
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(name, low, high, step=step, log=distribution.log)
    return trial.suggest_float(name, low, high, step=step, log=distribution.log)


def _checked(space: SpaceFunction, estimator: Any, trial: BaseTrial) -> Params:
    of_any_choice: Any = TrialOfAnyChoice(trial)
    params = space(of_any_choice)
    if not isinstance(params, dict):
        raise TypeError(
            "space must be a function that returns a dict of parameters; "
            f"{space!r} returned {params!r}."
        )
    check_params(params, estimator, of="space")
    return clone(params, safe=False)  # the function may go on with its own
