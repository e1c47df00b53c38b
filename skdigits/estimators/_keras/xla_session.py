"""How a step of the training is traced, compiled and run."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

_v1 = tf.compat.v1
# The folds of a search have a shape or two, and what is compiled takes memory.
_MOST_SHAPES = 8

Data = tuple[Any, ...]
Logs = dict[str, Any]
Step = Callable[[Data], Logs]


def traced(
    step: Callable[[Any], Logs],
    jit_compile: bool,
    make: Callable[[Any], Step],
) -> Callable[[Data], Step]:
    """Return what finds the ``step`` for some data, traced once for each shape.

    The trace is asked for and not left to happen in a call, because TensorFlow warns
    of calls that trace, and a new network has to. Of many shapes what is made first is
    dropped first.
    """
    made: dict[Any, Step] = {}

    def step_for(data: Data) -> Step:
        shapes = tuple(tuple(array.shape) for array in data)
        if shapes not in made:
            if len(made) == _MOST_SHAPES:
                del made[next(iter(made))]
            specs = tuple(tf.TensorSpec(array.shape, array.dtype) for array in data)
            function = tf.function(step, jit_compile=jit_compile, autograph=False)
            made[shapes] = make(function.get_concrete_function(specs))
        return made[shapes]

    return step_for


def eager(function: Callable[[Any], Logs]) -> Step:
    """Return the function as one of arrays, which TensorFlow runs as it is."""
    return lambda data: function(tuple(map(tf.convert_to_tensor, data)))


class Program:
    """A traced function in a session of its own, compiled with XLA.

    What XLA compiles for a function, and the graph with its Python stack traces, stay
    in TensorFlow until the process ends: some 10 MB for each network, which a search of
    hundreds of networks can't afford. What belongs to a session is freed with it.

    The session has the variables of the function as its own: `load` copies their values
    into it, and `save` copies them back.

    Parameters
    ----------
    function : tensorflow.types.experimental.ConcreteFunction
        What to run. Its outputs are a dict of tensors.
    variables : sequence of tensorflow.Variable
        Those that it uses, and maybe others.
    """

    def __init__(self, function: Any, variables: Sequence[tf.Variable]) -> None:
        n_data = len(function.inputs) - len(function.captured_inputs)
        used = {id(tensor) for tensor in function.captured_inputs}
        self._variables = [v for v in variables if id(v.handle) in used]
        self._names = sorted(function.structured_outputs)
        with tf.Graph().as_default() as graph:
            data = [_v1.placeholder(t.dtype, t.shape) for t in function.inputs[:n_data]]
            values, loads, reads, captured = [], [], [], {}
            for i, v in enumerate(self._variables):
                handle = tf.raw_ops.VarHandleOp(
                    dtype=v.dtype, shape=v.shape, shared_name=str(i)
                )
                value = _v1.placeholder(v.dtype, v.shape)
                values.append(value)
                loads.append(tf.raw_ops.AssignVariableOp(resource=handle, value=value))
                reads.append(tf.raw_ops.ReadVariableOp(resource=handle, dtype=v.dtype))
                captured[id(v.handle)] = handle
            rest = [
                captured[id(t)] if id(t) in captured else tf.constant(t.numpy())
                for t in function.captured_inputs
            ]
            copy = tf.function(_copy_of(function), jit_compile=True, autograph=False)
            outputs = copy(*data, *rest)
        config = _v1.ConfigProto()
        # XLA improves the graph itself.
        config.graph_options.rewrite_options.disable_meta_optimizer = True
        session = _v1.Session(graph=graph, config=config)
        self._load = session.make_callable(loads, values)
        self._run = session.make_callable(outputs, data)
        self._read = session.make_callable(reads)

    def load(self) -> None:
        """Take the values that the variables have now."""
        self._load(*(variable.numpy() for variable in self._variables))

    def __call__(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """Run the function on arrays, and return its outputs as NumPy's."""
        return dict(zip(self._names, self._run(*data), strict=True))

    def save(self) -> None:
        """Give the variables the values that they have here."""
        for variable, value in zip(self._variables, self._read(), strict=True):
            variable.assign(value)


def _copy_of(function: Any) -> Any:
    """Return the function as one of all its inputs, the captured ones too."""
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
