"""Multipliers under Clarke's subdifferential against the number of kinks: ``python -m benchmarks.bench_clarke [--quick] [--threads N]``.

Networks in the sizes of Appendix E with kinks at random pairs of neuron and point: the weights combine the gradients with planted multipliers and
gates, carry an error of 0.3 |theta|, and are projected off their kinks; so about half of the gates end at a bound, while in trained networks
hardly any does (those of Appendix E, which come last). The peer is CVXPY with CLARABEL in coordinates of the span, as
`kktcheck.recover_multipliers` calls it: its Jacobian has n times the rank of the data rows and m columns, so it ends at some hundred points,
where a first call that takes longer than two seconds is the only one.

``epsilon_gap`` is the difference between the two least residuals, relative to |theta|.
"""

import numpy as np

import kktcheck as kc
from kktcheck import kinks as kink_search

from . import accuracy, floors, networks, quadratic_peers, record, timing
from .bench_multipliers import by_cvxpy, kinks_per_class, ours

#: Numbers of kinks for each number of points.
COUNTS = {10: (0, 100, 1300), 100: (0, 100, 1000, 10_000), 1000: (0, 100, 1000, 10_000, 100_000)}

#: Points up to which CVXPY is run.
PEER = 100


def with_kinks(m, kinks, seed=0, d=networks.DIM, n=networks.NEURONS):
    """Network with ``kinks`` kinks at random pairs, projected onto them, and its data."""
    rng = np.random.default_rng([seed, m, kinks])
    data, u = networks.random_instance(m, rng, d, n)
    mask = np.zeros((n, m), dtype=bool)
    mask.flat[rng.choice(n * m, kinks, replace=False)] = True
    gates = np.where(mask, rng.random((n, m)), rng.random((n, m)) < 0.5)
    W = u[:, None] * ((gates * (rng.uniform(0.5, 1.5, m) * data.y)) @ data.X)
    W += rng.standard_normal(W.shape) * (0.3 * np.linalg.norm(W) / np.sqrt(W.size))
    return kc.TwoLayerReLU(kink_search.project(W, mask, data)[0], u, mask), data


def clarke_by_kinks(name, net, data, rounds, peer):
    """Rows of one network, which carries its kinks.

    Parameters
    ----------
    name : str
    net : TwoLayerReLU
    data : Dataset
    rounds : int
    peer : bool
        Whether CVXPY is run.
    """
    own = kc.recover_multipliers(net, data)
    candidates = {record.OURS: lambda data: ours(net, data, "clarke")}
    if peer:
        candidates["CLARABEL (CVXPY), in the span"] = lambda data: by_cvxpy(net, data)
    sizes = data.num_points, data.dim, net.num_neurons
    candidates[record.FLOOR] = floors.clarke(*sizes, np.count_nonzero(own.values), kinks_per_class(net, data)).ready()
    measured = timing.interleaved(rounds, candidates, lambda _: kc.Dataset(data.X, data.y), failures=quadratic_peers.failures())

    def judged(answer):
        found = accuracy.of_multipliers(net, data, *answer)
        return found | {"epsilon_gap": abs(found["epsilon_over_norm"] - own.epsilon / net.norm)}

    about = dict(zip(("case", "m", "d", "n", "kinks"), (name, *sizes, int(np.count_nonzero(net.kinks))), strict=True))
    at_bound = float(np.mean(own.kink_multipliers <= 0)) if len(own.kink_multipliers) else 0.0
    return [row | {"gates_closed": f"{at_bound:.4g}"} for row in record.rows(about, measured, judged)]


def cases(quick):
    """Rows of every network."""
    rounds = 1 if quick else 5
    for m, counts in COUNTS.items():
        for kinks in counts[:2] if quick else counts:
            if not quick or m < 1000:
                yield clarke_by_kinks("random kinks", *with_kinks(m, kinks), rounds, m <= (10 if quick else PEER))
    for k, (net, data) in enumerate(networks.few_appendix_e(quick)):
        yield clarke_by_kinks(f"Appendix E {k}", kc.certify(net, data).model, data, rounds, True)


def main(argv=None):
    """Run and write ``results/clarke.csv`` (not with --quick)."""
    record.run(__doc__, argv, "clarke.csv", cases, libraries=("cvxpy", "clarabel"))


if __name__ == "__main__":
    main()
