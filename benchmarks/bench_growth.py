"""Time and memory against one size at a time, with fitted exponents: ``python -m benchmarks.bench_growth [--quick] [--threads N]``.

Around a base point one of m (points), n (neurons), d (dimension), the number of kinks and that of forgotten points runs through powers of two. The
time is that of the process, of one thread unless asked otherwise, so that other work on the machine counts little; the wall clock stands beside it.
"in_units" is how many times as long as the certificate (or the max-margin predictor) of all points it takes to forget every single point in turn, or
32 sets of several; with no certificate given, so that one is part of it. Flops are those of the products and factorisations that the method
consists of, each once. Pivoting factors a few times, and the states of exact points are searched for: there the exponents are what the
instances ask for, and no flops are counted.
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import kktcheck as kc

from . import environment, networks, timing
from .growth_fit import fitted

#: Seconds of a call from which on it is not repeated, and those that the calls of one round should take together.
SLOW, SHORTEST = 1.0, 0.02

EPOCHS = 20


@dataclass(frozen=True)
class Instance:
    """A network that classifies every point correctly, its data, and forget sets of one size."""

    net: kc.TwoLayerReLU
    data: kc.Dataset
    sets: list

    def fresh(self):
        """The same with nothing computed before."""
        return Instance(self.net, kc.Dataset(self.data.X, self.data.y), self.sets)


def instance(m, n, d, kinks=0, forgotten=0):
    """Planted multipliers and an error (`benchmarks.networks.some_positive`), labels as the network has them, each neuron off some of its kinks.

    ``forgotten`` is the size of 32 random forget sets; 0 means every single point.
    """
    data, net = networks.some_positive(m, 1, d, n)
    rng = np.random.default_rng(2)
    mask = None
    if kinks:
        W, mask, each = np.array(net.W), np.zeros((n, m), dtype=bool), kinks // n
        for j in range(n):
            points = rng.permutation(m)[:each]
            basis = np.linalg.qr(data.X[points].T)[0]
            for _ in range(2):
                W[j] -= (W[j] @ basis) @ basis.T
            mask[j, points] = True
        net = kc.TwoLayerReLU(W, net.u, mask)
    data = kc.Dataset(data.X, np.where(net.margins(data) * data.y > 0, 1.0, -1.0))
    sets = [rng.permutation(m)[:forgotten] for _ in range(32)] if forgotten else list(range(m))
    return Instance(net, data, sets)


def assessed(found, method="plain"):
    """The step and its witnesses for the first set alone."""
    certificate = kc.certify(found.net, found.data)
    unlearned = kc.gradient_ascent(found.net, found.data, found.sets[0], certificate=certificate, method=method)
    return kc.assess(unlearned, found.data, found.sets[0], original=found.net, certificate=certificate)


def trained(found):
    """A few epochs of training, from little weights."""
    return kc.train(found.net.scaled(1e-3), found.data, steps=EPOCHS)


def each(method, subgradient):
    """A function that forgets every set of an instance."""
    return lambda found: kc.assess_each(found.net, found.data, found.sets, method=method, subgradient=subgradient)


def of_certificate(m, n, d, kinks=0, forgotten=0):
    """Pre-activations, residual, Gram matrix of points and of gradients, one factorisation; with kinks the part of every piece projected off."""
    own = kinks / n
    return 4.0 * n * m * d + m * m * d + n * m * m + m**3 / 3 + kinks * m * m + n * own**2 * m + n * own**3 / 3


def of_margin(m, n, d, kinks=0, forgotten=0):
    """Gram matrix, one factorisation, two products with the points."""
    return m * m * d + m**3 / 3 + 4.0 * m * d


def of_plain(m, n, d, kinks=0, forgotten=0):
    """The certificate, and for each set pre-activations, Gram matrix of gradients, factorisation and residual."""
    count, k = (32, forgotten) if forgotten else (m, 1)
    return of_certificate(m, n, d) + count * (2.0 * n * m * k + n * m * m + m**3 / 3 + 2.0 * n * m * min(m, d))


def of_projected(m, n, d, kinks=0, forgotten=0):
    """The certificate, an inverse, and for each set four products of an m x m matrix and a vector, and one system of the size of the set."""
    count, k = (32, forgotten) if forgotten else (m, 1)
    return of_certificate(m, n, d) + 2.0 * m**3 + count * (8.0 * m * m + 4.0 * k * m + 2.0 * n * k * k + k**3)


def of_removals(m, n, d, kinks=0, forgotten=0):
    """The predictor, an inverse, and for each point three products with an m x m matrix and three with the points."""
    return of_margin(m, n, d) + m**3 + 6.0 * m**3 + 6.0 * m * m * d


@dataclass(frozen=True)
class Quantity:
    """What is measured: a function of an `Instance`, the base point, the sizes that each axis runs through, and the flops.

    The time is divided by ``per``, and compared with that of ``unit`` on the same instance.
    """

    name: str
    run: Callable
    base: dict
    axes: dict
    flops: Callable | None = None
    per: int = 1
    unit: Callable | None = None


def _powers(low, high):
    return [2**k for k in range(low, high + 1)]


WIDE = {"m": 256, "n": 128, "d": 512}
NARROW = {"m": 16, "n": 64, "d": 128}
CERTIFICATE = {"m": _powers(6, 12), "n": _powers(7, 13), "d": _powers(8, 14)}


def quantities():
    """All that is measured."""

    def certify(subgradient):
        return lambda found: kc.certify(found.net, found.data, subgradient=subgradient, kink_tol=0.0)

    def recover(found):
        return kc.recover_multipliers(found.net, found.data, subgradient="indicator")

    def max_margin(found):
        return kc.max_margin(found.data)

    def retrain(found):
        return kc.retrain_each(found.data, found.sets)

    sets, kinks = {"forgotten": _powers(0, 7)}, {"kinks": _powers(8, 14)}
    leave_one_out = {"m": _powers(5, 9), "n": _powers(7, 11), "d": _powers(7, 13)}
    points = {"m": _powers(6, 11), "d": _powers(9, 14)}
    few = {"m": _powers(3, 6), "n": _powers(5, 10), "d": _powers(6, 12)}
    linear = WIDE | {"n": 1, "d": 4096}
    return (
        Quantity("certify, indicator", certify("indicator"), WIDE, CERTIFICATE, of_certificate),
        Quantity("certify, clarke", certify("clarke"), WIDE | {"kinks": 1024}, CERTIFICATE | kinks, of_certificate),
        Quantity("recover_multipliers, indicator", recover, WIDE, CERTIFICATE, of_certificate),
        Quantity("max_margin", max_margin, linear, points, of_margin),
        Quantity("kkt_point", lambda found: kc.kkt_point(found.net, found.data), NARROW, few),
        Quantity("gradient_ascent and assess", assessed, NARROW, few | {"forgotten": _powers(0, 3)}),
        Quantity("training epoch", trained, WIDE, CERTIFICATE, lambda m, n, d, **_: 2.0 * n * m * m, EPOCHS),
        Quantity("assess_each, plain", each("plain", "indicator"), WIDE, leave_one_out | sets, of_plain, 1, certify("indicator")),
        Quantity(
            "assess_each, projected",
            each("projected", "indicator"),
            WIDE | {"d": 2048},
            leave_one_out | sets | {"m": _powers(6, 11), "d": _powers(9, 14)},
            of_projected,
            1,
            certify("indicator"),
        ),
        Quantity("retrain_each, linear", retrain, linear, points, of_removals, 1, max_margin),
    )


def timed(run, prepare, rounds):
    """Medians of process and wall time of a call, the spread of the former (largest minus least), and how many rounds there were."""
    process, wall = [], []
    run(prepare())
    repeats = 1
    for number in range(rounds):
        arguments = [prepare() for _ in range(repeats)]
        started, clock = time.process_time(), time.perf_counter()
        for argument in arguments:
            run(argument)
        process.append((time.process_time() - started) / repeats)
        wall.append((time.perf_counter() - clock) / repeats)
        if process[-1] > SLOW:
            break
        if not number:
            repeats = max(1, min(50, int(SHORTEST / max(process[0], 1e-6))))
    return statistics.median(process), statistics.median(wall), max(process) - min(process), len(process)


def cell(quantity, against, size, rounds):
    """One row of the record, or None where there is nothing to measure: no exact point is reached from this instance's states."""
    sizes = quantity.base | {against: size}
    found = instance(**sizes)
    about = ", ".join(f"{name}={value}" for name, value in quantity.base.items() if name != against)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", kc.KKTCheckWarning)
        try:
            seconds, wall, spread, count = timed(quantity.run, found.fresh, rounds)
        except (kc.InfeasibleError, kc.SolverError) as error:
            print(f"{quantity.name} against {against} = {size}: {error}"[:140], file=sys.stderr)
            return None
        peak = timing.peak_memory(quantity.run, lambda _: found.fresh())
        unit = timed(quantity.unit, found.fresh, rounds)[0] if quantity.unit else None
    return {
        "quantity": quantity.name, "against": against, "base": about, "size": size,
        "median_s": float(f"{seconds / quantity.per:.4g}"), "spread": float(f"{spread / quantity.per:.2g}"),
        "wall_s": float(f"{wall / quantity.per:.4g}"), "rounds": count, "peak_MB": round(peak, 2),
        "in_units": round(seconds / unit, 1) if unit else "", "flops": quantity.flops(**sizes) if quantity.flops else "",
    }  # fmt: skip


def main(argv=None):
    """Run, print, and write ``results/growth.csv`` and ``results/growth_exponents.csv`` (not with --quick); returns the rows of both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="growth against m over three small sizes, one round, no file")
    parser.add_argument("--threads", type=int, default=1, help="threads of BLAS (default 1)")
    parser.add_argument("--only", metavar="WORDS", help="quantities whose names begin with this; no file")
    options = parser.parse_args(argv)
    rows = []
    with timing.threads(options.threads):
        for quantity in quantities():
            if options.only and not quantity.name.startswith(options.only):
                continue
            for against, sizes in list(quantity.axes.items())[: 1 if options.quick else None]:
                for size in sizes[:3] if options.quick else sizes:
                    row = cell(quantity, against, size, 1 if options.quick else 5)
                    if row is not None:
                        print({key: value for key, value in row.items() if value != ""}, file=sys.stderr, flush=True)
                        rows.append(row)
    exponents = fitted(rows)
    for row in exponents:
        print(row, file=sys.stderr)
    if not options.quick and not options.only:
        environment.write(environment.RESULTS / "growth.csv", rows)
        environment.write(environment.RESULTS / "growth_exponents.csv", exponents)
    return rows, exponents


if __name__ == "__main__":
    main()
