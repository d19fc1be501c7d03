"""Hypothesis with draws that depend on the seed alone.

By itself it now and then draws a constant found in the source of the modules that are loaded, those installed apart: the same seed would
give other instances in another process, or from a checkout rather than an installed kktcheck. It also leaves a folder of what it found.
"""

import contextlib


@contextlib.contextmanager
def from_the_seed_alone():
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
