"""The private and undocumented names of other libraries that skdigits uses.

`test_private_names.py` finds every use of a private name in the source, and fails if
the name is not listed here. Undocumented names without an underscore are listed by
hand. The test also fails if a listed name is not used, or if the installed version of
its library lacks it.
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
        used_in="estimators/_base.py estimators/_non_digit_detector.py "
        "model_selection/_rejecting_classifier.py model_selection/_search.py "
        "preprocessing/_digit_normalizer.py preprocessing/_pixel_scaler.py",
        why="Checks the parameters when fit begins, unless the user turned that off.",
        breaks="Each fit must check the parameters itself.",
    ),
    PrivateName(
        names="_parameter_constraints",
        used_in="estimators/_base.py estimators/_cnn.py estimators/_layered.py "
        "estimators/_non_digit_detector.py estimators/_own_network.py "
        "model_selection/_rejecting_classifier.py "
        "model_selection/_search.py preprocessing/_digit_augmenter.py "
        "preprocessing/_digit_normalizer.py preprocessing/_pixel_scaler.py",
        why="Declares which values a parameter may have.",
        breaks="Parameters out of bounds are not rejected when fit begins.",
        guard=owners.estimator_class,
    ),
    PrivateName(
        names="sklearn.utils._param_validation.HasMethods "
        "sklearn.utils._param_validation.Interval "
        "sklearn.utils._param_validation.StrOptions",
        used_in="estimators/_base.py estimators/_cnn.py estimators/_layered.py "
        "estimators/_non_digit_detector.py model_selection/_rejecting_classifier.py "
        "model_selection/_search.py preprocessing/_digit_augmenter.py "
        "preprocessing/_digit_normalizer.py",
        why="Declare the bounds of parameters, for scikit-learn's error messages.",
        breaks="skdigits must declare and check the bounds in another way.",
    ),
    PrivateName(
        names="_validate_params",
        used_in="estimators/_fitted.py preprocessing/_digit_augmenter.py "
        "preprocessing/_digit_normalizer.py",
        why="Checks the parameters where there is no fit.",
        breaks="Parameters out of bounds are not rejected when images are changed.",
        guard=owners.estimator_class,
    ),
    PrivateName(
        names="sklearn.utils.validation._check_sample_weight",
        used_in="estimators/_samples.py",
        why="Checks sample weights with scikit-learn's error messages.",
        breaks="check_array and check_consistent_length must take its place.",
    ),
    PrivateName(
        names="sklearn.utils._set_output._get_output_config",
        used_in="preprocessing/_checks.py",
        why="Says whether set_output or the global setting asks for data frames.",
        breaks="Transformers cannot reject images that do not fit in a data frame.",
    ),
    PrivateName(
        names="sklearn.utils._safe_indexing",
        used_in="model_selection/_misread_samples.py reports/_cross_validation.py "
        "reports/_plot/_digit_gallery.py",
        why="Selects samples from arrays, lists and data frames. scikit-learn "
        "documents it as private.",
        breaks="skdigits must index each kind of container in its own way.",
    ),
    PrivateName(
        names="sklearn.utils.metaestimators._safe_split "
        "sklearn.utils.validation._check_method_params",
        used_in="model_selection/_fit_and_score.py model_selection/_search.py "
        "reports/_cross_validation.py",
        why="Select the samples of a fold and their fit parameters, as scikit-learn's "
        "own cross-validation does.",
        breaks="skdigits must split precomputed kernels, data frames and fit "
        "parameters itself.",
    ),
    PrivateName(
        names="sklearn.model_selection._search.BaseSearchCV",
        used_in="model_selection/_search.py reports/_classifiers.py",
        why="Is the base class of OptunaSearchCV, and tells a report what a search is.",
        breaks="OptunaSearchCV needs its own methods for prediction, tags and routing.",
    ),
    PrivateName(
        names="_get_scorers _get_routed_params_for_fit _format_results "
        "_select_best_index",
        used_in="model_selection/_search.py",
        why="Make the scorers, route metadata, build cv_results_ and choose the best "
        "candidate as in GridSearchCV.",
        breaks="OptunaSearchCV must do all this itself.",
        guard=owners.grid_search,
    ),
    PrivateName(
        names="sklearn.metrics._scorer._MultimetricScorer",
        used_in="model_selection/_scoring.py",
        why="Is the class of scorers that return a traceback in place of a score if "
        "one of several metrics fails.",
        breaks="A search cannot tell such a traceback from a score of the wrong type.",
    ),
    PrivateName(
        names="_scorers",
        used_in="model_selection/_search.py",
        why="Holds the scorers of several metrics, which scorer_ shows as a dict.",
        breaks="scorer_ is not a dict, as it is in GridSearchCV.",
        guard=owners.scorer_of_two_metrics,
    ),
    PrivateName(
        names="_html_repr",
        used_in="model_selection/_search.py",
        why="Returns what a notebook shows, where OptunaSearchCV masks passwords. "
        "Earlier versions show only the repr, where they are masked, too.",
        breaks="A notebook may show the password in the address of a storage.",
        guard=owners.estimator_class,
        only_with="scikit-learn>=1.7",
    ),
)

KERAS = (
    PrivateName(
        names="__class__",
        used_in="estimators/_keras/dropout.py estimators/_keras/network.py "
        "estimators/_keras/optimizers.py",
        why="Makes Keras write the name of its own class into files.",
        breaks="The files that callbacks save cannot be loaded without skdigits.",
        guard=owners.layer_of_a_claimed_class,
    ),
    PrivateName(
        names="_get_variable_index _momentums _velocities",
        used_in="estimators/_keras/optimizers.py",
        why="Hold the two moments of a variable, which FusedAdam updates.",
        breaks="FusedAdam must leave the update to Keras' Adam, which is slower.",
        guard=owners.adam,
    ),
    PrivateName(
        names="_all_reduce_sum_gradients",
        used_in="estimators/_keras/network.py",
        why="Sums the gradients of replicas. DigitNetwork replaces it, because "
        "TensorFlow never frees a graph with such a sum.",
        breaks="Each trained network leaks about 3 MB.",
        guard=owners.adam,
    ),
    PrivateName(
        names="kernel seed_generator_state",
        used_in="estimators/_keras/variables.py",
        why="Name the variables that get random initial values.",
        breaks="fit raises a RuntimeError that names what is missing.",
        guard=owners.variables_by_name,
    ),
    PrivateName(
        names="seed_generator",
        used_in="estimators/_keras/dropout.py",
        why="Gives HashDropout its seed and the number of its calls.",
        breaks="HashDropout needs its own variable for them.",
        guard=owners.dropout,
    ),
    PrivateName(
        names="total count",
        used_in="estimators/_keras/network.py",
        why="Hold the sums of a metric, to which a stack of batches adds in one step.",
        breaks="DigitNetwork must compute the loss and accuracy of an epoch itself.",
        guard=owners.mean,
    ),
    PrivateName(
        names="train_function test_function make_train_function make_test_function",
        used_in="estimators/_keras/network.py",
        why="Make and hold the steps that fit and evaluate call.",
        breaks="Keras compiles the steps itself: training is slower and leaks memory.",
        guard=owners.network,
    ),
    PrivateName(
        names="metrics_variables",
        used_in="estimators/_keras/network.py",
        why="Lists the variables of the metrics, which a training step changes.",
        breaks="DigitNetwork must gather the variables from its metrics.",
        guard=owners.network,
    ),
    PrivateName(
        names="input_dtype",
        used_in="estimators/_keras/training.py",
        why="Says of which dtype the arrays must be that initialize a SciKeras "
        "classifier.",
        breaks="keras_classifier_ must get the dtype from the digit classifier.",
        guard=owners.network,
    ),
)

TENSORFLOW = (
    PrivateName(
        names="tensorflow.python.eager.context",
        used_in="estimators/_tensorflow.py",
        why="Is looked up among the imported modules, since only it knows whether "
        "TensorFlow has started.",
        breaks="A forked process that uses TensorFlow hangs instead of raising an "
        "error.",
    ),
    PrivateName(
        names="context",
        used_in="estimators/_tensorflow.py",
        why="Returns the context of the process without starting it.",
        breaks="A forked process that uses TensorFlow hangs instead of raising an "
        "error.",
        guard=owners.context_module,
    ),
    PrivateName(
        names="_initialized",
        used_in="estimators/_tensorflow.py",
        why="Says whether TensorFlow has started its threads, which a fork loses.",
        breaks="A forked process cannot train if TensorFlow was imported before the "
        "fork.",
        guard=owners.context,
    ),
    PrivateName(
        names="tensorflow.python.util._pywrap_util_port",
        used_in="estimators/_keras/devices.py",
        why="Is looked up among the imported modules, since only it knows whether "
        "TensorFlow uses oneDNN.",
        breaks="onednn_ is None, and nobody is warned that oneDNN is off.",
    ),
    PrivateName(
        names="IsMklEnabled",
        used_in="estimators/_keras/devices.py",
        why="Says whether TensorFlow uses oneDNN.",
        breaks="onednn_ is None, and nobody is warned that oneDNN is off.",
        guard=owners.port_module,
    ),
    PrivateName(
        names="captured_inputs structured_outputs inputs outputs graph",
        used_in="estimators/_keras/xla_session.py",
        why="Describe a traced function, which is copied into a session. A session "
        "frees what XLA compiles.",
        breaks="Each network that XLA compiles leaks about 10 MB.",
        guard=owners.concrete_function,
    ),
    PrivateName(
        names="handle",
        used_in="estimators/_keras/network.py estimators/_keras/optimizers.py "
        "estimators/_keras/xla_session.py",
        why="Identifies a variable in raw operations.",
        breaks="Training must use slower operations, and networks free no memory.",
        guard=owners.tensorflow_variable,
    ),
)

OPTUNA = (
    PrivateName(
        names="_trial_id",
        used_in="model_selection/_optuna_private.py",
        why="Identifies a trial in a storage.",
        breaks="Workers must search all the trials of a study for one trial.",
        guard=owners.trial,
    ),
    PrivateName(
        names="_storage",
        used_in="model_selection/_optuna_private.py",
        why="Is the storage in which a sampler notes the grid point of a trial.",
        breaks="Trials on a grid of values of any kind lose their grid points.",
        guard=owners.study,
    ),
    PrivateName(
        names="set_trial_system_attr record_heartbeat get_heartbeat_interval get_trial",
        used_in="model_selection/_optuna_private.py",
        why="Note grid points, heartbeats and states. Optuna reserves the methods of "
        "storages for itself.",
        breaks="Workers cannot tell which trials are alive.",
        guard=owners.storage,
    ),
    PrivateName(
        names="_search_space _all_grids",
        used_in="model_selection/_optuna_private.py",
        why="Hold the grid of a GridSampler, whose values skdigits replaces by names.",
        breaks="The grid of a GridSampler can only have values that JSON has.",
        guard=owners.grid_sampler,
    ),
    PrivateName(
        names="system_attrs",
        used_in="model_selection/_optuna_private.py",
        why="Holds what samplers and Optuna note about a trial, hidden from users.",
        breaks="Trials on a grid of values of any kind lose their grid points.",
        guard=owners.finished_trial,
    ),
    PrivateName(
        names="fixed_params",
        used_in="model_selection/_optuna_private.py",
        why="Is the key under which Study.enqueue_trial stores suggestions, by which a "
        "grid recognizes trials that are not its own.",
        breaks="Initial parameters use up points of a grid.",
        guard=owners.system_attrs_of_enqueued_trial,
    ),
    PrivateName(
        names="op_code",
        used_in="model_selection/_storage.py",
        why="Is a key in the first line of a journal file of Optuna.",
        breaks="A search rejects the path of an existing journal file.",
        guard=owners.first_line_of_journal,
    ),
)

PRIVATE_NAMES = (*SCIKIT_LEARN, *KERAS, *TENSORFLOW, *OPTUNA)
