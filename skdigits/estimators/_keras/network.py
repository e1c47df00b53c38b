"""The Keras network that the classifiers train: the one training loop there is."""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from functools import cache, partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from skdigits.estimators._keras.stacks import (
    counter,
    cycle_rates,
    evaluation_batches,
    made_ahead,
    stack_layout,
    training_stacks,
)
from skdigits.estimators._keras.variables import groups_of
from skdigits.estimators._keras.xla_session import (
    Data,
    Logs,
    Program,
    Step,
    eager,
    traced,
)


def row_losses(y: tf.Tensor, probabilities: tf.Tensor) -> tf.Tensor:
    """Return the cross-entropy of each row, from one-hot ``y``."""
    return keras.losses.categorical_crossentropy(y, probabilities)


def weighted_sums(
    y: tf.Tensor, probabilities: tf.Tensor, weight: tf.Tensor
) -> tf.Tensor:
    """Return the weighted sums of the loss and of the right answers, and the weight."""
    is_right = tf.equal(tf.argmax(y, axis=-1), tf.argmax(probabilities, axis=-1))
    return tf.stack(
        [
            tf.reduce_sum(weight * row_losses(y, probabilities)),
            tf.reduce_sum(weight * tf.cast(is_right, weight.dtype)),
            tf.reduce_sum(weight),
        ]
    )


