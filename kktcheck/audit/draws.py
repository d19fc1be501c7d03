"""Hypothesis with draws that depend on the seed alone.

By itself it now and then draws a constant found in the source of the modules that are loaded, those installed apart: the same seed would
give other instances in another process, or from a checkout rather than an installed kktcheck.
"""

import contextlib


@contextlib.contextmanager
def from_the_seed_alone():
    """While this is open, Hypothesis draws from its distributions only."""
    from hypothesis.internal.conjecture import providers

    class Provider(providers.HypothesisProvider):
        def _maybe_draw_constant(self, *arguments, **options):
            return None

    before = providers.AVAILABLE_PROVIDERS["hypothesis"]
    providers.AVAILABLE_PROVIDERS["hypothesis"] = Provider
    try:
        yield
    finally:
        providers.AVAILABLE_PROVIDERS["hypothesis"] = before
