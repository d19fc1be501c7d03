"""Multipliers and certificates against their peers: ``python -m benchmarks.bench_multipliers [--quick]``.

Indicator convention: Gram form and pivoting against scipy's nnls on the dense Jacobian (m = 100; at m = 1000 that takes 9.7 GB and is left
out). Clarke convention: certificates of networks of Appendix E against CVXPY on the full quadratic program. Each row has the
medians over the rounds, ours and the peer's interleaved, the KKT residual of the multiplier problem and the difference in epsilon.
"""

import argparse
import statistics
import sys
import time
import tracemalloc

import numpy as np
from scipy import optimize

import kktcheck as kc
from kktcheck.experiments.appendix_e import AppendixE, trained

from .environment import RESULTS, write

DIM, NEURONS = 1000, 400


def instance(m, share, seed):
    """Network with planted multipliers, a ``share`` of them positive, and an error of 0.3 |theta| that shifts some to zero."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((m, DIM)) / np.sqrt(DIM), rng.choice([-1.0, 1.0], m)
    u = rng.choice([-1.0, 1.0], NEURONS) / np.sqrt(NEURONS)
    multipliers = rng.uniform(0.5, 1.5, m) * (rng.random(m) < share)
    W = u[:, None] * (((rng.random((NEURONS, m)) < 0.5) * (multipliers * y)) @ X)
    W += rng.standard_normal(W.shape) * (0.3 * np.linalg.norm(W) / np.sqrt(W.size))
    return kc.Dataset(X, y), kc.TwoLayerReLU(W, u)


def timed(function):
    """Result and seconds of one call."""
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


def peak(function):
    """Peak of traced memory of one call, in megabytes."""
    tracemalloc.start()
    function()
    size = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return size


def dense_nnls(net, data):
    """Least residual through the dense Jacobian of the signed gradients."""
    J = (data.y[:, None, None] * net.jacobian(data.X)).reshape(data.num_points, -1)
    return optimize.nnls(np.ascontiguousarray(J.T), net.W.ravel(), maxiter=100 * data.num_points)[1]


def row(task, sizes, ours, peer, found, rounds, memory, peer_name, epsilon_gap):
    """One row of the record."""
    median = statistics.median(ours)
    return {
        "task": task, "m": sizes[0], "kinks": sizes[1], "rounds": rounds, "median_s": median, "least_s": min(ours), "most_s": max(ours),
        "peak_MB": memory, "positive": int((found.values > 0).sum()), "residual": found.residual,
        "peer": peer_name, "peer_median_s": statistics.median(peer) if peer else "", "ratio": statistics.median(peer) / median if peer else "",
        "epsilon_gap_over_norm": epsilon_gap,
    }  # fmt: skip


def indicator(m, share, rounds, with_peer):
    """Rows of the indicator convention."""
    data, net = instance(m, share, m)
    ours, peer, gap = [], [], ""
    for _ in range(rounds):
        fresh = kc.Dataset(data.X, data.y)  # no cached Gram matrix
        found, seconds = timed(lambda fresh=fresh: kc.recover_multipliers(net, fresh, subgradient="indicator"))
        ours.append(seconds)
        if with_peer:
            norm, seconds = timed(lambda: dense_nnls(net, data))
            peer.append(seconds)
            gap = abs(norm - found.epsilon) / net.norm
    memory = peak(lambda: kc.recover_multipliers(net, kc.Dataset(data.X, data.y), subgradient="indicator"))
    return row(f"indicator, {share:.0%} planted", (m, 0), ours, peer, found, rounds, memory, "scipy nnls, dense Jacobian" if with_peer else "", gap)


def clarke(networks, rounds):
    """Rows of the Clarke convention: whole certificates, and CVXPY on the quadratic program of the certified network."""
    training = trained(AppendixE(networks=networks))
    for net, data in zip(training.models, training.data, strict=True):
        ours, peer = [], []
        for _ in range(rounds):
            certificate, seconds = timed(lambda net=net, data=data: kc.certify(net, kc.Dataset(data.X, data.y)))
            ours.append(seconds)
            other, seconds = timed(lambda c=certificate, data=data: kc.recover_multipliers(c.model, data, engine="cvxpy"))
            peer.append(seconds)
        found = kc.recover_multipliers(certificate.model, data)
        gap = abs(other.epsilon - certificate.epsilon) / certificate.model.norm
        memory = peak(lambda net=net, data=data: kc.certify(net, data))
        yield row("clarke certificate", (data.num_points, certificate.kinks.count), ours, peer, found, rounds, memory, "CVXPY, CLARABEL", gap)


def main(argv=None):
    """Run and write ``results/multipliers.csv`` (not with --quick)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of the small cases, no file")
    quick = parser.parse_args(argv).quick
    rounds = 1 if quick else 5
    rows = [indicator(100, share, rounds, share == 1.0) for share in (1.0, 0.5)]
    if not quick:
        rows += [indicator(1000, share, rounds, False) for share in (1.0, 0.5)]
    rows += clarke(1 if quick else 10, rounds)
    for entry in rows:
        print({key: value for key, value in entry.items() if value != ""}, file=sys.stderr)
    if not quick:
        write(RESULTS / "multipliers.csv", rows, "cvxpy", "clarabel")


if __name__ == "__main__":
    main()
