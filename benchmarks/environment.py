"""What a figure depends on besides the code: versions, processor, BLAS, threads; written beside every row of a CSV file."""

import csv
import os
import platform
from importlib import metadata, util
from pathlib import Path

import numpy as np

import kktcheck

RESULTS = Path(__file__).parent / "results"


def columns(*libraries):
    """Environment as a dict of CSV columns.

    Parameters
    ----------
    *libraries : str
        Distributions whose versions are wanted beside those of kktcheck, Python, NumPy and SciPy; empty for one that is not installed.
    """
    names = ("numpy", "scipy", *libraries)
    blas = _blas()
    return {
        "kktcheck": kktcheck.__version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in names},
        "blas": f"{blas['internal_api']} {blas['version']} {blas.get('architecture', '')}".strip(),
        "blas_threads": blas["num_threads"],
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def write(path, rows, *libraries):
    """Write rows, dicts of one set of keys, to a CSV file, with the environment in further columns.

    Parameters
    ----------
    path : path-like
        The file; its folder is made if need be.
    rows : list of dict
    *libraries : str
        As for `columns`.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    surroundings = columns(*libraries)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], *surroundings], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **surroundings} for row in rows)


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _blas():
    """The BLAS that NumPy has loaded, as threadpoolctl, where it is, sees it (others, such as SciPy's own, are left out)."""
    if util.find_spec("threadpoolctl") is None:
        return {"internal_api": "unknown", "version": "", "num_threads": ""}
    import threadpoolctl

    np.ones((2, 2)) @ np.ones((2, 2))
    home = str(Path(np.__file__).parent)
    found = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    own = [pool for pool in found if pool["filepath"].startswith(home)]
    return (own or found or [{"internal_api": "unknown", "version": "", "num_threads": ""}])[0]


def _cpu():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
