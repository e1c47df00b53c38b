"""What becomes of a trial, by the outcomes of its folds."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from optuna.trial import TrialState

from skdigits.model_selection._fit_and_score import Outcome
from skdigits.model_selection._objectives import (
    MEASURES,
    Objective,
    check_measured,
    score_of,
)
from skdigits.model_selection._trial_attrs import kept_of, means_of, scores_by_metric


class Verdict(NamedTuple):
    """What a trial has come to, and what is kept of it.

    ``excess`` is how far it is over each bound, below 0 where it keeps to it.
    """

    state: TrialState
    values: Sequence[float] | None
    kept: dict[str, Any]
    excess: Mapping[str, float]


class Rules(NamedTuple):
    """What is optimized, which scores decide, and what becomes of errors."""

    n_splits: int
    objectives: Sequence[Objective]
    deciding: Sequence[Objective]
    constraints: Mapping[str, float]
    has_pruner: bool
    error_score: float | str

    @property
    def prunes(self) -> bool:
        """Whether trials are pruned by the one score that is optimized."""
        return self.has_pruner and score_of(self.objectives) is not None

    def state_after(self, outcomes: Sequence[Outcome]) -> TrialState:
        """Return what a trial is after its last outcome: "running" if it goes on."""
        last = outcomes[-1]
        if last.ended_early:
            return TrialState.PRUNED
        if not (last.test_scores or np.isfinite(self._score_for_errors)):
            return TrialState.FAIL
        is_lost = not self._can_decide(last.test_scores)
        if is_lost and len(last.test_scores) < 2:
            return TrialState.FAIL
        # A trial that is lost goes on for the sake of its other scores.
        is_last = len(outcomes) == self.n_splits
        return TrialState.COMPLETE if is_last else TrialState.RUNNING

    def score_to_prune_by(self, outcomes: Sequence[Outcome]) -> float | None:
        """Return the mean score so far, if trials are pruned by one and it is known."""
        if not self.prunes or outcomes[-1].ended_early:
            return None
        scores = scores_by_metric(outcomes, "test_scores", self.error_score)
        mean = self._value_of(self.objectives[0], means_of(scores))
        return mean if np.isfinite(mean) else None

    def verdict(self, outcomes: Sequence[Outcome], state: TrialState) -> Verdict:
        """Return what a trial in its final state has come to."""
        kept = kept_of(outcomes, self.error_score)
        means = means_of(kept["test_scores"])
        measures = {name: kept[name] for name in MEASURES if name in kept}
        needed = [of.name for of in self.objectives if of.is_measure]
        needed += self.constraints
        if "error" in kept and not measures.keys() >= set(needed):
            state = TrialState.FAIL
        if state is TrialState.COMPLETE and not self._can_decide(means):
            state = TrialState.FAIL
        if state is TrialState.FAIL:
            kept.setdefault("error", f"The scores are not finite: {means}")
        if state is not TrialState.COMPLETE:
            kept.pop("misread", None)  # no report shows them
            return Verdict(state, None, kept, {})
        check_measured(needed, measures, others=means)
        values = [
            float(measures[of.name]) if of.is_measure else self._value_of(of, means)
            for of in self.objectives
        ]
        excess = {
            name: measures[name] - bound for name, bound in self.constraints.items()
        }
        return Verdict(state, values, kept, excess)

    @property
    def _score_for_errors(self) -> float:
        return np.nan if self.error_score == "raise" else float(self.error_score)

    def _can_decide(self, scores: Mapping[str, float]) -> bool:
        """Return whether the scores that decide are there, and finite."""
        deciding = [self._value_of(objective, scores) for objective in self.deciding]
        return bool(np.isfinite(deciding).all())

    def _value_of(self, objective: Objective, scores: Mapping[str, float]) -> float:
        """Return a score, or that of errors where nothing was scored."""
        if not scores:
            return self._score_for_errors
        name = objective.name_in(scores)
        if objective.is_default and name not in scores:
            raise ValueError(
                "refit must be the name of one of the scores that scoring returns, "
                f"{sorted(scores)}, or a function, or False."
            )
        check_measured([name], scores)
        return scores[name]
