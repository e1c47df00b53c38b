"""The progress bar of a search."""

from collections.abc import Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState
from tqdm.auto import tqdm


class Progress:
    """A bar with the number of finished trials, the best score and those pruned.

    The best score is shown if one score is optimized.
    """

    def __init__(self, n_trials: int | None, *, has_score: bool, shown: bool) -> None:
        self._has_score = has_score
        self._bar = tqdm(total=n_trials, unit="trial", disable=not shown)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def update(self, finished: Sequence[FrozenTrial]) -> None:
        """Show the trials that are finished now."""
        if self._bar.disable or len(finished) == self._bar.n:
            return
        n_pruned = sum(trial.state is TrialState.PRUNED for trial in finished)
        notes: dict[str, Any] = {"pruned": n_pruned}
        complete = [trial for trial in finished if trial.state is TrialState.COMPLETE]
        if complete and self._has_score:
            best = max(trial.values[0] for trial in complete)
            notes = {"best": f"{best:.4f}", **notes}
        self._bar.set_postfix(notes, refresh=False)
        self._bar.update(len(finished) - self._bar.n)
