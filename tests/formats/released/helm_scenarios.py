"""A scenario, run specifications and models of HELM: no model and no network is needed."""

from helm.benchmark.adaptation.common_adapter_specs import (
    get_generation_adapter_spec,
    get_multiple_choice_joint_adapter_spec,
    get_multiple_choice_separate_adapter_spec,
)
from helm.benchmark.augmentations.data_augmenter import DataAugmenterSpec
from helm.benchmark.augmentations.perturbation import PerturbationSpec
from helm.benchmark.metrics.common_metric_specs import get_exact_match_metric_specs
from helm.benchmark.run_spec import RunSpec, run_spec_function
from helm.benchmark.scenarios.scenario import (
    CORRECT_TAG,
    TEST_SPLIT,
    TRAIN_SPLIT,
    Input,
    Instance,
    Output,
    Reference,
    Scenario,
    ScenarioSpec,
)
from helm.clients.client import Client
from helm.common.request import ErrorFlags, GeneratedOutput, RequestResult, Token


class Sums(Scenario):
    name = "own_sums"
    description = "Sums."
    tags = ()

    def __init__(self, split):
        super().__init__()
        self.split = split

    def get_instances(self, output_path):
        return [
            Instance(
                input=Input(text=f"What is {number} plus 1?"),
                references=[
                    Reference(Output(text=f"It is {number + 2}"), tags=[]),
                    Reference(Output(text=f"It is {number + 1}"), tags=[CORRECT_TAG]),
                ],
                split=TRAIN_SPLIT if number > 6 else self.split,
            )
            for number in range(9)
        ]


def _run(name, adapter, split, **more):
    return RunSpec(
        name=f"{name}:split={split}",
        scenario_spec=ScenarioSpec(class_name="helm_scenarios.Sums", args={"split": split}),
        adapter_spec=adapter,
        metric_specs=get_exact_match_metric_specs(),
        groups=[],
        **more,
    )


_TEXT = {"instructions": "Add.", "input_noun": "Question", "output_noun": "Answer"}


@run_spec_function("own_choices")
def choices(split=TEST_SPLIT):
    return _run(
        "own_choices",
        get_multiple_choice_joint_adapter_spec(max_train_instances=1, num_outputs=1, **_TEXT),
        split,
    )


@run_spec_function("own_separate")
def separate(split=TEST_SPLIT):
    adapter = get_multiple_choice_separate_adapter_spec(method="multiple_choice_separate_original")
    return _run("own_separate", adapter, split)


@run_spec_function("own_generation")
def generation(split=TEST_SPLIT):
    lower = PerturbationSpec(
        class_name="helm.benchmark.augmentations.lowercase_perturbation.LowerCasePerturbation"
    )
    return _run(
        "own_generation", get_generation_adapter_spec(max_train_instances=1, **_TEXT), split,
        data_augmenter_spec=DataAugmenterSpec(
            perturbation_specs=[lower], should_augment_eval_instances=True,
            should_include_original_eval=True, should_skip_unchanged_eval=True,
        ),
    )  # fmt: skip


class Answers(Client):
    """Answers sums by itself; some wrongly, and on some it fails."""

    def __init__(self, wrong, fails):
        self.wrong, self.fails = wrong, fails

    def make_request(self, request):
        *_, question = request.prompt.split("Question: ")
        number = int(question.split()[2])
        if number in self.fails:
            flags = ErrorFlags(is_retriable=False, is_fatal=False)
            return RequestResult(
                success=False, cached=False, error="the model failed", completions=[],
                embedding=[], error_flags=flags,
            )  # fmt: skip
        right = number not in self.wrong
        text = "B" if "\nA. " in question else f"It is {number + 1}"
        text = text if right else "A"
        likely = -1.0 if (f"is {number + 1}" in question) == right else -2.0
        return RequestResult(
            success=True, cached=False, request_time=0.25, request_datetime=1767323045,
            completions=[GeneratedOutput(text, likely, [Token(text, likely)])], embedding=[],
        )  # fmt: skip

    def tokenize(self, request):
        raise NotImplementedError

    def decode(self, request):
        raise NotImplementedError
