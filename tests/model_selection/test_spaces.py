"""Spaces that are dicts, functions or lists, and spaces that are rejected."""

import math
import warnings
from functools import partial

import numpy as np
import optuna
import pytest
from optuna.distributions import (
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import FixedTrial
from scipy.stats import uniform
from sklearn.base import clone
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from skdigits import ANNClassifier, CNNClassifier, make_digit_pipeline
from skdigits.model_selection._spaces import is_same_space, make_space
from skdigits.model_selection._suggestions import Suggestions


def one_of(*choices):
    """Return a distribution of choices of any kind."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of choices that JSON cannot represent
        return CategoricalDistribution(choices)


STEPS = Pipeline([("scale", StandardScaler()), ("clf", DecisionTreeClassifier())])
LOGISTIC = one_of(LogisticRegression())
C, GAMMA = FloatDistribution(0.1, 1), FloatDistribution(0.1, 1)


class TestSeveralSpaces:
    def test_have_the_parameter_names_of_the_estimator(self):
        def tree(trial):
            return {"clf__max_depth": trial.suggest_int("C", 1, 9)}

        spaces = [
            {"clf": LOGISTIC, "clf__C": C},
            {"clf": SVC(), "clf__C": one_of(1, 10)},
            tree,
        ]
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        space = make_space(spaces, STEPS)
        replayed = Suggestions(space, STEPS, None)
        kinds = set()
        for _ in range(20):
            trial = study.ask()
            params = space.suggest(trial)
            study.tell(trial, 0.0)
            kinds.add((study.trials[-1].params["space"], tuple(params)))
            assert repr(replayed.params_of(study.trials[-1])) == repr(params)
        assert kinds == {
            ("LogisticRegression", ("clf", "clf__C")),
            ("SVC", ("clf", "clf__C")),
            ("tree", ("clf__max_depth",)),
        }

    def test_with_the_same_label_are_numbered(self):
        spaces = [{"clf__max_depth": IntDistribution(low, 9)} for low in (1, 5)]
        space = make_space(spaces, STEPS)
        asked = FixedTrial({"space": "1: dict", "1: dict: clf__max_depth": 6})
        assert space.suggest(asked) == {"clf__max_depth": 6}

    def test_functions_see_names_without_a_prefix(self, suggest):
        def space(trial):
            trial.suggest_int("depth", 1, 9)
            return {"clf__max_depth": trial.params["depth"]}

        (params,) = suggest(make_space([space], STEPS), n=1)
        assert 1 <= params["clf__max_depth"] <= 9

    @pytest.mark.parametrize(
        "estimator",
        [make_digit_pipeline("ann", epochs=3), make_digit_pipeline("cnn", epochs=3)],
    )
    def test_with_names_replace_each_other_in_a_pipeline(self, estimator, suggest):
        seen = set()
        for params in suggest(make_space(["ann", "cnn"], estimator)):
            classifier = clone(estimator).set_params(**params)[-1]
            assert classifier.epochs == 3
            seen.add(type(classifier))
        assert seen == {ANNClassifier, CNNClassifier}

    def test_with_names_replace_the_last_step(self, suggest):
        for params in suggest(make_space(["ann", {"clf__max_depth": C}], STEPS), n=5):
            clone(STEPS).set_params(**params)

    def test_with_names_need_a_pipeline(self):
        with pytest.raises(ValueError, match="or be a pipeline to place one in"):
            make_space(["ann", "cnn"], ANNClassifier())

    @pytest.mark.parametrize("space", [[], ()])
    def test_must_not_be_empty(self, space):
        with pytest.raises(ValueError, match="at least one space"):
            make_space(space, STEPS)

    @pytest.mark.parametrize("space", [[["ann"]], [1], [None]])
    def test_must_be_spaces(self, space):
        with pytest.raises(TypeError, match="space must be one of"):
            make_space(space, STEPS)

    def test_must_have_valid_names(self):
        spaces = [{"clf__max_depth": C}, {"clf__max_dpth": C}]
        with pytest.raises(ValueError, match=r"Did you mean 'clf__max_depth'\?"):
            make_space(spaces, STEPS)


class TestParameterNames:
    def test_misspelled_in_a_dict(self):
        space = {"annclassifier__dropuot": FloatDistribution(0, 1)}
        message = r"'annclassifier__dropuot'.*Did you mean 'annclassifier__dropout'\?"
        with pytest.raises(ValueError, match=message):
            make_space(space, make_digit_pipeline("ann"))

    def test_that_is_not_a_string(self):
        with pytest.raises(
            ValueError, match="must contain parameters of Pipeline; got 1"
        ):
            make_space({1: C}, STEPS)

    def test_without_the_name_of_the_step(self):
        with pytest.raises(ValueError, match=r"mean 'annclassifier__dropout'\?"):
            make_space({"dropout": FloatDistribution(0, 1)}, make_digit_pipeline("ann"))

    def test_misspelled_by_a_function(self):
        space = make_space(lambda trial: {"filtres": (8,)}, CNNClassifier())
        with pytest.raises(ValueError, match=r"Did you mean 'filters'\?"):
            space.suggest(FixedTrial({}))

    @pytest.mark.parametrize(
        "space",
        [
            {"clf": LOGISTIC, "clf__C": C},
            {"clf__C": C, "clf": LOGISTIC},
            {"clf": LogisticRegression(), "clf__C": C},
            {
                "clf": one_of(LogisticRegression(), SVC()),
                "clf__C": C,
            },
            {
                "clf__estimator__C": C,
                "clf__estimator": LOGISTIC,
                "clf": one_of(BaggingClassifier()),
            },
            {
                "steps": one_of([("a", SVC())], [("a", SVC(C=2))]),
                "a__gamma": GAMMA,
            },
            {"scale": one_of(MinMaxScaler(), "passthrough")},
        ],
    )
    def test_of_an_estimator_that_replaces_a_step(self, space, suggest):
        for params in suggest(make_space(space, STEPS), n=5):
            clone(STEPS).set_params(**clone(params, safe=False))

    @pytest.mark.parametrize(
        ("space", "message"),
        [
            ({"clf": LOGISTIC, "clf__gamma": GAMMA}, "got 'clf__gamma'"),
            (
                {
                    "clf": one_of(SVC(), LogisticRegression()),
                    "clf__gamma": GAMMA,
                },
                r"with clf=LogisticRegression\(\); got 'clf__gamma'",
            ),
            (
                {
                    "clf": one_of(SVC(), "passthrough"),
                    "clf__C": C,
                },
                "with clf='passthrough'; got 'clf__C'",
            ),
            ({"clf": LOGISTIC, "clf__CC": C}, r"Did you mean 'clf__C'\?"),
            (
                {"scale": one_of("passthrough", MinMaxScaler()), "scale__clip": C},
                "with scale='passthrough'; .* use a list of spaces",
            ),
            ({"scale__C": C, "clf": LOGISTIC}, "got 'scale__C'"),
        ],
    )
    def test_that_the_new_step_does_not_have(self, space, message):
        with pytest.raises(ValueError, match=message):
            make_space(space, STEPS)

    def test_of_a_step_replaced_by_a_function(self, suggest):
        def space(trial):
            return {"clf__C": trial.suggest_float("C", 0.1, 1), "clf": SVC()}

        (params,) = suggest(make_space(space, STEPS), n=1)
        assert params["clf"].C == 1.0  # it is a clone that is given the parameter

    def test_that_only_set_params_accepts(self, suggest):
        class Open(LogisticRegression):
            def set_params(self, **params):
                params.pop("anything", None)
                return super().set_params(**params)

        assert suggest(make_space({"anything": C}, Open()), n=1)

    def test_must_exist(self):
        with pytest.raises(ValueError, match="at least one parameter"):
            make_space({}, ANNClassifier())


class TestTypes:
    @pytest.mark.parametrize(
        "entry", [[0, 0.5], (0, 0.5), 0.5, range(3), np.arange(3), uniform(0, 1)]
    )
    def test_entry_that_is_not_a_distribution(self, entry):
        message = r"space\['dropout'\] must be .* CategoricalDistribution.*; got"
        with pytest.raises(TypeError, match=message):
            make_space({"dropout": entry}, ANNClassifier())

    def test_function_that_does_not_return_a_dict(self):
        space = make_space(lambda trial: [1], ANNClassifier())
        with pytest.raises(
            TypeError, match=r"must return a dict of parameters; got \[1\]"
        ):
            space.suggest(FixedTrial({}))

    def test_parameters_of_a_trial_can_be_made_again(self):
        space = make_space("ann", ANNClassifier())
        study = optuna.create_study()
        trial = study.ask()
        suggested = space.suggest(trial)
        study.tell(trial, 0.0)
        suggestions = Suggestions(space, ANNClassifier(), None)
        assert suggestions.params_of(study.trials[0]) == suggested


class TestChoices:
    @pytest.mark.parametrize(
        "choices",
        [np.linspace(0, 1, 3), np.arange(3), {1: 0}.keys(), [math.nan, None, (1, 2)]],
    )
    def test_of_any_type(self, choices):
        space = make_space(
            lambda trial: {"patience": trial.suggest_categorical("p", choices)},
            CNNClassifier(),
        )
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        for _ in range(9):
            trial = study.ask()
            suggested = space.suggest(trial)
            study.tell(trial, 0.0)
            assert suggested["patience"] in list(choices)
            replayed = Suggestions(space, CNNClassifier(), None)
            assert repr(replayed.params_of(study.trials[-1])) == repr(suggested)

    @pytest.mark.parametrize(
        "choices",
        [
            [1, 1.0, "sqrt"],
            [None, 0, False],
            [True, 1],
            [0.0, -0.0],
            [np.float64(0.5), np.float32(0.5)],
            [math.nan, np.float32("nan"), 1],
            [(1,), "(1,)", [1]],
        ],
    )
    @pytest.mark.parametrize("as_function", [True, False])
    def test_that_are_equal_are_each_suggested(self, choices, as_function, suggest):
        space = {"patience": one_of(*choices)}
        if as_function:

            def space(trial):
                return {"patience": trial.suggest_categorical("patience", choices)}

        suggested = suggest(make_space(space, CNNClassifier()))
        assert {repr(p["patience"]) for p in suggested} == set(map(repr, choices))

    def test_trial_has_the_attributes_of_a_replayed_one(self):
        space = make_space(lambda trial: {"patience": trial.storage}, CNNClassifier())
        with pytest.raises(
            AttributeError, match="space function has no attribute 'storage'"
        ):
            space.suggest(optuna.create_study().ask())

    def test_trial_has_its_study(self):
        def number_of_trials(trial):
            return {"patience": len(trial.study.get_trials())}

        space = make_space(number_of_trials, CNNClassifier())
        study = optuna.create_study()
        assert space.suggest(study.ask()) == {"patience": 1}
        study.tell(0, 0.0)
        assert space.suggest(study.ask()) == {"patience": 2}
        replayed = Suggestions(space, CNNClassifier(), None)
        assert replayed.params_of(study.trials[0], lambda: study) == {"patience": 2}


class TestIdentity:
    @pytest.mark.parametrize(
        "head",
        [
            "def space(trial):  # a comment",
            "def space(trial: object) -> dict:",
            "def space(trial):\n    'A docstring.'\n",
            "def space(trial, low=2):",
        ],
    )
    def test_of_a_function_is_its_name(self, head):
        identities = set()
        for first_line in ("def space(trial):", head):
            body = "\n    return {'patience': trial.suggest_int('p', 1, 5)}"
            exec(first_line + body, names := {})
            identities.add(make_space(names["space"], CNNClassifier()).identity)
        assert len(identities) == 1

    def test_of_another_function_differs(self):
        def wide(trial, high=9):
            return {"patience": trial.suggest_int("p", 1, high)}

        def narrow(trial):
            return {"patience": trial.suggest_int("p", 1, 2)}

        spaces = [wide, partial(wide, high=5), narrow]
        first, bound, other = (make_space(s, CNNClassifier()) for s in spaces)
        assert first.identity == bound.identity != other.identity
        # Bound values make another study if no study_name is given.
        assert first.details != bound.details

    @pytest.mark.parametrize(
        ("ours", "is_same"),
        [
            ({"patience": IntDistribution(1, 50)}, True),
            ({"patience": IntDistribution(3, 4)}, True),
            ({"patience": IntDistribution(1, 5, log=True)}, False),
            ({"patience": FloatDistribution(1, 5)}, False),
            ({"patience": one_of(1, 5)}, False),
            ({"epochs": IntDistribution(1, 5)}, False),
            (
                {"patience": IntDistribution(1, 5), "epochs": IntDistribution(1, 5)},
                False,
            ),
            ("cnn", False),
        ],
    )
    @pytest.mark.parametrize("in_a_list", [True, False])
    def test_of_a_dict_allows_other_bounds(self, ours, is_same, in_a_list):
        first, second = (
            make_space([space] if in_a_list else space, CNNClassifier()).identity
            for space in ({"patience": IntDistribution(1, 5)}, ours)
        )
        assert is_same_space(first, second) == is_same

    def test_of_another_list(self):
        spaces = [["cnn"], ["cnn", "cnn"], "cnn"]
        identities = [make_space(s, CNNClassifier()).identity for s in spaces]
        assert not is_same_space(identities[0], identities[1])
        assert not is_same_space(identities[0], identities[2])
