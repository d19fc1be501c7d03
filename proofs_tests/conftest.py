"""Hypothesis profiles, and what all command-line tests share.

The profiles are ``ci`` (default, the same examples every time) and ``thorough`` (random, 50 times as many). Choose with
``--hypothesis-profile=thorough`` or the environment variable ``KKTCHECK_PROFILE``.
"""

import os
import shlex

import pytest
from hypothesis import HealthCheck, settings

from kktcheck import cli

from .instances import CI_EXAMPLES

settings.register_profile("ci", derandomize=True, database=None, max_examples=CI_EXAMPLES, deadline=None, print_blob=False)
settings.register_profile(
    "thorough", derandomize=False, max_examples=50 * CI_EXAMPLES, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("KKTCHECK_PROFILE", "ci"))


@pytest.fixture
def run(folder, capsys):
    """Run a command given as one line in the module's own ``folder``; returns (exit code, standard output, standard error)."""

    def run(line):
        code = cli.main(shlex.split(line))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
