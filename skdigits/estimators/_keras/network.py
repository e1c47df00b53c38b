"""The Keras network that the classifiers train, with the only training loop there is.

Keras calls `train_function` once for each stack of batches. It runs `train_step`, whose
loop inside TensorFlow updates the weights once for each batch of the stack.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.averaging import WeightAverage
from skdigits.estimators._keras.devices import has_gpu
from skdigits.estimators._keras.fit_plan import FitPlan, scaled_weights, smoothed
from skdigits.estimators._keras.learning_rates import scheduled_rates
from skdigits.estimators._keras.stacks import (
    counter,
    evaluation_batches,
    made_ahead,
    stack_layout,
    training_stacks,
)
from skdigits.estimators._keras.variables import all_variables
from skdigits.estimators._keras.xla_session import (
    Data,
    Logs,
    Step,
    XlaSession,
    eager,
    step_by_shape,
)
from skdigits.estimators._spec import LearningRates

_DEFAULT_PLAN = FitPlan()


def sample_losses(y: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Return the cross-entropy of each sample, from one-hot ``y``."""
    return keras.losses.categorical_crossentropy(y, probabilities)


def weighted_sums(
    y: tf.Tensor, probabilities: tf.Tensor, weight: tf.Tensor
) -> tf.Tensor:
    """Return the weighted sums of losses and of correct predictions, and the weight."""
    # The last layer may have a dtype of its own, and Keras passes y as float32.
    y, probabilities = (tf.cast(v, weight.dtype) for v in (y, probabilities))
    is_correct = tf.equal(tf.argmax(y, axis=-1), tf.argmax(probabilities, axis=-1))
    return tf.stack(
        [
            tf.reduce_sum(weight * sample_losses(y, probabilities)),
            tf.reduce_sum(weight * tf.cast(is_correct, weight.dtype)),
            tf.reduce_sum(weight),
        ]
    )


