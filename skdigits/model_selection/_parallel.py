"""Run the folds of the trials as tasks of joblib.

Which fold is next depends on results: a trial continues only if it was not pruned, and
the sampler learns from finished trials. But joblib takes an iterable of tasks, and runs
them with any backend: processes, threads, a Dask cluster, or none. So the iterable is a
generator, from which joblib takes one task at a time (``pre_dispatch="n_jobs"``,
``batch_size=1``), and joblib returns each result as soon as it is there
(``return_as="generator_unordered"``).

One gap remains. When a worker has finished a fold, joblib asks for its next task before
the loop below receives the result, and often in another thread. The generator then
yields None, which becomes a task that only pauses. Meanwhile the result is recorded,
and the next task can depend on it: usually it is the next fold of the same trial, in a
process that has already compiled its network.

The generator ends when no trial can begin, but this can change: if another worker of
the study is killed, its trial has to be repeated. So there is a second loop around
joblib, whose ``has_more`` waits for the trials of other workers.
"""

import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor
from typing import Any

from sklearn.utils.parallel import Parallel, delayed

from skdigits.model_selection._fit_and_score import FoldTask, fit_and_score
from skdigits.model_selection._fold_result import FoldResult
from skdigits.model_selection._interrupt import ignore_ctrl_c_in_worker
from skdigits.model_selection._scheduler import ActiveTrial, TrialScheduler

_PAUSE = 0.02  # seconds for which a worker waits until a result is recorded


def run_trials(
    scheduler: TrialScheduler,
    make_task: Callable[[ActiveTrial], FoldTask],
    *,
    n_jobs: int | None,
    after_result: Callable[[], Any],
) -> None:
    """Fit folds until the scheduler has no more, and record each result.

    ``make_task`` makes the task of the next fold of a trial.
    """

    def joblib_task(active: ActiveTrial | None) -> Any:
        if active is None:
            # With one job, joblib takes turns with the loop below and need not wait.
            return delayed(_pause)(_PAUSE if scheduler.n_jobs > 1 else 0)
        return delayed(_run)(active.trial.number, make_task(active))

    parallel = Parallel(
        n_jobs=n_jobs,
        return_as="generator_unordered",
        pre_dispatch="n_jobs",
        batch_size=1,
    )
    try:
        while scheduler.has_more():
            for numbered_result in parallel(map(joblib_task, scheduler.next_folds())):
                if numbered_result is not None:
                    scheduler.record(*numbered_result)
                scheduler.call_callbacks()
                after_result()
    except BrokenExecutor:
        # Ctrl-C in a terminal reaches idle workers, too, and ends them.
        if not scheduler.is_stopped:
            raise
    except KeyboardInterrupt as error:
        # With a cause, it comes from a worker that was between two folds.
        if not scheduler.is_stopped or error.__cause__ is None:
            raise
    finally:
        scheduler.give_up()


def _run(number: int, task: FoldTask) -> tuple[int, FoldResult]:
    """Fit a fold, and return its result with the number of its trial."""
    with ignore_ctrl_c_in_worker():
        return number, fit_and_score(task)


def _pause(seconds: float) -> None:
    with ignore_ctrl_c_in_worker():
        time.sleep(seconds)
