"""The folds of trials as tasks of joblib, in processes or wherever it runs them."""

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any

from sklearn.utils.parallel import Parallel, delayed

from skdigits.model_selection._fit_and_score import Outcome, run_fold
from skdigits.model_selection._interrupt import spared_ctrl_c_in_workers
from skdigits.model_selection._scheduler import Candidate, Trials

_PAUSE = 0.02  # seconds that a worker waits until the outcome of a fold is recorded


def run_trials(
    trials: Trials,
    fold_of: Callable[[Candidate], dict[str, Any]],
    *,
    n_jobs: int | None,
    recorded: Callable[[], Any],
) -> None:
    """Run the folds of the trials to their end, and record each outcome.

    ``fold_of`` gives the arguments of `run_fold` for the next fold of a trial.
    """

    def task(candidate: Candidate | None) -> Any:
        if candidate is None:
            return delayed(_pause)(_PAUSE if trials.n_jobs > 1 else 0)
        return delayed(_run)(candidate.trial.number, **fold_of(candidate))

    parallel = Parallel(
        n_jobs=n_jobs,
        return_as="generator_unordered",
        pre_dispatch="n_jobs",
        batch_size=1,
    )
    try:
        while trials.go_on():
            for ran in parallel(map(task, trials.candidates())):
                if ran is not None:
                    trials.record(*ran)
                trials.tell_callbacks()
                recorded()
    except BrokenExecutor:
        # Ctrl-C reaches idle workers, too, and ends them.
        if not trials.stopped:
            raise
    except KeyboardInterrupt as error:
        # It has a cause if it comes from a worker, which was just between two folds.
        if not trials.stopped or error.__cause__ is None:
            raise
    finally:
        trials.give_up()


def _run(number: int, **fold: Any) -> tuple[int, Outcome]:
    """Run a fold, and say of which trial it is."""
    with spared_ctrl_c_in_workers():
        return number, run_fold(**fold)


def _pause(seconds: float) -> None:
    """Leave the search the time to record an outcome before it chooses a fold."""
    with spared_ctrl_c_in_workers():
        time.sleep(seconds)
