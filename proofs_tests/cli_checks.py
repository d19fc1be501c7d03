"""What the tests of commands share: a stand-in for an experiment."""


class Planned:
    """Stands in for an experiment: records how it was called, reports some progress, then returns or raises ``answer``."""

    def __init__(self, answer):
        self.answer, self.calls, self.jobs = answer, [], []

    def __call__(self, settings, *, progress, checkpoint, jobs):
        self.calls.append((settings, checkpoint))
        self.jobs.append(jobs)
        progress("training", 30, 300)
        progress("training", 300, 300)
        progress("forgetting", 1, 2)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer
