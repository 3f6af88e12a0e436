"""Completion functions of OpenAI evals that answer by themselves: no model and no network is needed."""

from evals.record import record_sampling


class Answer:
    def __init__(self, text):
        self.text = text

    def get_completions(self):
        return [self.text]


class Sums:
    """Adds; some sums are wrong, some fail, and some functions do not record what they were asked."""

    def __init__(self, wrong=(), fails=(), records=True, registry=None):
        self.wrong, self.fails, self.records = wrong, fails, records

    def __call__(self, prompt, **options):
        text = prompt if isinstance(prompt, str) else prompt[-1]["content"]
        number = int(text.split()[2])
        if number in self.fails:
            raise RuntimeError("the model failed")
        answer = str(number + 1 + (number in self.wrong))
        if self.records:
            record_sampling(prompt=prompt, sampled=[answer])
        return Answer(answer)


class Grader:
    """Compares two words of what it is asked; of number 2 it does not."""

    def __init__(self, registry=None):
        pass

    def __call__(self, prompt, **options):
        text = prompt if isinstance(prompt, str) else prompt[-1]["content"]
        answer, right = text.partition("truth: ")[2].split()[:2]
        right = right.strip("[',")
        choice = "Perhaps" if right == "3" else "Yes" if answer == right else "No"
        record_sampling(prompt=prompt, sampled=[choice])
        return Answer(choice)
