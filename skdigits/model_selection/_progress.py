"""A progress bar of the trials of a search."""

from typing import Any

from optuna.trial import TrialState
from tqdm.auto import tqdm

from skdigits.model_selection._objectives import score_of


class Progress:
    """A bar that shows trials done, the best score so far and those pruned."""

    def __init__(self, trials: Any, *, shown: bool) -> None:
        self._trials = trials
        self._bar = tqdm(total=trials.n_trials, unit="trial", disable=not shown)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def update(self) -> None:
        """Show what is finished by now."""
        finished = self._trials.finished
        if self._bar.disable or len(finished) == self._bar.n:
            return
        n_pruned = sum(trial.state is TrialState.PRUNED for trial in finished)
        notes: dict[str, Any] = {"pruned": n_pruned}
        complete = [trial for trial in finished if trial.state is TrialState.COMPLETE]
        if complete and score_of(self._trials.rules.objectives):
            best = max(trial.values[0] for trial in complete)
            notes = {"best": f"{best:.4f}", **notes}
        self._bar.set_postfix(notes, refresh=False)
        self._bar.update(len(finished) - self._bar.n)
