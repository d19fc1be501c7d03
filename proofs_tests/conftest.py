"""Hypothesis profiles: ``ci`` (default, the same examples every time) and ``thorough`` (random, 50 times as many).

Choose with ``--hypothesis-profile=thorough`` or the environment variable ``KKTCHECK_PROFILE``.
"""

import os

from hypothesis import HealthCheck, settings

from .instances import CI_EXAMPLES

settings.register_profile("ci", derandomize=True, database=None, max_examples=CI_EXAMPLES, deadline=None, print_blob=False)
settings.register_profile(
    "thorough", derandomize=False, max_examples=50 * CI_EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("KKTCHECK_PROFILE", "ci"))
