"""Whether a trial continues after a fold, and what is stored when it ends."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from optuna.trial import TrialState

from skdigits.model_selection._fold_result import FoldResult
from skdigits.model_selection._objectives import (
    MEASURES,
    Objective,
    check_available,
    single_score,
)
from skdigits.model_selection._trial_attrs import (
    mean_scores,
    result_attrs,
    scores_by_metric,
)


class TrialOutcome(NamedTuple):
    """The final state of a trial, its objective values and what is stored with it.

    ``constraint_excess`` is how far each constraint is exceeded; it is negative or 0 if
    the constraint is met.
    """

    state: TrialState
    values: Sequence[float] | None
    attrs: dict[str, Any]
    constraint_excess: Mapping[str, float]


class OutcomeRules(NamedTuple):
    """Rules by which the results of its folds decide on a trial.

    ``required`` are the scores that must be finite for a trial to be completed.
    """

    n_splits: int
    objectives: Sequence[Objective]
    required: Sequence[Objective]
    constraints: Mapping[str, float]
    has_pruner: bool
    error_score: float | str

    @property
    def prunes_by_score(self) -> bool:
        """Whether trials are pruned by the only score that is optimized."""
        return self.has_pruner and single_score(self.objectives) is not None

    def state_after(self, results: Sequence[FoldResult]) -> TrialState:
        """Return the state of a trial after its last result; "running" to continue."""
        last = results[-1]
        if last.is_pruned:
            return TrialState.PRUNED
        if not (last.test_scores or np.isfinite(self._failed_score)):
            return TrialState.FAIL
        has_failed = not self._has_required(last.test_scores)
        if has_failed and len(last.test_scores) < 2:
            return TrialState.FAIL
        # If it has other scores, it continues to complete them, and fails in the end.
        is_last = len(results) == self.n_splits
        return TrialState.COMPLETE if is_last else TrialState.RUNNING

    def score_to_prune_by(self, results: Sequence[FoldResult]) -> float | None:
        """Return the mean score so far, None if it does not decide on pruning."""
        if not self.prunes_by_score or results[-1].is_pruned:
            return None
        scores = scores_by_metric(results, "test_scores", self.error_score)
        mean = self._value_of(self.objectives[0], mean_scores(scores))
        return mean if np.isfinite(mean) else None

    def outcome(self, results: Sequence[FoldResult], state: TrialState) -> TrialOutcome:
        """Return the outcome of a trial that ends in a state.

        A completed trial fails if a score or a measure that it needs is missing.
        """
        attrs = result_attrs(results, self.error_score)
        means = mean_scores(attrs["test_scores"])
        measures = {name: attrs[name] for name in MEASURES if name in attrs}
        needed = [o.name for o in self.objectives if o.is_measure]
        needed += self.constraints
        if "error" in attrs and not measures.keys() >= set(needed):
            state = TrialState.FAIL
        if state is TrialState.COMPLETE and not self._has_required(means):
            state = TrialState.FAIL
        if state is TrialState.FAIL:
            attrs.setdefault("error", f"The scores are not finite: {means}")
        if state is not TrialState.COMPLETE:
            attrs.pop("misread", None)  # no report shows them
            return TrialOutcome(state, None, attrs, {})
        check_available(needed, measures, others=means)
        values = [
            float(measures[o.name]) if o.is_measure else self._value_of(o, means)
            for o in self.objectives
        ]
        excess = {
            name: measures[name] - bound for name, bound in self.constraints.items()
        }
        return TrialOutcome(state, values, attrs, excess)

    @property
    def _failed_score(self) -> float:
        return np.nan if self.error_score == "raise" else float(self.error_score)

    def _has_required(self, scores: Mapping[str, float]) -> bool:
        values = [self._value_of(objective, scores) for objective in self.required]
        return bool(np.isfinite(values).all())

    def _value_of(self, objective: Objective, scores: Mapping[str, float]) -> float:
        """Return the score that is an objective; without scores, that of a failure."""
        if not scores:
            return self._failed_score
        name = objective.name_in(scores)
        if objective.is_default and name not in scores:
            raise ValueError(
                "refit must be a function, False, or one of the scores that scoring "
                f"returns, {sorted(scores)}; got no score {name!r}."
            )
        check_available([name], scores)
        return scores[name]