class DigitNetwork(keras.Sequential):
    """A ``keras.Sequential`` classifier that trains on stacks of batches.

    `fit` puts the rows into stacks of many batches, and `train_step` runs all the
    updates of a stack in one call, as a loop inside TensorFlow. That is where the
    speed comes from: Keras calls Python, the metrics and the data pipeline once a
    stack and not once a batch. Callbacks, history and progress bar work as ever;
    what they call a batch is a stack, unless each batch is to be a stack of its own.
    To Keras the class is ``keras.Sequential``, so that what a callback saves can be
    loaded without this package.

    The losses of a batch are multiplied by the row weights, which are scaled to a mean
    of 1 over all the rows: in a batch of all the rows a weight of 2 is the same as the
    row given twice, and a batch of light rows changes the network little. Rows of
    weight 0 count as absent. Targets are one-hot rows.

    Updates that are compiled with XLA happen in a `Program`, which has the weights
    meanwhile. Where ``is_unseen`` says that nobody looks within an epoch, the network
    gets them back at its end, and otherwise after each stack.
    """

    train_function: Callable[[Iterator[tf.Tensor]], Logs] | None
    test_function: Callable[[Iterator[Data]], Logs] | None
    cycle_ended: float | None  # the epochs after which a callback set the rate
    _stacks: Generator[Data, None, None]
    _n_stacks: int
    _rate_of_cycle: float | None

    def __init__(
        self,
        layers: Sequence[keras.Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(layers, trainable=trainable, name=name)
        # Of any number of stacks the sums are the same to the last bit.
        self.mean_loss = keras.metrics.Mean(name="loss", dtype="float64")
        self.mean_accuracy = keras.metrics.Mean(name="accuracy", dtype="float64")
        self.is_unseen = False
        self._program: Program | None = None  # that a training under way is in

    # Keras writes the class that it finds here into what is saved, which can therefore
    # be loaded without this package.
    __class__ = property(lambda self: keras.Sequential)

    @property
    def metrics(self) -> list[keras.Metric]:
        """The means that `fit` and `evaluate` report."""
        return [self.mean_loss, self.mean_accuracy]

    def compile(self, optimizer: keras.Optimizer, **kwargs: Any) -> None:
        """Compile as Keras does, with an optimizer that no other network has.

        Keras sums the gradients over the replicas of a distributed network, also where
        there is but one. TensorFlow never forgets a graph in which that was done, some
        3 MB for each network trained, so the sum is left out.
        """
        inner_optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        # It returns the pairs of a gradient and a variable as they are.
        optimizer._all_reduce_sum_gradients = list
        inner_optimizer._all_reduce_sum_gradients = list
        super().compile(optimizer, **kwargs)

    def get_compile_config(self) -> dict[str, Any]:
        """Return how the network is compiled that Keras loads from what is saved."""
        return {**super().get_compile_config(), "metrics": ["accuracy"]}

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        *,
        sample_weight: np.ndarray | None = None,
        row_weight: np.ndarray | None = None,
        batch_size: int | None = None,
        epochs: int = 1,
        initial_epoch: int = 0,
        validation_data: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None,
        shuffle: bool = True,
        shuffle_seed: int = 0,
        peak_rate: float | None = None,
        stacked: bool = True,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        more_callbacks: Sequence[keras.callbacks.Callback] = (),
        **kwargs: Any,
    ) -> keras.callbacks.History:
        """Train on arrays, in an order that depends on ``shuffle_seed`` alone.

        The parameters are those of ``keras.Model.fit``, but for ``shuffle_seed``;
        ``peak_rate``, the largest learning rate of a cycle that ends with the last
        epoch; ``stacked``, without which each batch is a stack of its own; and two that
        pass by scikeras untouched: it would round
        ``sample_weight`` to float32, which ``row_weight`` is not, and keep
        ``callbacks`` for good, while ``more_callbacks`` are let go when training ends.
        """
        if row_weight is not None:
            sample_weight = row_weight
        if sample_weight is None:
            sample_weight = np.ones(len(x), x.dtype)
        else:
            mean = np.mean(sample_weight, where=sample_weight > 0, dtype="float64")
            is_in, least = sample_weight > 0, np.finfo(x.dtype).tiny
            sample_weight = (sample_weight / mean).astype(x.dtype)
            # What is rounded to 0 would count as absent.
            np.maximum(sample_weight, least, out=sample_weight, where=is_in)
        if validation_data is not None:
            x_val, y_val, weight = validation_data
            if weight is None:
                weight = np.ones(len(x_val), x_val.dtype)
            validation_data = evaluation_batches(x_val, y_val, weight)
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        batch_size = min(batch_size or 32, len(x))
        layout = stack_layout(len(x), batch_size, stacked=stacked)
        self._n_stacks = n_stacks = layout[0]
        rates = self._rate_of_cycle = self.cycle_ended = None
        if peak_rate is not None:
            n_epochs = epochs - initial_epoch
            rates = cycle_rates(n_epochs, len(x), batch_size, layout, peak_rate)
            self.optimizer.learning_rate = rates[0, 0, 0]
            self._rate_of_cycle = float(self.optimizer.learning_rate)
        stacks = training_stacks(
            [x, y, sample_weight],
            batch_size=batch_size,
            epochs=range(initial_epoch, epochs),
            seed=shuffle_seed if shuffle else None,
            stacked=stacked,
            rates=rates,
        )
        with closing(made_ahead(stacks)) as self._stacks:
            try:
                # A data pipeline of TensorFlow takes longer to make than a small fit
                # does: Keras gets one that merely counts.
                return super().fit(
                    counter(n_stacks * epochs),
                    epochs=epochs,
                    initial_epoch=initial_epoch,
                    steps_per_epoch=n_stacks,
                    validation_data=validation_data,
                    shuffle=False,
                    callbacks=[*callbacks, *more_callbacks],
                    **kwargs,
                )
            except KeyboardInterrupt:
                if self.is_unseen and self._program is not None:
                    self._program.save()
                raise
            finally:
                self._program = None

    def make_train_function(self, force: bool = False) -> None:
        """Compile `train_step`, once for each shape of its stacks."""
        if self.train_function is None or force:
            # On a GPU the weights stay where they are.
            has_gpu = bool(tf.config.list_physical_devices("GPU"))
            in_program = self.jit_compile and not has_gpu
            make = partial(Program, variables=self._touched()) if in_program else eager

            @cache
            def steps_for(trainable: tuple[bool, ...]) -> Callable[[Data], Step]:
                return traced(self.train_step, self.jit_compile, make)

            self.train_function = lambda numbers: self._run(steps_for, next(numbers))

    def make_test_function(self, force: bool = False) -> None:
        """Compile `test_step`, once for each shape of its batches."""
        if self.test_function is None or force:
            step_for = traced(self.test_step, False, eager)

            def run(data: Iterator[Data]) -> Logs:
                batch = next(data)
                return step_for(batch)(batch)

            self.test_function = run

    def forget(self) -> None:
        """Let go of what was traced and compiled, and empty the variables.

        Otherwise all that is there until Python collects garbage. The network is of no
        more use.
        """
        self.train_function = self.test_function = None
        for group in groups_of(self):
            for variable in group:
                nothing = tf.zeros(0, variable.value.dtype)
                handle = variable.value.handle
                tf.raw_ops.AssignVariableOp(resource=handle, value=nothing)

    def _run(
        self,
        steps_for: Callable[[tuple[bool, ...]], Callable[[Data], Step]],
        number: tf.Tensor,
    ) -> Logs:
        """Run the step on the next stack, as callbacks want it that see the network."""
        stack, trainable = next(self._stacks), ()
        if not self.is_unseen:
            stack = self._without_a_cycle_that_ended(stack, int(number))
            parts = self, *self.layers, *self.variables
            trainable = tuple(part.trainable for part in parts)
        step = steps_for(trainable)(stack)
        if isinstance(step, Program):
            logs = self._run_program(step, stack, int(number) % self._n_stacks)
        else:
            logs = step(stack)
        if self._rate_of_cycle is not None and not self.is_unseen:
            self._rate_of_cycle = float(self.optimizer.learning_rate)
        return logs

    def _run_program(self, program: Program, stack: Data, place: int) -> Logs:
        """Run the program, which has the weights meanwhile, on a stack of an epoch."""
        self._program = program
        if place == 0 or not self.is_unseen:
            program.load()
        logs = program(stack)
        if place == self._n_stacks - 1 or not self.is_unseen:
            program.save()
        return logs

    def _without_a_cycle_that_ended(self, stack: Data, number: int) -> Data:
        """Return the stack without its learning rates once a callback has set another.

        The callback's may be a schedule, which takes no rates from elsewhere.
        """
        rate = self._rate_of_cycle
        if rate is not None and rate != float(self.optimizer.learning_rate):
            self.cycle_ended = number / self._n_stacks
            self._rate_of_cycle = None
        return stack if self.cycle_ended is None else stack[:3]

    def train_step(self, stack: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        """Update the weights once for each batch of a stack."""
        x, y, weight, *rates = stack
        n_batches = tf.math.count_nonzero(
            tf.reduce_any(weight > 0, axis=1), dtype="int32"
        )

        def update(i: tf.Tensor, sums: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                batch_sums = weighted_sums(y[i], self(x[i], training=True), weight[i])
                loss = batch_sums[0] / tf.math.count_nonzero(weight[i], dtype=x.dtype)
                loss = self.optimizer.scale_loss(loss)
            gradients = tape.gradient(loss, self.trainable_variables)
            for rate in rates:
                self.optimizer.learning_rate = rate[i]
            self.optimizer.apply(gradients, self.trainable_variables)
            return i + 1, sums + tf.cast(batch_sums, sums.dtype)

        start = (tf.constant(0), self._sums())
        _, sums = tf.while_loop(lambda i, _: i < n_batches, update, start)
        return self._log(sums)

    def test_step(self, data: tuple[tf.Tensor, ...]) -> dict[str, tf.Tensor]:
        """Add a batch to the means, without training."""
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        probabilities = self(x, training=False)
        if weight is None:
            weight = tf.ones(tf.shape(probabilities)[:1], probabilities.dtype)
        sums = weighted_sums(y, probabilities, weight)
        return self._log(self._sums() + tf.cast(sums, tf.float64))

    def _touched(self) -> list[tf.Variable]:
        """Return whatever changes in a training step."""
        groups = *groups_of(self), self.metrics_variables
        return [variable.value for group in groups for variable in group]

    def _sums(self) -> tf.Tensor:
        """Return the sums of the losses, of the right answers and of the weights."""
        loss, accuracy = self.mean_loss, self.mean_accuracy
        return tf.stack([loss.total.value, accuracy.total.value, loss.count.value])

    def _log(self, sums: tf.Tensor) -> dict[str, tf.Tensor]:
        """Keep the sums, and return their means."""
        loss, n_right, weight = tf.unstack(sums)
        for metric, total in ((self.mean_loss, loss), (self.mean_accuracy, n_right)):
            metric.total.assign(total)
            metric.count.assign(weight)
        return self.get_metrics_result()
