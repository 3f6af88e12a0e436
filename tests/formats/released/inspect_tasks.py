"""Tasks of Inspect whose solver answers by itself: no model and no network is needed."""

from inspect_ai import Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score, accuracy, choice, match, mean, scorer
from inspect_ai.solver import solver

SUMS = MemoryDataset(
    [
        Sample(
            input=f"What is {n} + 1?",
            target=str(n + 1),
            id=n,
            metadata={"group": "odd" if n % 2 else "even"},
        )
        for n in range(4)
    ],
    name="sums",
)


@solver
def answers(fails_at=None):
    async def solve(state, generate):
        number = int(state.sample_id)
        if number == fails_at:
            raise RuntimeError("the solver failed")
        # One answer of each prompt is wrong in the second epoch, and all in the first for number 3.
        wrong = state.epoch == 2 or number == 3
        text = f"The answer is {number + 1 + wrong}"
        state.output = ModelOutput.from_content(str(state.model), text)
        state.messages.append(state.output.message)
        return state

    return solve


@solver
def picks():
    async def solve(state, generate):
        state.choices.mark_choice(0, correct=True)
        state.output = ModelOutput.from_content(str(state.model), "ANSWER: A")
        return state

    return solve


@scorer(metrics=[mean()])
def graded():
    async def score(state, target):
        number = int(state.sample_id)
        return Score(
            value=float("nan") if number == 1 else number / 4, answer=state.output.completion
        )

    return score


@scorer(metrics={"fluent": [mean()], "right": [accuracy()]})
def parts():
    async def score(state, target):
        return Score(value={"fluent": 0.5, "right": int(state.epoch == 1)}, answer="parts")

    return score


@task
def epochs():
    return Task(SUMS, solver=answers(), scorer=[match(), graded(), parts()], epochs=3)


@task
def failing():
    return Task(SUMS, solver=answers(fails_at=2), scorer=match(), fail_on_error=False)


@task
def stopped():
    return Task(SUMS, solver=answers(fails_at=1), scorer=match())


@task
def choices():
    samples = [
        Sample(input="1 + 1?", choices=["2", "1"], target="A", id="a"),
        Sample(input="1 + 2?", choices=["2", "3"], target="B", id="b"),
    ]
    return Task(MemoryDataset(samples, name="choices"), solver=picks(), scorer=choice())
