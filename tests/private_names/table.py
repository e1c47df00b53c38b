"""The private and undocumented names of other libraries that skdigits uses.

`test_private_names.py` finds every use of a private name in the source and fails where
it is not listed here. Undocumented names that look public cannot be found: they are
listed by hand.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from private_names import owners


class PrivateName(NamedTuple):
    """Names of one library that skdigits uses for one purpose.

    Attributes
    ----------
    names : str
        The names, separated by spaces. Those with dots are imported.
    used_in : str
        The modules of skdigits that use them, separated by spaces.
    why : str
        What they are used for.
    breaks : str
        What breaks if a version of the library lacks them.
    guard : callable or None
        Returns an object of the library that must have the names as attributes.
        Names with dots need none.
    only_with : str
        The versions that have the names, if some allowed versions do not.
    """

    names: str
    used_in: str
    why: str
    breaks: str
    guard: Callable[[], Any] | None = None
    only_with: str = ""


SCIKIT_LEARN = (
    PrivateName(
        names="sklearn.base._fit_context",
        used_in="estimators/_base.py model_selection/_search.py "
        "preprocessing/_pixel_scaler.py",
        why="fit checks the parameters, unless scikit-learn is set to skip that.",
        breaks="Every fit must call a check of the parameters itself.",
    ),
    PrivateName(
        names="_parameter_constraints",
        used_in="estimators/_base.py estimators/_cnn.py model_selection/_search.py "
        "preprocessing/_pixel_scaler.py",
        why="Declares which values a parameter may have.",
        breaks="Parameters out of bounds are not rejected when fit begins.",
        guard=owners.estimator_class,
    ),
    PrivateName(
        names="sklearn.utils._param_validation.HasMethods "
        "sklearn.utils._param_validation.Interval "
        "sklearn.utils._param_validation.StrOptions",
        used_in="estimators/_base.py estimators/_cnn.py model_selection/_search.py",
        why="Bounds of parameters, with scikit-learn's error messages.",
        breaks="The bounds must be written and checked in another way.",
    ),
    PrivateName(
        names="sklearn.utils.validation._check_sample_weight",
        used_in="estimators/_samples.py",
        why="Checks sample weights with scikit-learn's error messages.",
        breaks="check_array and check_consistent_length must take its place.",
    ),
    PrivateName(
        names="sklearn.utils._set_output._get_output_config",
        used_in="preprocessing/_pixel_scaler.py",
        why="Says whether set_output or the global setting asks for data frames.",
        breaks="Images with three or four axes are not refused where a data frame is "
        "to be returned.",
    ),
    PrivateName(
        names="sklearn.utils._safe_indexing",
        used_in="model_selection/_misread_samples.py reports/_cross_validation.py "
        "reports/_plot/_digit_gallery.py",
        why="Selects samples of arrays, lists and data frames. It is documented, but "
        "as private.",
        breaks="Each kind of container must be indexed in its own way.",
    ),
    PrivateName(
        names="sklearn.utils.metaestimators._safe_split "
        "sklearn.utils.validation._check_method_params",
        used_in="model_selection/_fit_and_score.py model_selection/_search.py "
        "reports/_cross_validation.py",
        why="Select the samples of a fold, and what was passed to fit for them, as "
        "scikit-learn's own cross-validation does.",
        breaks="Folds of precomputed kernels, data frames and fit parameters must be "
        "taken in another way.",
    ),
    PrivateName(
        names="sklearn.model_selection._search.BaseSearchCV",
        used_in="model_selection/_search.py reports/_classifiers.py",
        why="Base class of OptunaSearchCV, and how a report recognizes a search.",
        breaks="OptunaSearchCV needs prediction, tags and routing of its own.",
    ),
    PrivateName(
        names="_get_scorers _get_routed_params_for_fit _format_results "
        "_select_best_index",
        used_in="model_selection/_search.py",
        why="OptunaSearchCV reads scoring, routes metadata, makes cv_results_ and "
        "chooses the best candidate as GridSearchCV does.",
        breaks="OptunaSearchCV must do these four itself.",
        guard=owners.grid_search,
    ),
    PrivateName(
        names="sklearn.metrics._scorer._MultimetricScorer",
        used_in="model_selection/_fit_and_score.py",
        why="Such a scorer returns the traceback of a metric that failed as its score.",
        breaks="The errors of one of several metrics must be recognized otherwise.",
    ),
    PrivateName(
        names="_scorers",
        used_in="model_selection/_search.py",
        why="scorer_ is the dict of the scorers, as in GridSearchCV.",
        breaks="scorer_ is one object where there are several metrics.",
        guard=owners.scorer_of_two_metrics,
    ),
    PrivateName(
        names="_html_repr",
        used_in="model_selection/_search.py",
        why="Masks the passwords of a storage in what a notebook shows. Earlier "
        "versions show no parameters but those in repr, which masks them.",
        breaks="A notebook shows the password in the address of a storage.",
        guard=owners.estimator_class,
        only_with="scikit-learn>=1.7",
    ),
)

KERAS = (
    PrivateName(
        names="__class__",
        used_in="estimators/_keras/dropout.py estimators/_keras/network.py "
        "estimators/_keras/optimizers.py",
        why="Keras writes the class that an object claims to have into files, which "
        "can therefore be loaded without skdigits.",
        breaks="Files that a callback saves need skdigits to be loaded.",
        guard=owners.saved_as_another_class,
    ),
    PrivateName(
        names="_get_variable_index _momentums _velocities",
        used_in="estimators/_keras/optimizers.py",
        why="FusedAdam updates the two moments that Keras' Adam keeps of a variable.",
        breaks="Adam must run as Keras writes it, which is slower.",
        guard=owners.adam,
    ),
    PrivateName(
        names="_all_reduce_sum_gradients",
        used_in="estimators/_keras/network.py",
        why="Leaves out a sum over replicas, because TensorFlow never frees the graph "
        "of a training that has it.",
        breaks="Each network that is trained leaves some 3 MB behind.",
        guard=owners.adam,
    ),
    PrivateName(
        names="kernel moving_mean moving_variance seed_generator_state",
        used_in="estimators/_keras/variables.py",
        why="The names of variables tell which are drawn, and which are never trained.",
        breaks="The first weights are not drawn, or frozen layers are saved wrongly.",
        guard=owners.variables_by_name,
    ),
    PrivateName(
        names="seed_generator",
        used_in="estimators/_keras/dropout.py",
        why="HashDropout takes its seed, and the number of its calls, from it.",
        breaks="HashDropout needs a variable of its own.",
        guard=owners.dropout,
    ),
    PrivateName(
        names="total count",
        used_in="estimators/_keras/network.py",
        why="A stack of batches adds to the sums of a metric in one step.",
        breaks="The loss and the accuracy of an epoch must be kept in another way.",
        guard=owners.mean,
    ),
    PrivateName(
        names="train_function test_function make_train_function make_test_function",
        used_in="estimators/_keras/network.py",
        why="Keras' fit and evaluate call what these make: here, a compiled step.",
        breaks="Keras compiles the steps itself, and training is slower and leaks.",
        guard=owners.network,
    ),
    PrivateName(
        names="metrics_variables",
        used_in="estimators/_keras/network.py",
        why="The variables of the metrics change in a training step.",
        breaks="They must be gathered from the metrics.",
        guard=owners.network,
    ),
    PrivateName(
        names="input_dtype",
        used_in="estimators/_keras/training.py",
        why="The dtype of the arrays that a fitted SciKeras classifier is made with.",
        breaks="keras_classifier_ must get the dtype from the classifier.",
        guard=owners.network,
    ),
)

TENSORFLOW = (
    PrivateName(
        names="tensorflow.python.eager.context",
        used_in="estimators/_forked.py",
        why="Looked up among the imported modules, to ask it whether TensorFlow has "
        "started.",
        breaks="A forked process that uses TensorFlow hangs instead of raising an "
        "error.",
    ),
    PrivateName(
        names="context",
        used_in="estimators/_forked.py",
        why="Returns the context of the process without starting it.",
        breaks="As above.",
        guard=owners.context_module,
    ),
    PrivateName(
        names="_initialized",
        used_in="estimators/_forked.py",
        why="Whether TensorFlow has started its threads, which a fork loses.",
        breaks="TensorFlow counts as started once it is imported.",
        guard=owners.context,
    ),
    PrivateName(
        names="captured_inputs structured_outputs inputs outputs graph",
        used_in="estimators/_keras/xla_session.py",
        why="A traced function is copied into a session, which frees what XLA made.",
        breaks="Each network that XLA compiles leaves some 10 MB behind.",
        guard=owners.concrete_function,
    ),
    PrivateName(
        names="handle",
        used_in="estimators/_keras/network.py estimators/_keras/optimizers.py "
        "estimators/_keras/xla_session.py",
        why="Raw operations take the handle of a variable.",
        breaks="The variables must be assigned to by slower operations.",
        guard=owners.tensorflow_variable,
    ),
)

OPTUNA = (
    PrivateName(
        names="_trial_id",
        used_in="model_selection/_heartbeat.py model_selection/_samplers.py "
        "model_selection/_scheduler.py",
        why="A storage knows a trial by it: study.trials copies all the trials.",
        breaks="Trials must be looked up by their number, which takes longer.",
        guard=owners.trial,
    ),
    PrivateName(
        names="_storage",
        used_in="model_selection/_samplers.py",
        why="A sampler notes the point of the grid that a trial has.",
        breaks="The point must be noted after the sampler has run.",
        guard=owners.study,
    ),
    PrivateName(
        names="set_trial_system_attr record_heartbeat get_heartbeat_interval get_trial",
        used_in="model_selection/_heartbeat.py model_selection/_samplers.py "
        "model_selection/_scheduler.py",
        why="Methods of a storage, which Optuna documents for its own use.",
        breaks="Workers cannot tell which trials are alive.",
        guard=owners.storage,
    ),
    PrivateName(
        names="_search_space _all_grids",
        used_in="model_selection/_samplers.py",
        why="The points of a GridSampler, whose values may be of any kind here.",
        breaks="A GridSampler can have numbers and strings alone.",
        guard=owners.grid_sampler,
    ),
    PrivateName(
        names="fixed_params",
        used_in="model_selection/_samplers.py model_selection/_suggestions.py",
        why="The key under which Study.enqueue_trial keeps parameters for a trial.",
        breaks="initial_params are not tried first.",
        guard=owners.system_attrs_of_enqueued_trial,
    ),
    PrivateName(
        names="op_code",
        used_in="model_selection/_study.py",
        why="A file that begins with such an entry is a journal of Optuna.",
        breaks="The path of a journal that exists is rejected as a storage.",
        guard=owners.first_line_of_journal,
    ),
)

PRIVATE_NAMES = (*SCIKIT_LEARN, *KERAS, *TENSORFLOW, *OPTUNA)
