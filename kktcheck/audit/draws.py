"""What Hypothesis draws for all claims of a family at once, and how it shrinks what violates one of them.

Its draws depend on the seed alone. By itself it now and then draws a constant found in the source of the modules that are loaded, those
installed apart: the same seed would give other instances in another process, or from a checkout rather than an installed kktcheck. It also
leaves a folder of what it found.
"""

import contextlib
import functools
import warnings

from ..instances.choices import DrawnChoices


@functools.lru_cache(maxsize=6)
def drawn(family, count, seed):
    """Instances of a family that Hypothesis generates, at most ``count``; tuple."""
    found = []
    _generate(family, count, seed, lambda shape, cube: found.append(family.make(shape, cube)), shrink=False)
    return tuple(found)


def shrunk(family, count, seed, first, violates):
    """The simplest instance, among those that Hypothesis makes of one of its draws, that still violates a claim.

    Parameters
    ----------
    family, count, seed
        As of `drawn`.
    first : int
        The place of the first draw that may violate it: those before are not built.
    violates : callable
        Instance -> bool.

    Returns
    -------
    Instance or None
        None if no draw violates it.
    """
    places, found = iter(range(count)), []

    def attempt(shape, cube):
        if next(places, first) < first:
            return
        instance = family.make(shape, cube)
        if violates(instance):
            found.append(instance)
            raise _Violated

    with contextlib.suppress(_Violated):
        _generate(family, count, seed, attempt, shrink=True)
    return found[-1] if found else None


class _Violated(Exception):
    pass


def _generate(family, count, seed, attempt, shrink):
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisWarning

    recipes = st.composite(lambda draw: family.draw(DrawnChoices(draw)))

    @seeded(seed)
    @settings(
        max_examples=count, database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate], report_multiple_bugs=False, print_blob=False,
    )  # fmt: skip
    @given(recipes())
    def run(recipe):
        attempt(*recipe)

    with warnings.catch_warnings(), _from_the_seed_alone():
        warnings.simplefilter("ignore", HypothesisWarning)
        run()


@contextlib.contextmanager
def _from_the_seed_alone():
    """While this is open, Hypothesis draws from its distributions only; versions without such constants are left as they are."""
    from hypothesis.internal.conjecture.providers import HypothesisProvider

    name = "_maybe_draw_constant"
    before = getattr(HypothesisProvider, name, None)
    if before is None:
        yield
        return
    setattr(HypothesisProvider, name, lambda *arguments, **options: None)
    try:
        yield
    finally:
        setattr(HypothesisProvider, name, before)
