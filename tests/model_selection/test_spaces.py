"""What is suggested, and what is refused before any training."""

import math
from functools import partial

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import FixedTrial
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skdigits import ANNClassifier, CNNClassifier, make_digit_pipeline
from skdigits.model_selection._spaces import make_space


def trials(space, n=30):
    """Return the parameters that a space suggests."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [space.suggest(study.ask()) for _ in range(n)]


class TestReadySpace:
    @pytest.mark.parametrize("kind", ["ann", "cnn"])
    def test_suggests_parameters_that_the_classifier_takes(self, kind):
        pipe = make_digit_pipeline(kind)
        for params in trials(make_space(kind, pipe)):
            pipe.set_params(**params)
            n_layers = len(params[f"{kind}classifier__hidden_layer_sizes"])
            n_layers += len(params.get(f"{kind}classifier__filters", ()))
            assert len(params[f"{kind}classifier__dropout"]) == n_layers

    def test_varies_the_depth(self):
        suggested = trials(make_space("ann", ANNClassifier()))
        depths = {len(params["hidden_layer_sizes"]) for params in suggested}
        assert depths == {1, 2, 3, 4}

    def test_finds_the_classifier_wherever_it_is(self):
        nested = make_pipeline(StandardScaler(), make_digit_pipeline("ann"))
        (params,) = trials(make_space("ann", nested), n=1)
        nested.set_params(**params)
        assert "pipeline__annclassifier__dropout" in params

    @pytest.mark.parametrize(
        ("space", "estimator"),
        [
            ("ann", LogisticRegression()),
            ("ann", CNNClassifier()),
            ("cnn", ANNClassifier()),
        ],
    )
    def test_of_another_classifier(self, space, estimator):
        with pytest.raises(ValueError, match=rf"space='{space}' needs an estimator"):
            make_space(space, estimator)

    def test_of_an_unknown_name(self):
        message = r"space must be one of \['ann', 'cnn'\]; got 'rnn'"
        with pytest.raises(ValueError, match=message):
            make_space("rnn", ANNClassifier())


class TestNames:
    def test_in_a_dict_that_the_estimator_does_not_have(self):
        space = {"annclassifier__dropuot": FloatDistribution(0, 1)}
        message = r"'annclassifier__dropuot'.*Did you mean 'annclassifier__dropout'\?"
        with pytest.raises(ValueError, match=message):
            make_space(space, make_digit_pipeline("ann"))

    def test_of_a_step_left_out(self):
        with pytest.raises(ValueError, match=r"mean 'annclassifier__dropout'\?"):
            make_space({"dropout": FloatDistribution(0, 1)}, make_digit_pipeline("ann"))

    def test_from_a_function_that_the_estimator_does_not_have(self):
        space = make_space(lambda trial: {"filtres": (8,)}, CNNClassifier())
        with pytest.raises(ValueError, match=r"Did you mean 'filters'\?"):
            space.suggest(FixedTrial({}))

    def test_of_nothing(self):
        with pytest.raises(ValueError, match="at least one parameter"):
            make_space({}, ANNClassifier())


class TestKinds:
    def test_no_distribution(self):
        with pytest.raises(TypeError, match=r"space\['dropout'\] must be one of Opt"):
            make_space({"dropout": [0, 0.5]}, ANNClassifier())

    def test_a_function_that_returns_no_dict(self):
        space = make_space(lambda trial: [1], ANNClassifier())
        with pytest.raises(TypeError, match=r"returned \[1\]"):
            space.suggest(FixedTrial({}))

    def test_params_of_a_trial_are_those_that_were_suggested(self):
        space = make_space("ann", ANNClassifier())
        study = optuna.create_study()
        trial = study.ask()
        suggested = space.suggest(trial)
        study.tell(trial, 0.0)
        assert space.params_of(study.trials[0]) == suggested

    def test_functions_are_told_apart_by_what_they_do(self):
        def wide(trial):
            return {"hidden_layer_sizes": trial.suggest_int("width", 64, 128)}

        def narrow(trial):
            return {"hidden_layer_sizes": trial.suggest_int("width", 8, 16)}

        spaces = [make_space(space, ANNClassifier()) for space in (wide, wide, narrow)]
        first, again, other = (space.identity for space in spaces)
        assert first == again != other


class TestChoices:
    @pytest.mark.parametrize(
        "choices",
        [np.linspace(0, 1, 3), np.arange(3), {1: 0}.keys(), [math.nan, None, (1, 2)]],
    )
    def test_of_any_kind(self, choices):
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
            assert repr(space.params_of(study.trials[-1])) == repr(suggested)

    def test_trial_has_what_a_finished_one_has(self):
        space = make_space(lambda trial: {"patience": trial.storage}, CNNClassifier())
        with pytest.raises(AttributeError, match="space function has no 'storage'"):
            space.suggest(optuna.create_study().ask())

    def test_trial_has_its_study(self):
        def number_of_trials(trial):
            return {"patience": len(trial.study.get_trials())}

        space = make_space(number_of_trials, CNNClassifier())
        study = optuna.create_study()
        assert space.suggest(study.ask()) == {"patience": 1}
        study.tell(0, 0.0)
        assert space.suggest(study.ask()) == {"patience": 2}
        assert space.params_of(study.trials[0], lambda: study) == {"patience": 2}


class TestIdentity:
    def of(self, space):
        return make_space(space, CNNClassifier()).identity

    @pytest.mark.parametrize("has_source", [True, False])
    def test_of_a_function_has_the_values_that_it_brings_along(self, has_source):
        def up_to(most):
            return lambda trial: {"patience": trial.suggest_int("p", 1, most)}

        if not has_source:
            source = (
                "def up_to(most):\n"
                "    return lambda trial: {'patience': trial.suggest_int('p', 1, most)}"
            )
            exec(source, names := {})
            up_to = names["up_to"]
        assert self.of(up_to(5)) == self.of(up_to(5))
        assert self.of(up_to(5)) != self.of(up_to(20))

    def test_of_a_function_without_source_has_its_constants(self):
        spaces = [
            eval(f"lambda trial: {{'patience': trial.suggest_int('p', 1, {most})}}")
            for most in (5, 20)
        ]
        assert self.of(spaces[0]) != self.of(spaces[1])

    def test_of_a_partial_function(self):
        def patience(trial, most):
            return {"patience": trial.suggest_int("p", 1, most)}

        def epochs(trial, most):
            return {"epochs": trial.suggest_int("e", 1, most)}

        assert self.of(partial(patience, most=5)) == self.of(partial(patience, most=5))
        assert self.of(partial(patience, most=5)) != self.of(partial(patience, most=9))
        assert self.of(partial(patience, most=5)) != self.of(partial(epochs, most=5))
