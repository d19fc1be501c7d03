"""Exact KKT points of trained networks: how often, how exact, how fast: ``python -m benchmarks.bench_kkt_points [--quick]``.

The 100 retained sets of ten Appendix E networks; networks trained with loss-normalised steps at other sizes, with more points than
dimensions among them; scikit-learn's digits. On some sets the independent engine (CVXPY) runs beside ours. A network that misclassifies a
point after training has no point to be near to; such sets are counted apart, by the error that says so. The matrices are small: with
``OPENBLAS_NUM_THREADS=1`` everything is several times faster than with two threads on a machine that has other work, and the record says how
many there were.
"""

import argparse
import collections
import statistics
import sys

import numpy as np

import kktcheck as kc
from kktcheck.certificate import angle_gap
from kktcheck.experiments.appendix_e import AppendixE, trained

from .bench_multipliers import timed
from .digits import digits
from .environment import RESULTS, write

#: (m, d, n) and number of networks of the other sizes.
SIZES = (((40, 60, 40), 20), ((20, 12, 40), 20), ((60, 400, 200), 10))
STEPS = 20000


class Tally:
    """What came of the sets of one size."""

    def __init__(self, name, size):
        self.name, self.size = name, size
        self.points, self.seconds, self.errors = [], [], collections.Counter()
        self.peer_seconds, self.paired, self.gaps, self.ascent = [], [], [], []

    def add(self, net, data, with_peer=False):
        """Seek a point; returns it, or None."""
        try:
            point, seconds = timed(lambda: kc.kkt_point(net, data))
        except (kc.InfeasibleError, kc.SolverError) as error:
            served = (net.margins(data) > 0).all()
            self.errors[type(error).__name__ if served else "misclassified after training"] += 1
            return None
        self.points.append(point)
        self.seconds.append(seconds)
        if with_peer:
            other, peer = timed(lambda: kc.kkt_point(net, data, engine="cvxpy"))
            self.peer_seconds.append(peer)
            self.paired.append(seconds)
            self.gaps.append(float(np.linalg.norm(other.model.W - point.model.W)) / point.model.norm)
        return point

    def row(self):
        """One row of the record."""
        asked = len(self.points) + sum(count for name, count in self.errors.items() if name.endswith("Error"))
        return {
            "networks": self.name, "m": self.size[0], "d": self.size[1], "n": self.size[2],
            "asked": asked, "exact": len(self.points), "errors": "; ".join(f"{k}: {v}" for k, v in sorted(self.errors.items())),
            "largest_kkt_residual": max((p.residuals.kkt for p in self.points), default=""),
            "median_s": statistics.median(self.seconds) if self.seconds else "", "most_s": max(self.seconds, default=""),
            "median_rounds": statistics.median(p.rounds for p in self.points) if self.points else "",
            "most_rounds": max((p.rounds for p in self.points), default=""),
            "median_kinks": statistics.median(p.num_kinks for p in self.points) if self.points else "",
            "median_classes": statistics.median(p.num_classes for p in self.points) if self.points else "",
            "unique": sum(p.unique is True for p in self.points),
            "median_tau": statistics.median(p.tau for p in self.points) if self.points else "",
            "median_tau_gradient_ascent": statistics.median(self.ascent) if self.ascent else "",
            "cvxpy_sets": len(self.peer_seconds),
            "cvxpy_times_slower": statistics.median(self.peer_seconds) / statistics.median(self.paired) if self.peer_seconds else "",
            "cvxpy_largest_difference": max(self.gaps, default=""),
        }  # fmt: skip


def appendix_e(networks):
    """All retained sets of Appendix E networks, and the tau of a plain step with the certificate's subgradient to the point found."""
    training = trained(AppendixE(networks=networks))
    tally = Tally("Appendix E, each without one point", (10, 1000, 400))
    for net, data in zip(training.models, training.data, strict=True):
        certificate = kc.certify(net, data)
        for point in range(data.num_points):
            found = tally.add(net, data.without(point), with_peer=point == 0)
            if found is not None:
                unlearned = kc.gradient_ascent(net, data, point, certificate=certificate)
                tally.ascent.append(angle_gap(unlearned, found.model))
    return tally.row()


def random_data(size, networks):
    """Rows of networks on Gaussian points: on all of them, and each without one of four points."""
    m, d, n = size
    whole, retained = Tally("normalised training, all points", size), Tally("normalised training, without one point", size)
    for seed in range(networks):
        data = kc.sampling.gaussian(m, d, rng=seed)
        net = kc.train(kc.random_network(n, d, rng=10_000 + seed), data, steps=STEPS, normalised=True).model
        whole.add(net, data, with_peer=seed < 5)
        for point in range(4):
            retained.add(net, data.without(point))
    return [whole.row(), retained.row()]


def real_data(sets):
    """Rows of scikit-learn's digits: on all points, and without each of the points with the largest multipliers."""
    data = digits()
    net = kc.train(kc.random_network(50, data.dim, scale=1e-3, rng=1), data, steps=5000, learning_rate=0.1, normalised=True).model
    size = (data.num_points, data.dim, 50)
    whole, retained = Tally("digits, all points", size), Tally("digits, without one support point", size)
    whole.add(net, data, with_peer=True)
    for point in np.argsort(-kc.certify(net, data).multipliers)[:sets]:
        retained.add(net, data.without(int(point)))
    return [whole.row(), retained.row()]


def main(argv=None):
    """Run and write ``results/kkt_points.csv`` (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one Appendix E network and two of a small size, no file")
    quick = parser.parse_args(argv).quick
    rows = [appendix_e(1 if quick else 10)]
    for size, networks in SIZES[1:2] if quick else SIZES:
        rows += random_data(size, 2 if quick else networks)
    rows += [] if quick else real_data(12)
    for entry in rows:
        print({key: value for key, value in entry.items() if value != ""}, file=sys.stderr)
    if not quick:
        write(RESULTS / "kkt_points.csv", rows, "cvxpy", "clarabel", "scikit-learn")


if __name__ == "__main__":
    main()
