"""Certificates of large networks, memory-mapped: ``python -m benchmarks.bench_large [--quick] [--threads N]``.

A network W = W_0 + J(lambda, z) with planted multipliers and a Gaussian error W_0, its activations those it has itself (a few rounds of
fixed-point iteration), every neuron projected onto the hyperplanes of the 50 points nearest to them, labels what the network says. Points are
N(0, I/d), or correlated: a spectrum that falls like 1/k about a common mean. They are written block by block to a folder of .npy files. Model
and data are then loaded and certified in a fresh process, whose peak of resident memory is the operating system's own count (pages of X that
are mapped count, too).

The floor is the time of as many products of the same shapes in float64, (n, b) by (b, d) and (b, d) by (d, n) over blocks b of all points; the
search multiplies in float32 where that is good enough, so it can come out below. The residual in the
common columns is the duality gap relative to |theta|**2 / 2; an answer is right if that is at most 1e-6.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from kktcheck.blocks import point_blocks

from . import environment, record, timing

#: Points of a block while the instance is made.
BLOCK = 4096

#: Duality gap that counts as right, and the cap on memory that is asked for.
RIGHT, MAX_MEMORY = 1e-6, 6e9

#: Norm of the error relative to the planted part's, were its summands independent.
ERROR = 6.0

#: (m, d, n, kinks per neuron).
FULL, QUICK = (50_000, 784, 500, 50), (4_000, 100, 200, 10)


def blocks(m):
    """Slices that cover all points."""
    return point_blocks(m, BLOCK)


def write_instance(folder, m, d, n, kinks, correlated, seed=0):
    """Write X.npy, y.npy, W.npy, u.npy and kinks.npy to a folder."""
    rng = np.random.default_rng(seed)
    X = np.lib.format.open_memmap(folder / "X.npy", mode="w+", dtype=np.float64, shape=(m, d))
    spectrum, mean = np.ones(d), np.zeros(d)
    if correlated:
        spectrum = np.arange(1, d + 1.0) ** -0.5
        spectrum *= np.sqrt(d / (spectrum @ spectrum))
        mean = rng.standard_normal(d) / np.sqrt(d)
    for block in blocks(m):
        X[block] = rng.standard_normal(X[block].shape) * (spectrum / np.sqrt(d)) + mean
    u = rng.choice([-1.0, 1.0], n) / np.sqrt(n)
    planted = rng.uniform(0.5, 1.5, m) * (rng.random(m) < 0.6)
    error = rng.standard_normal((n, d)) * (ERROR * np.sqrt(0.3 * m / n / d))
    error -= np.outer(error @ mean, mean) / max(mean @ mean, 1.0) * correlated
    W = error
    for _ in range(3):
        W = error + combination(X, u, W, planted)
    mask = nearest(X, W, kinks)
    for j in range(n):
        basis = np.linalg.qr(X[mask[j]].T)[0]
        for _ in range(2):
            W[j] -= basis @ (basis.T @ W[j])
    y = np.empty(m)
    for block in blocks(m):
        P = X[block] @ W.T
        P[mask[:, block].T] = 0.0
        y[block] = np.where(np.maximum(P, 0.0) @ u > 0, 1.0, -1.0)
    X.flush()
    for name, array in {"y": y, "W": W, "u": u, "kinks": mask}.items():
        np.save(folder / f"{name}.npy", array)


def combination(X, u, W, planted):
    """Sum of the signed gradients of a network at its own labels, weighted by the planted multipliers."""
    total = np.zeros(W.shape)
    for block in blocks(len(X)):
        P = X[block] @ W.T
        y = np.where(np.maximum(P, 0.0) @ u > 0, 1.0, -1.0)
        total += ((P >= 0) * (planted[block] * y)[:, None]).T @ X[block]
    return u[:, None] * total


def nearest(X, W, count):
    """Mask, shape (n, m), of the points nearest to each neuron's hyperplane."""
    P = np.concatenate([np.abs(X[block] @ W.T) / np.linalg.norm(X[block], axis=1)[:, None] for block in blocks(len(X))]).T
    mask = np.zeros(P.shape, dtype=bool)
    np.put_along_axis(mask, np.argpartition(P, count, axis=1)[:, :count], True, axis=1)
    return mask


