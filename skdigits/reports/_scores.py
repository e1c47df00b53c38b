"""All scores of a report, each computed when it is first accessed."""

import warnings
from functools import cached_property

import numpy as np
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    precision_recall_fscore_support,
    roc_auc_score,
)

from skdigits.reports._checks import check_count, check_fraction
from skdigits.reports._confusion_matrix import count_predictions
from skdigits.reports._error_guarantees import Guarantee, find_guarantee
from skdigits.reports._metrics import (
    ConfusedPair,
    Coverage,
    Rejection,
    confused_pairs,
    coverage_curve,
    reliability,
    wilson_interval,
)
from skdigits.reports._predictions import Predictions
from skdigits.reports._top_losses import TopLoss, top_losses

_N_BINS = 15
_REJECTED_SHARES = (0.005, 0.01, 0.02, 0.05)
_MAX_ERRORS, _CONFIDENCE_LEVEL = (0.001, 0.005), 0.95


class Scores:
    """Named predictions with the scores that `DigitReport` documents."""

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
        predictions = self.predictions
        return float(
            accuracy_score(
                predictions.true,
                predictions.predicted,
                sample_weight=predictions.weights,
            )
        )

    @property
    def accuracy_interval_(self) -> tuple[float, float]:
        return wilson_interval(self.accuracy_, self.predictions.effective_sample_size)

    @cached_property
    def confusion_matrix_(self) -> np.ndarray:
        return count_predictions(self.predictions)

    @cached_property
    def _by_class(self) -> tuple[np.ndarray, ...]:
        predictions = self.predictions
        return precision_recall_fscore_support(
            predictions.true,
            predictions.predicted,
            labels=np.arange(len(predictions.classes)),
            sample_weight=predictions.weights,
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
        predictions = self.predictions
        if predictions.proba is None or len(predictions.classes) < 2:
            return None
        with warnings.catch_warnings():
            # Probabilities that were rounded are accepted.
            warnings.filterwarnings("ignore", "The y_p.* values do not sum to one")
            loss = log_loss(
                predictions.true,
                predictions.proba,
                labels=np.arange(len(predictions.classes)),
                sample_weight=predictions.weights,
            )
        return float(loss)

    @cached_property
    def reliability_(self) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
        """Accuracy, mean confidence, and share of the digits of each bin."""
        predictions = self.predictions
        if predictions.confidence is None:
            return None
        return reliability(
            predictions.confidence, predictions.is_correct, predictions.weights, _N_BINS
        )

    @property
    def expected_calibration_error_(self) -> float | None:
        if self.reliability_ is None:
            return None
        accuracy, confidence, share = self.reliability_
        return float(np.sum(share * np.abs(accuracy - confidence)))

    @cached_property
    def roc_auc_(self) -> np.ndarray | None:
        predictions = self.predictions
        if predictions.proba is None:
            return None
        areas = np.full(len(predictions.classes), np.nan)
        present = np.unique(predictions.true[predictions.has_weight])
        for i in present if len(present) > 1 else ():
            areas[i] = roc_auc_score(
                predictions.true == i,
                predictions.proba[:, i],
                sample_weight=predictions.weights,
            )
        return areas

    @property
    def roc_auc_macro_(self) -> float | None:
        if self.roc_auc_ is None or np.isnan(self.roc_auc_).any():
            return None
        return float(np.average(self.roc_auc_))

    @cached_property
    def coverage_curve_(self) -> Coverage | None:
        predictions = self.predictions
        if predictions.confidence is None:
            return None
        return coverage_curve(
            predictions.confidence, predictions.is_correct, predictions.weights
        )

    @property
    def rejections_(self) -> list[Rejection] | None:
        curve = self.coverage_curve_
        if curve is None:
            return None
        return [curve.without(share) for share in _REJECTED_SHARES]

    @cached_property
    def guarantees_(self) -> list[Guarantee] | None:
        predictions = self.predictions
        if predictions.confidence is None or not predictions.is_equally_weighted:
            return None
        return [self._guarantee(error, _CONFIDENCE_LEVEL) for error in _MAX_ERRORS]

    def threshold_for(self, max_error: float, *, confidence: float = 0.95) -> float:
        """Return the lowest confidence threshold that guarantees an error rate.

        Accept the digits whose confidence, the probability of the predicted label, is
        at least the threshold, and reject the others. With the given confidence level,
        the error rate among accepted digits is then at most `max_error`. This holds for
        new digits that are drawn independently from the same distribution as those of
        the report. It therefore requires a higher threshold than the same error rate
        among the digits of the report, which `coverage_curve_` shows.

        The bound for each threshold is that of Clopper and Pearson. The thresholds are
        tested in a fixed order, from high to low, so selecting one of them does not
        lower the confidence level [1]_ [2]_.

        Parameters
        ----------
        max_error : float
            Maximum error rate among the accepted digits, between 0 and 1.
        confidence : float, default=0.95
            Confidence level of the guarantee, between 0 and 1.

        Returns
        -------
        threshold : float
            The threshold; 0 if all digits can be accepted.

        Raises
        ------
        TypeError
            If `max_error` or `confidence` is not a number.
        ValueError
            If `max_error` or `confidence` is not between 0 and 1, if the digits of the
            report do not allow the guarantee, if there are no probabilities, or if the
            sample weights differ.

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
        >>> confidence = np.linspace(0.5, 1, 1000)
        >>> y = np.where(confidence > 0.6, "a", "b")  # "a" is predicted
        >>> proba = np.column_stack([confidence, 1 - confidence])
        >>> report = DigitReport.from_predictions(y, proba)
        >>> round(report.threshold_for(max_error=0.01), 2)
        0.6
        """
        check_fraction("max_error", max_error)
        check_fraction("confidence", confidence)
        predictions = self.predictions
        if predictions.confidence is None:
            raise ValueError("The report must have probabilities; got none.")
        if not predictions.is_equally_weighted:
            raise ValueError(
                "The samples of the report must have equal weights; got different "
                "ones. Make the report without sample_weight."
            )
        found = self._guarantee(max_error, confidence)
        if found.threshold is None:
            raise ValueError(
                f"The report must allow a guarantee of at most {100 * max_error:g} % "
                f"errors with {100 * confidence:g} % confidence; got no such threshold "
                f"from its {self.n_digits_:,} digits. At least {found.fewest_digits:,} "
                "digits are required, and more if there are errors among the most "
                "confident ones. Use more digits, a larger max_error, or a lower "
                "confidence."
            )
        return found.threshold

    def _guarantee(self, max_error: float, level: float) -> Guarantee:
        has_weight = self.predictions.has_weight
        confidence = np.asarray(self.predictions.confidence)[has_weight]
        is_correct = self.predictions.is_correct[has_weight]
        return find_guarantee(confidence, is_correct, max_error, level)

    def most_confused(self, n: int = 5) -> list[ConfusedPair]:
        """Return the pairs of classes that are confused most often.

        Parameters
        ----------
        n : int, default=5
            Maximum number of pairs.

        Returns
        -------
        pairs : list of ConfusedPair
            Named tuples of two classes ``a`` and ``b`` and the counts ``a_as_b`` and
            ``b_as_a``, in descending order of their sum.

        Raises
        ------
        TypeError, ValueError
            If `n` is not an int of at least 0.
        """
        check_count("n", n, minimum=0)
        return confused_pairs(self.confusion_matrix_, self.classes_)[:n]

    def top_losses(self, n: int = 10) -> list[TopLoss]:
        """Return the samples with the highest losses.

        These are the samples whose true label has the lowest probability. Some of them
        are hard to read, and some may be mislabeled.

        Parameters
        ----------
        n : int, default=10
            Maximum number of samples.

        Returns
        -------
        samples : list of TopLoss
            Named tuples of ``sample_index``, ``true``, ``predicted``, ``confidence``,
            and ``loss``, in descending order of the loss. As in
            `sklearn.metrics.log_loss`, probabilities are clipped to the machine
            epsilon.

        Raises
        ------
        TypeError, ValueError
            If `n` is not an int of at least 0.
        ValueError
            If there are no probabilities.
        """
        check_count("n", n, minimum=0)
        return top_losses(self.predictions, n)
