"""Trials that are passed to spaces in place of Optuna's own."""

from collections.abc import Callable, Iterable
from typing import Any

from optuna.distributions import CategoricalDistribution
from optuna.study import Study
from optuna.trial import BaseTrial, FixedTrial

from skdigits.model_selection._choice_names import choice_names


class ReplayedTrial(FixedTrial):
    """A finished trial whose parameters are made again from its suggestions."""

    def __init__(
        self,
        params: dict[str, Any],
        number: int,
        earlier_study: Callable[[], Study] | None = None,
    ) -> None:
        super().__init__(params, number)
        self._earlier_study = earlier_study

    @property
    def study(self) -> Study:
        """The study as it was when the trial began."""
        if self._earlier_study is None:
            raise AttributeError("This trial has no study.")
        return self._earlier_study()


class AnyChoiceTrial:
    """An Optuna trial that takes categorical choices of any type.

    The study stores the names of the choices. A space function can use only attributes
    of a `ReplayedTrial`, because its parameters may have to be made again.
    """

    def __init__(self, trial: BaseTrial) -> None:
        self._trial = trial

    def __getattr__(self, name: str) -> Any:
        if not hasattr(ReplayedTrial, name):
            raise AttributeError(
                f"The trial of a space function has no attribute {name!r}."
            )
        return getattr(self._trial, name)

    def suggest_categorical(self, name: str, choices: Iterable[Any]) -> Any:
        """Return one of the choices."""
        choices = tuple(choices)
        names = choice_names(choices)
        suggested = self._trial.suggest_categorical(name, names)
        return choices[int(CategoricalDistribution(names).to_internal_repr(suggested))]


class PrefixedTrial:
    """An Optuna trial as one space of a list sees it.

    The study stores the suggestions under names with a prefix, which keeps them apart
    from those of the other spaces.
    """

    def __init__(self, trial: Any, label: str) -> None:
        self._trial = trial
        self._prefix = name_prefix(label)

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._trial, attribute)
        if attribute.startswith("suggest_"):
            return lambda name, *args, **kwargs: value(
                self._prefix + name, *args, **kwargs
            )
        if attribute in ("params", "distributions"):
            return {
                name.removeprefix(self._prefix): entry
                for name, entry in value.items()
                if name.startswith(self._prefix)
            }
        return value


def name_prefix(label: str) -> str:
    """Return the prefix of the names that one space of a list has in the study.

    Examples
    --------
    >>> name_prefix("ann") + "learning_rate"
    'ann: learning_rate'
    """
    return f"{label}: "