def certify(folder, subgradient, engine):
    """What one certificate took, as a dict; to be called in a fresh process."""
    import kktcheck as kc

    model, data = kc.load_model(folder / "model"), kc.load_dataset(folder / "data")

    def progress(stage, done, total):
        print(stage, done, f"{time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)

    started, processor = time.perf_counter(), time.process_time()
    certificate = kc.certify(model, data, subgradient=subgradient, engine=engine, max_memory=MAX_MEMORY, progress=progress)
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    return {
        "seconds": seconds,
        "cpu_s": processor,
        "products": float(certificate.method.split()[1]),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "gap": certificate.gap,
        "epsilon_over_norm": certificate.residuals.stationarity,
        "kinks": certificate.kinks.count,
        "positive": int((certificate.multipliers > 0).sum()),
    }


def floor(folder, products):
    """Seconds of as many products of the same shapes (a couple measured, the rest in proportion)."""
    X = np.load(folder / "data" / "X.npy", mmap_mode="r")
    n = len(np.load(folder / "model" / "u.npy"))
    C, R = np.random.default_rng(0).standard_normal((BLOCK, n)), np.random.default_rng(1).standard_normal((X.shape[1], n))
    times = []
    for _ in range(3):
        started = time.perf_counter()
        for block in blocks(len(X)):
            part = X[block]
            C[: len(part)].T @ part
            part @ R
        times.append((time.perf_counter() - started) / 2)
    return min(times) * products


def measure(sizes, correlated, subgradient, threads, engine):
    """Row of one case."""
    m, d, n, kinks = sizes
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("model", "data"):
            (folder / part).mkdir()
        write_instance(folder / "data", m, d, n, kinks, correlated)
        for array in ("W", "u", "kinks"):
            (folder / "data" / f"{array}.npy").rename(folder / "model" / f"{array}.npy")
        surroundings = os.environ | {"OPENBLAS_NUM_THREADS": str(threads)}
        command = [sys.executable, "-m", "benchmarks.bench_large", "--worker", str(folder), subgradient, engine]
        done = subprocess.run(command, cwd=Path(__file__).parent.parent, env=surroundings, check=True, stdout=subprocess.PIPE, text=True)
        found = json.loads(done.stdout.splitlines()[-1])
        least = floor(folder, found["products"])
    points = "correlated" if correlated else "Gaussian"
    row = dict.fromkeys(record.ROW, "") | {
        "case": f"{points}, {subgradient}", "m": m, "d": d, "n": n, "kinks": found["kinks"], "method": record.OURS, "rounds": 1,
        "median_s": f"{found['seconds']:.4g}", "least_s": f"{found['seconds']:.4g}", "most_s": f"{found['seconds']:.4g}", "times_ours": "1",
        "peak_mb": f"{found['peak_mb']:.4g}", "kkt_residual": found["gap"], "right": found["gap"] is not None and found["gap"] <= RIGHT,
        "floor_s": f"{least:.4g}", "times_floor": f"{found['seconds'] / least:.4g}",
    }  # fmt: skip
    return row | {key: found[key] for key in ("products", "epsilon_over_norm", "positive", "cpu_s")} | {"load": f"{os.getloadavg()[0]:.1f}"}


def main(argv=None):
    """Run and write ``results/large.csv`` (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small instance, no file")
    parser.add_argument("--threads", type=int, default=2, help="threads of BLAS (default 2)")
    parser.add_argument("--only", type=int, help="the case of this number alone, no file")
    parser.add_argument("--worker", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.worker:
        print(json.dumps(certify(Path(options.worker[0]), *options.worker[1:])))
        return
    sizes, engine = (QUICK, "matrix-free") if options.quick else (FULL, "fast")
    cases = [(False, "clarke"), (True, "clarke"), (False, "indicator")]
    table = []
    with timing.threads(options.threads):
        for case in cases if options.only is None else [cases[options.only]]:
            table.append(measure(sizes, *case, options.threads, engine))
            print(table[-1], file=sys.stderr, flush=True)
    if not options.quick and options.only is None:
        environment.write(environment.RESULTS / "large.csv", table)


if __name__ == "__main__":
    main()
