"""The report of a search as text."""

import numpy as np

from skdigits.model_selection._findings import SearchFindings
from skdigits.model_selection._misread_samples import shown_misread


def as_text(found: SearchFindings) -> str:
    """Return the report as text."""
    parts = [
        *_overview(found),
        *_importances(found),
        *_history(found),
        *_front(found),
        *_misread(found),
    ]
    if found.digits:
        parts += ["", str(found.digits)]
    return "\n".join(parts)


def _overview(found: SearchFindings) -> list[str]:
    mean, std = np.mean(found.fold_scores), np.std(found.fold_scores)
    folds = ", ".join(f"{score:.4f}" for score in found.fold_scores)
    counts = ", ".join(f"{n} {status}" for status, n in found.counts.items())
    return [
        found.title,
        "=" * len(found.title),
        f"Best parameters (trial {found.best_trial})",
        *(f"  {name} = {value!r}" for name, value in found.best_params.items()),
        "",
        f"Mean score {mean:.4f}, standard deviation {std:.4f} (folds: {folds})",
        f"Trials: {counts}",
    ]


def _importances(found: SearchFindings) -> list[str]:
    if not found.importances:
        return []
    shares = [
        f"  {100 * share:3.0f} %  {name}"
        for name, share in found.importances.items()
        if share >= 0.005
    ]
    return ["", "Parameter importances for the best tenth of the scores", *shares]


def _history(found: SearchFindings) -> list[str]:
    if not found.course:
        return []
    steps = [f"  trial {n}, {s:.0f} s: {value:.4g}" for n, s, value in found.course]
    return ["", "Optimization history", *steps]


def _front(found: SearchFindings) -> list[str]:
    if not found.front:
        return []
    trials = [
        f"  trial {n}: " + ", ".join(f"{name} {v:.4g}" for name, v in values.items())
        for n, values in found.front
    ]
    return ["", "Pareto front", *trials]


def _misread(found: SearchFindings) -> list[str]:
    if not found.misread:
        return []
    confusions = [
        f"  {true} read as {predicted}: samples {', '.join(map(str, indices))}"
        for (true, predicted), indices in shown_misread(found.misread).items()
    ]
    return ["", "Misread out of fold", *confusions]
