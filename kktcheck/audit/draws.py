"""What Hypothesis draws for all claims of a family at once.

Its draws depend on the seed alone. By itself it now and then draws a constant found in the source of the modules that are loaded, those
installed apart: the same seed would give other instances in another process, or from a checkout rather than an installed kktcheck. It also
leaves a folder of what it found.
"""

import contextlib
import functools
import warnings

from ..instances.choices import DrawnChoices, NotedChoices


@functools.lru_cache(maxsize=6)
def drawn(family, count, seed):
    """Instances of a family that Hypothesis generates, at most ``count``, each with the choices that made it; tuple of (instance, list)."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from hypothesis import strategies as st
    from hypothesis.errors import HypothesisWarning

    found = []

    @seeded(seed)
    @settings(
        max_examples=count, database=None, deadline=None, derandomize=False, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(st.composite(lambda draw: _drawn(family, NotedChoices(DrawnChoices(draw))))())
    def collect(drawn):
        found.append(drawn)

    with warnings.catch_warnings(), _from_the_seed_alone():
        warnings.simplefilter("ignore", HypothesisWarning)
        collect()
    return tuple(found)


def _drawn(family, choices):
    return family.make(*family.draw(choices)), choices.noted


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
