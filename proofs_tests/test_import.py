"""What ``import kktcheck`` loads: the heavy libraries wait until they are used."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ("cvxpy", "hypothesis", "matplotlib", "scipy.optimize", "scipy.sparse.linalg", "tqdm", "safetensors", "distributed", "flint", "mpmath")


def modules_after(statement):
    """Names of all modules a fresh interpreter holds after a statement; warnings are errors there too."""
    code = f"{statement}\nimport sys\nprint(*sys.modules, sep='\\n')"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.fixture(scope="module")
def loaded():
    return modules_after("import kktcheck")


@pytest.mark.parametrize("name", HEAVY)
def test_importing_kktcheck_does_not_import(loaded, name):
    assert "kktcheck.models" in loaded  # the list is that of an interpreter which did import kktcheck
    assert name not in loaded


def test_the_check_would_notice_a_heavy_import():
    assert {"scipy.optimize", "hypothesis"} <= modules_after("import scipy.optimize, hypothesis")


def test_the_version_is_the_one_in_the_metadata():
    import configparser

    import kktcheck

    metadata = configparser.ConfigParser()
    metadata.read(ROOT / "setup.cfg")
    assert metadata["metadata"]["version"] == "attr: kktcheck.__version__"
    assert kktcheck.__version__.count(".") == 2
    assert set(kktcheck.__all__) <= set(dir(kktcheck))