def layers_within(model: keras.Model) -> Iterator[keras.Layer]:
    """Yield the layers of a model, and of the models among them."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from layers_within(layer)


class DigitNetwork(keras.Sequential):
    """A ``keras.Sequential`` classifier that trains on stacks of batches.

    `fit` puts the samples into stacks of many batches, and `train_step` runs all the
    updates of a stack in one call, as a loop inside TensorFlow. This is where the speed
    comes from: Keras runs Python code, metrics and the data pipeline once for each
    stack, not for each batch. Callbacks, history and progress bar work as usual, but
    see a stack as a batch, unless each batch is a stack of its own.

    The losses of a batch are multiplied by the sample weights, scaled to a mean of 1
    over all samples. In a batch of all samples, a weight of 2 therefore equals the
    sample given twice, and a batch of light samples changes the network little.
    Samples of weight 0 count as absent. Targets are one-hot.

    Updates that are compiled with XLA happen in an `XlaSession`, which then has the
    weights. The network gets them back after each stack where callbacks may observe
    them, and otherwise at the end of an epoch.

    After `average_weights`, the weights are the averages of those that are trained.
    """

    train_function: Callable[[Iterator[tf.Tensor]], Logs] | None
    test_function: Callable[[Iterator[Data]], Logs] | None
    schedule_ended: float | None  # the epochs after which a callback set the rate
    _stacks: Generator[Data, None, None]
    _n_stacks: int
    _scheduled_rate: float | None

    def __init__(
        self,
        layers: Sequence[keras.Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(layers, trainable=trainable, name=name)
        # In float64 the sums do not depend on the number of stacks.
        self.mean_loss = keras.metrics.Mean(name="loss", dtype="float64")
        self.mean_accuracy = keras.metrics.Mean(name="accuracy", dtype="float64")
        self._average = WeightAverage()
        self._is_observed = True
        self._session: XlaSession | None = None  # of the training under way

    # Keras writes this class into saved files, which can then be loaded without this
    # package.
    __class__ = property(lambda self: keras.Sequential)

    @property
    def metrics(self) -> list[keras.Metric]:
        """The means that `fit` and `evaluate` report."""
        return [self.mean_loss, self.mean_accuracy]

    def compile(self, optimizer: keras.Optimizer, **kwargs: Any) -> None:
        """Compile as Keras does, with an optimizer that no other network has.

        Keras sums the gradients over the replicas of a distributed network, even where
        there is only one. TensorFlow never frees a graph with that sum, 3 MB for each
        network trained, so the sum is left out.
        """
        inner_optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        # `list` returns the pairs of a gradient and a variable as they are.
        optimizer._all_reduce_sum_gradients = list
        inner_optimizer._all_reduce_sum_gradients = list
        super().compile(optimizer, **kwargs)

    def average_weights(self, momentum: float) -> None:
        """Let the weights be a moving average of those that are trained."""
        self._average = WeightAverage(self.raw_weights, momentum)

    @property
    def raw_weights(self) -> list[keras.Variable]:
        """The weights that are trained, which are not those that are averages."""
        return self._average.raw or [v for v in self.variables if v.trainable]

    def set_weights(self, weights: Sequence[np.ndarray]) -> None:
        """Set the weights, from which the training also goes on."""
        super().set_weights(weights)
        self._average.restart()

    def load_weights(self, *args: Any, **kwargs: Any) -> None:
        """Load weights, from which the training also goes on."""
        super().load_weights(*args, **kwargs)
        self._average.restart()

    def get_compile_config(self) -> dict[str, Any]:
        """Return the configuration from which Keras compiles a saved network."""
        return {**super().get_compile_config(), "metrics": ["accuracy"]}

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        plan: FitPlan = _DEFAULT_PLAN,
        batch_size: int | None = None,
        epochs: int = 1,
        initial_epoch: int = 0,
        validation_data: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train on arrays, in an order that depends only on the seed in the ``plan``.

        The other parameters are those of ``keras.Model.fit``.
        """
        weight = scaled_weights(plan.sample_weight, len(x), x.dtype)
        if plan.label_smoothing:
            y = smoothed(y, plan.label_smoothing)
        if validation_data is not None:
            validation_data = evaluation_batches(*validation_data)
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        self._is_observed = plan.is_observed
        kwargs.setdefault("shuffle", False)  # Keras warns of what it would not do
        batch_size = min(batch_size or 32, len(x))
        layout = stack_layout(len(x), batch_size, stacked=plan.stacked)
        self._n_stacks = layout[0]
        stacks = training_stacks(
            [x, y, weight],
            batch_size=batch_size,
            epochs=range(initial_epoch, epochs),
            seed=plan.shuffle_seed,
            stacked=plan.stacked,
            rates=self._start_schedule(
                plan.rates, epochs - initial_epoch, -(-len(x) // batch_size), layout
            ),
            augment=plan.augment,
        )
        with closing(made_ahead(stacks)) as self._stacks:
            try:
                # Making a data pipeline of TensorFlow takes longer than a small fit:
                # Keras gets one that only counts.
                return super().fit(
                    counter(self._n_stacks * epochs),
                    epochs=epochs,
                    initial_epoch=initial_epoch,
                    steps_per_epoch=self._n_stacks,
                    validation_data=validation_data,
                    callbacks=[*callbacks, *plan.callbacks],
                    **kwargs,
                )
            except KeyboardInterrupt:
                if self._session is not None and not self._is_observed:
                    self._session.save()
                raise
            finally:
                self._session = None

    def _start_schedule(
        self,
        rates: LearningRates | None,
        n_epochs: int,
        n_batches: int,
        layout: tuple[int, int],
    ) -> np.ndarray | None:
        """Set the first rate of a schedule, if there is one, and return all rates."""
        self.schedule_ended = self._scheduled_rate = None
        if rates is None:
            return None
        all_rates = scheduled_rates(n_epochs, n_batches, layout, rates)
        self.optimizer.learning_rate = all_rates[0, 0, 0]
        self._scheduled_rate = float(self.optimizer.learning_rate)
        return all_rates

    def make_train_function(self, force: bool = False) -> None:
        """Compile `train_step`, once for each shape of its stacks."""
        if self.train_function is None or force:
            # On a GPU the weights stay where they are.
            in_session = self.jit_compile and not has_gpu()
            make = (
                partial(XlaSession, variables=self._updated()) if in_session else eager
            )

            @cache
            def steps_for(trainable: tuple[bool, ...]) -> Callable[[Data], Step]:
                return step_by_shape(self.train_step, self.jit_compile, make)

            self.train_function = lambda numbers: self._run(steps_for, next(numbers))

    def make_test_function(self, force: bool = False) -> None:
        """Compile `test_step`, once for each shape of its batches."""
        if self.test_function is None or force:
            step_for = step_by_shape(self.test_step, False, eager)

            def run(data: Iterator[Data]) -> Logs:
                batch = next(data)
                return step_for(batch)(batch)

            self.test_function = run

    def release(self) -> None:
        """Free the traced and compiled code, and the memory of the variables.

        Otherwise both stay until Python collects garbage. The network cannot be used
        any more.
        """
        self.train_function = self.test_function = None
        for variable in (*all_variables(self), *self._average.raw):
            nothing = tf.zeros(0, variable.value.dtype)
            handle = variable.value.handle
            tf.raw_ops.AssignVariableOp(resource=handle, value=nothing)

    def _run(
        self,
        steps_for: Callable[[tuple[bool, ...]], Callable[[Data], Step]],
        number: tf.Tensor,
    ) -> Logs:
        """Run the step on the next stack.

        Callbacks that observe the network may have set the learning rate, or frozen a
        layer, in which case another step is traced.
        """
        stack, trainable = next(self._stacks), ()
        if self._is_observed:
            stack = self._without_a_schedule_that_ended(stack, int(number))
            parts = self, *layers_within(self), *self.variables
            trainable = tuple(part.trainable for part in parts)
        step = steps_for(trainable)(stack)
        if isinstance(step, XlaSession):
            logs = self._run_session(step, stack, int(number) % self._n_stacks)
        else:
            logs = step(stack)
        if self._scheduled_rate is not None and self._is_observed:
            self._scheduled_rate = float(self.optimizer.learning_rate)
        return logs

    def _run_session(self, session: XlaSession, stack: Data, place: int) -> Logs:
        """Run the step on the stack at a place of the epoch, in a session.

        The session has the weights from `load` to `save`.
        """
        self._session = session
        if place == 0 or self._is_observed:
            session.load()
        logs = session(stack)
        if place == self._n_stacks - 1 or self._is_observed:
            session.save()
        return logs

    def _without_a_schedule_that_ended(self, stack: Data, number: int) -> Data:
        """Return the stack, without its learning rates once a callback has set another.

        The callback may have set a schedule, to which no rate can be assigned.
        """
        rate = self._scheduled_rate
        if rate is not None and rate != float(self.optimizer.learning_rate):
            self.schedule_ended = number / self._n_stacks
            self._scheduled_rate = None
        return stack if self.schedule_ended is None else stack[:3]

    def train_step(self, stack: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        """Update the weights once for each batch of a stack.

        The stack is ``(x, y, weight)`` or ``(x, y, weight, learning_rates)``, and the
        first axis of each counts the batches. The last stack of an epoch can end in
        batches whose weights are all 0. They are skipped.
        """
        x, y, weight, *rates = stack
        n_batches = tf.math.count_nonzero(
            tf.reduce_any(weight > 0, axis=1), dtype="int32"
        )

        def update(i: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                batch_sums = weighted_sums(y[i], self(x[i], training=True), weight[i])
                # The mean is over the samples that are there, not over their weights.
                loss = batch_sums[0] / tf.math.count_nonzero(weight[i], dtype=x.dtype)
                loss, batch_sums = self._with_penalties(loss, batch_sums)
                loss = self.optimizer.scale_loss(loss)
            gradients = tape.gradient(loss, self.trainable_variables)
            for rate in rates:
                self.optimizer.learning_rate = rate[i]
            self.optimizer.apply(gradients, self.trainable_variables)
            self._average.update(self.optimizer.iterations)
            return i + 1, sums + tf.cast(batch_sums, sums.dtype)

        start = (tf.constant(0), self._sums())
        self._average.swap()
        _, sums = tf.while_loop(lambda i, _: i < n_batches, update, start)
        self._average.swap()
        return self._log(sums)

    def test_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        """Add a batch to the means, without training."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        probabilities = self(x, training=False)
        if weight is None:
            weight = tf.ones(tf.shape(probabilities)[:1], probabilities.dtype)
        sums = weighted_sums(y, probabilities, weight)
        _, sums = self._with_penalties(sums[0], sums)
        return self._log(self._sums() + tf.cast(sums, tf.float64))

    def _with_penalties(
        self, loss: tf.Tensor, sums: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Add the losses of layers, such as of regularizers, to a loss and its sum."""
        for penalty in self.losses:
            penalty = tf.cast(penalty, loss.dtype)
            loss += penalty
            sums += tf.stack([penalty * sums[2], 0, 0])
        return loss, sums

    def _updated(self) -> list[tf.Variable]:
        """Return all variables that change in a training step."""
        variables = (*all_variables(self), *self._average.raw, *self.metrics_variables)
        return [variable.value for variable in variables]

    def _sums(self) -> tf.Tensor:
        """Return the sums of losses, of correct predictions and of weights."""
        loss, accuracy = self.mean_loss, self.mean_accuracy
        return tf.stack([loss.total.value, accuracy.total.value, loss.count.value])

    def _log(self, sums: tf.Tensor) -> dict[str, tf.Tensor]:
        """Store the sums in the metrics, and return their means."""
        loss, n_correct, weight = tf.unstack(sums)
        for metric, total in ((self.mean_loss, loss), (self.mean_accuracy, n_correct)):
            metric.total.assign(total)
            metric.count.assign(weight)
        return self.get_metrics_result()
