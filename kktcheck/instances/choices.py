"""Where an instance's free choices come from: a random generator, or Hypothesis, which can shrink them."""

import numpy as np

#: Steps of a shrinkable coordinate on each side of its middle: coarse enough that a shrunk witness is readable.
_GRID = 4


class RandomChoices:
    """Choices from a NumPy generator.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng):
        self._rng = rng

    def integer(self, low, high):
        """An integer in [low, high]."""
        return int(self._rng.integers(low, high + 1))

    def bits(self, count):
        """``count`` times 0 or 1, most of them alike in half of the calls; int array."""
        share = self._rng.choice([0.1, 0.5, 0.5, 0.9])
        return (self._rng.random(count) < share).astype(int)

    def cube(self, size):
        """A point of [0, 1]^size; corners, faces and the middle are as likely as what lies between."""
        uniform = self._rng.random(size)
        kinds = self._rng.choice(4, size=size, p=self._rng.dirichlet(np.ones(4)))
        return np.choose(kinds, [uniform, np.zeros(size), np.ones(size), np.full(size, 0.5)])


class DrawnChoices:
    """Choices drawn by Hypothesis; they shrink to small integers, zero bits and the middle of the cube.

    Parameters
    ----------
    draw : callable
        The ``draw`` of a ``hypothesis.strategies.composite`` function.
    """

    def __init__(self, draw):
        self._draw = draw

    def integer(self, low, high):
        """An integer in [low, high]; shrinks to ``low``."""
        from hypothesis import strategies as st

        return self._draw(st.integers(low, high))

    def bits(self, count):
        """``count`` times 0 or 1; shrinks to zeros."""
        from hypothesis import strategies as st

        number = self._draw(st.integers(0, 2**count - 1)) if count else 0
        return np.array([number >> place & 1 for place in range(count)], dtype=int)

    def cube(self, size):
        """A point of a grid in [0, 1]^size; shrinks to its middle."""
        from hypothesis import strategies as st

        steps = self._draw(st.lists(st.integers(-_GRID, _GRID), min_size=size, max_size=size))
        return np.array(steps, dtype=float) / (2 * _GRID) + 0.5


class NotedChoices:
    """Choices from elsewhere, noted one by one.

    Parameters
    ----------
    choices : RandomChoices or DrawnChoices

    Attributes
    ----------
    noted : list
        Integers, int arrays (bits) and float arrays (points of a cube).
    """

    def __init__(self, choices):
        self._choices, self.noted = choices, []

    def integer(self, low, high):
        """An integer in [low, high]."""
        return self._note(self._choices.integer(low, high))

    def bits(self, count):
        """``count`` times 0 or 1; int array."""
        return self._note(self._choices.bits(count))

    def cube(self, size):
        """A point of [0, 1]^size."""
        return self._note(self._choices.cube(size))

    def _note(self, choice):
        self.noted.append(choice)
        return choice


class RepeatedChoices:
    """Choices noted before, as far as they fit; where they do not, the simplest: the least integer, zeros, the middle of the cube.

    Parameters
    ----------
    choices : list
        As `NotedChoices` notes them.

    Attributes
    ----------
    noted : list
        Those that were made.
    """

    def __init__(self, choices):
        self._choices, self.noted = iter(choices), []

    def integer(self, low, high):
        """An integer in [low, high]."""
        choice = next(self._choices, low)
        self.noted.append(min(max(choice, low), high) if isinstance(choice, int) else low)
        return self.noted[-1]

    def bits(self, count):
        """``count`` times 0 or 1; int array."""
        return self._fitted(np.zeros(count, dtype=int))

    def cube(self, size):
        """A point of [0, 1]^size."""
        return self._fitted(np.full(size, 0.5))

    def _fitted(self, result):
        choice = next(self._choices, None)
        if isinstance(choice, np.ndarray) and choice.dtype.kind == result.dtype.kind:
            both = min(len(choice), len(result))
            result[:both] = choice[:both]
        self.noted.append(result)
        return result
