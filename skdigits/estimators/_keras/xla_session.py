"""A training step traced once for each shape of its data, and run with or without XLA.

`step_by_shape` traces; the step is then run by TensorFlow as it is (`eager`), or
compiled with XLA in a session of its own (`XlaSession`).
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_v1 = tf.compat.v1
# The folds of a search have one shape or two, and compiled code takes memory.
_MAX_SHAPES = 8

Data = tuple[Any, ...]
Logs = dict[str, Any]
Step = Callable[[Data], Logs]


def step_by_shape(
    step: Callable[[Any], Logs],
    jit_compile: bool,
    make: Callable[[Any], Step],
) -> Callable[[Data], Step]:
    """Return a function that returns the ``step`` for data, traced once for each shape.

    The step is traced here explicitly and not in its first call, because TensorFlow
    warns of repeated calls that trace, which new networks need. When there are too many
    shapes, the oldest one is dropped.
    """
    made: dict[Any, Step] = {}

    def step_for(data: Data) -> Step:
        shapes = tuple(tuple(array.shape) for array in data)
        if shapes not in made:
            if len(made) == _MAX_SHAPES:
                del made[next(iter(made))]
            specs = tuple(tf.TensorSpec(array.shape, array.dtype) for array in data)
            function = tf.function(step, jit_compile=jit_compile, autograph=False)
            made[shapes] = make(function.get_concrete_function(specs))
        return made[shapes]

    return step_for


def eager(function: Callable[[Any], Logs]) -> Step:
    """Return a traced function as one of arrays, which TensorFlow runs as it is."""
    return lambda data: function(tuple(map(tf.convert_to_tensor, data)))


class XlaSession:
    """A traced function, compiled with XLA in a session of its own.

    TensorFlow keeps the code that XLA compiles for a function, and the graph with its
    Python stack traces, until the process ends: 10 MB for each network, too much for a
    search over hundreds of networks. The code of a session is freed with the session.

    The session has copies of the variables: `load` copies their values into it, and
    `save` copies the values back.

    Parameters
    ----------
    function : tensorflow.types.experimental.ConcreteFunction
        The function to run. Its outputs are a dict of tensors.
    variables : sequence of tensorflow.Variable
        The variables that it uses; others are ignored.
    """

    def __init__(self, function: Any, variables: Sequence[tf.Variable]) -> None:
        # The last inputs of a traced function are those it captured: handles of
        # variables, and constants.
        n_data = len(function.inputs) - len(function.captured_inputs)
        captured = {id(tensor) for tensor in function.captured_inputs}
        self._variables = [v for v in variables if id(v.handle) in captured]
        self._names = sorted(function.structured_outputs)
        with tf.Graph().as_default() as graph:
            data = [_v1.placeholder(t.dtype, t.shape) for t in function.inputs[:n_data]]
            # In the new graph, each variable has a new handle, a placeholder for its
            # value, an operation that stores that value, and one that reads it.
            values, loads, reads, handles = [], [], [], {}
            for i, v in enumerate(self._variables):
                handle = tf.raw_ops.VarHandleOp(
                    dtype=v.dtype, shape=v.shape, shared_name=str(i)
                )
                value = _v1.placeholder(v.dtype, v.shape)
                values.append(value)
                loads.append(tf.raw_ops.AssignVariableOp(resource=handle, value=value))
                reads.append(tf.raw_ops.ReadVariableOp(resource=handle, dtype=v.dtype))
                handles[id(v.handle)] = handle
            captures = [
                handles[id(t)] if id(t) in handles else tf.constant(t.numpy())
                for t in function.captured_inputs
            ]
            copy = tf.function(_copy_of(function), jit_compile=True, autograph=False)
            outputs = copy(*data, *captures)
        config = _v1.ConfigProto()
        # XLA optimizes the graph itself.
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        session = _v1.Session(graph=graph, config=config)
        self._load = session.make_callable(loads, values)
        self._run = session.make_callable(outputs, data)
        self._read = session.make_callable(reads)

    def load(self) -> None:
        """Copy the present values of the variables into the session."""
        self._load(*(variable.numpy() for variable in self._variables))

    def __call__(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """Run the function on arrays, and return its outputs as NumPy arrays."""
        return dict(zip(self._names, self._run(*data), strict=True))

    def save(self) -> None:
        """Copy the values in the session back to the variables."""
        for variable, value in zip(self._variables, self._read(), strict=True):
            variable.assign(value)


def _copy_of(function: Any) -> Any:
    """Return the function with its captured inputs as ordinary arguments.

    Its nodes are imported into another graph, where its inputs are replaced.
    """
    definition = function.graph.as_graph_def()
    names = {tensor.op.name for tensor in function.inputs}
    nodes = [node for node in definition.node if node.name not in names]
    del definition.node[:]
    definition.node.extend(nodes)

    def copy(*inputs: tf.Tensor) -> list[tf.Tensor]:
        replaced = {t.name: i for t, i in zip(function.inputs, inputs, strict=True)}
        wanted = [tensor.name for tensor in function.outputs]
        return tf.graph_util.import_graph_def(definition, replaced, wanted, name="")

    return copy
