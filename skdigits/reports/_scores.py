"""All the figures of a report, each computed when it is first asked for."""

import warnings
from functools import cached_property
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from skdigits.reports._checks import check_count
from skdigits.reports._confusion_matrix import count_predictions
from skdigits.reports._error_guarantees import Promise, promise
from skdigits.reports._metrics import (
    ConfusedPair,
    Coverage,
    Refusal,
    confused_pairs,
    coverage_curve,
    reliability,
    wilson_interval,
)
from skdigits.reports._predictions import Predictions

_N_BINS = 15
_REFUSED = (0.005, 0.01, 0.02, 0.05)
_PROMISED = (0.001, 0.005)


class TopLoss(NamedTuple):
    """A row that the classifier held to be something else.

    Attributes
    ----------
    row : int
        Its position.
    true, predicted : label
        What it is said to be, and what it was read as.
    confidence : float
        The probability of what it was read as.
    loss : float
        Minus the logarithm of the probability of its label.
    """

    row: int
    true: Any
    predicted: Any
    confidence: float
    loss: float


class Scores:
    """The figures that `DigitReport` describes, of predictions."""

    def __init__(self, predictions: Predictions, *, name: str) -> None:
        self.predictions = predictions
        self.name = name

    @property
    def classes_(self) -> np.ndarray:
        return self.predictions.classes

    @property
    def notes_(self) -> tuple[str, ...]:
        return self.predictions.notes

    @property
    def n_digits_(self) -> int:
        return self.predictions.n_digits

    @cached_property
    def accuracy_(self) -> float:
        known = self.predictions
        return float(
            accuracy_score(known.true, known.predicted, sample_weight=known.weights)
        )

    @property
    def accuracy_interval_(self) -> tuple[float, float]:
        return wilson_interval(self.accuracy_, self.predictions.effective_n)

    @cached_property
    def confusion_matrix_(self) -> np.ndarray:
        return count_predictions(self.predictions)

    @cached_property
    def _by_class(self) -> tuple[np.ndarray, ...]:
        known = self.predictions
        return precision_recall_fscore_support(
            known.true,
            known.predicted,
            labels=np.arange(len(known.classes)),
            sample_weight=known.weights,
            zero_division=np.nan,
        )

    @property
    def precision_(self) -> np.ndarray:
        return self._by_class[0]

    @property
    def recall_(self) -> np.ndarray:
        return self._by_class[1]

    @property
    def f1_(self) -> np.ndarray:
        return self._by_class[2]

    @property
    def support_(self) -> np.ndarray:
        return self._by_class[3]

    @cached_property
    def log_loss_(self) -> float | None:
        known = self.predictions
        if known.proba is None or len(known.classes) < 2:
            return None
        with warnings.catch_warnings():
            # Of probabilities that were rounded, which is no error.
            warnings.filterwarnings("ignore", "The y_p.* values do not sum to one")
            return float(
                log_loss(
                    known.true,
                    known.proba,
                    labels=np.arange(len(known.classes)),
                    sample_weight=known.weights,
                )
            )

    @cached_property
    def reliability_(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Accuracy, mean confidence and share of the rows, by bins of confidence."""
        known = self.predictions
        if known.confidence is None:
            return None
        return reliability(known.confidence, known.is_right, known.weights, _N_BINS)

    @property
    def expected_calibration_error_(self) -> float | None:
        if self.reliability_ is None:
            return None
        accuracy, confidence, share = self.reliability_
        return float(np.sum(share * np.abs(accuracy - confidence)))

    @cached_property
    def roc_auc_(self) -> np.ndarray | None:
        known = self.predictions
        if known.proba is None:
            return None
        areas = np.full(len(known.classes), np.nan)
        present = np.unique(known.true[known.has_weight])
        for i in present if len(present) > 1 else ():
            areas[i] = roc_auc_score(
                known.true == i, known.proba[:, i], sample_weight=known.weights
            )
        return areas

    @property
    def roc_auc_macro_(self) -> float | None:
        if self.roc_auc_ is None or np.isnan(self.roc_auc_).any():
            return None
        return float(np.average(self.roc_auc_))

    @cached_property
    def coverage_curve_(self) -> Coverage | None:
        known = self.predictions
        if known.confidence is None:
            return None
        return coverage_curve(known.confidence, known.is_right, known.weights)

    @property
    def refusals_(self) -> list[Refusal] | None:
        curve = self.coverage_curve_
        return None if curve is None else [curve.without(share) for share in _REFUSED]

    @cached_property
    def promises_(self) -> list[Promise] | None:
        known = self.predictions
        if known.confidence is None or not known.is_evenly_weighted:
            return None
        return [self._promise(max_error, 0.95) for max_error in _PROMISED]

    def threshold_for(self, max_error: float, *, confidence: float = 0.95) -> float:
        """Return the lowest threshold that keeps the errors below a share.

        Accept the digits whose confidence, the probability of the label predicted, is
        at least the threshold, and refuse the others: of those accepted at most
        `max_error` will be misread. That holds, with the confidence asked for, for
        digits drawn like those of the report and independent of one another. It is a
        promise about digits to come, and so takes a higher threshold than the same
        share of errors among those of the report (`coverage_curve_`) does.

        The bound is that of Clopper and Pearson for each threshold. They are tested in
        a fixed order, from high to low, so that to choose one of them does not cost the
        confidence [1]_ [2]_.

        Parameters
        ----------
        max_error : float
            Largest share of errors among the digits accepted, between 0 and 1.
        confidence : float, default=0.95
            How sure the promise is to be, between 0 and 1.

        Returns
        -------
        threshold : float
            The threshold; 0 if all digits can be accepted.

        Raises
        ------
        TypeError
            If `max_error` or `confidence` is not a number.
        ValueError
            If one of them is not between 0 and 1; if the digits of the report cannot
            promise as much; if there are no probabilities, or the rows have different
            weights.

        References
        ----------
        .. [1] Y. Geifman and R. El-Yaniv, "Selective Classification for Deep Neural
           Networks", NeurIPS 2017.
        .. [2] A. N. Angelopoulos, S. Bates, E. J. Candès, M. I. Jordan and L. Lei,
           "Learn then Test: Calibrating Predictive Algorithms to Achieve Risk Control",
           arXiv:2110.01052, 2021.

        Examples
        --------
        >>> import numpy as np
        >>> from skdigits.reports import DigitReport
        >>> sure = np.linspace(0.5, 1, 1000)  # and right above 0.6
        >>> y = np.where(sure > 0.6, "a", "b")
        >>> report = DigitReport.from_predictions(y, np.c_[sure, 1 - sure])
        >>> round(report.threshold_for(max_error=0.01), 2)
        0.6
        """
        known = self.predictions
        for name, value in (("max_error", max_error), ("confidence", confidence)):
            if not isinstance(value, Real):
                raise TypeError(f"{name} must be a number; got {value!r}.")
            if not 0 < value < 1:
                raise ValueError(f"{name} must be between 0 and 1; got {value!r}.")
        if known.confidence is None:
            raise ValueError("A threshold of the confidence needs probabilities.")
        if not known.is_evenly_weighted:
            raise ValueError(
                "A threshold can be promised of rows that count alike: make the report "
                "without sample_weight."
            )
        found = self._promise(max_error, confidence)
        if found.threshold is None:
            raise ValueError(
                f"These {known.n_digits:,} digits cannot promise at most "
                f"{100 * max_error:g} % errors with {100 * confidence:g} % confidence: "
                f"that takes at least {found.fewest_digits:,} digits, and more if some "
                "of the surest are misread. Give more digits, a larger max_error or a "
                "lower confidence."
            )
        return found.threshold

    def _promise(self, max_error: float, confidence: float) -> Promise:
        known = self.predictions
        sure = np.asarray(known.confidence)[known.has_weight]
        is_right = known.is_right[known.has_weight]
        return promise(sure, is_right, max_error, confidence)

    def most_confused(self, n: int = 5) -> list[ConfusedPair]:
        """Return the pairs of classes that are most often taken for one another.

        Parameters
        ----------
        n : int, default=5
            The most to return.

        Returns
        -------
        pairs : list of ConfusedPair
            Named tuples of two classes ``a`` and ``b`` and of counts ``a_as_b`` and
            ``b_as_a``, the most frequent first.

        Raises
        ------
        TypeError, ValueError
            If `n` is not an int of at least 0.
        """
        check_count("n", n, least=0)
        return confused_pairs(self.confusion_matrix_, self.classes_)[:n]

    def top_losses(self, n: int = 10) -> list[TopLoss]:
        """Return the rows whose label was held to be the least probable.

        Some of them are hard to read, and of some the label is wrong.

        Parameters
        ----------
        n : int, default=10
            The most to return.

        Returns
        -------
        rows : list of TopLoss
            Named tuples of ``row``, ``true``, ``predicted``, ``confidence`` and
            ``loss``, the highest loss first. A probability of 0 counts as the least
            that its type tells from 0 beside 1, as in `sklearn.metrics.log_loss`.

        Raises
        ------
        ValueError
            If there are no probabilities, or `n` is negative.
        """
        check_count("n", n, least=0)
        known = self.predictions
        if known.proba is None or known.confidence is None:
            raise ValueError("The rows with the highest loss need probabilities.")
        of_true = known.proba[np.arange(len(known.proba)), known.true]
        order = np.argsort(of_true, kind="stable")
        order = order[known.has_weight[order]][:n]
        losses = -np.log(np.maximum(of_true[order], np.finfo(known.proba.dtype).eps))
        names = self.classes_.tolist()
        return [
            TopLoss(
                known.row_of(row),
                names[known.true[row]],
                names[known.predicted[row]],
                float(known.confidence[row]),
                float(loss) + 0.0,
            )
            for row, loss in zip(order, losses, strict=True)
        ]
