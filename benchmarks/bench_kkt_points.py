"""Exact KKT points of trained networks: how often, how exact, how fast: ``python -m benchmarks.bench_kkt_points [--quick] [--threads N]``.

The retained sets of Appendix E networks; networks trained with loss-normalised steps at other sizes, with more points than dimensions among
them; scikit-learn's digits. Every round takes another set. Beside ours stand the independent engine (CVXPY on the convex programs, on the first
sets) and, up to `RETRAINED` points, the other way to a nearby KKT point, retraining with 1e5 normalised steps, whose Clarke certificate says
how near it came, if it classifies every point. A network that misclassifies a point after training has no point to be near to; such sets are
counted apart (column ``left_out``), and every error that `kktcheck.kkt_point` raises on another set counts as ``errors``.
"""

import numpy as np

import kktcheck as kc

from . import accuracy, floors, networks, record, timing
from .peers import there

#: (m, d, n) and number of networks of the other sizes.
SIZES = (((10, 20, 10), 20), ((40, 60, 40), 20), ((20, 12, 40), 20), ((60, 400, 200), 10))
STEPS = 20_000

#: Sets on which a peer runs, epochs of retraining, and the points up to which there is any.
PAIRED, EPOCHS, RETRAINED = 5, 100_000, 100


def sets_of_appendix_e(count, quick):
    """Every network without each of its points."""
    trained = networks.appendix_e(1, 20_000) if quick else networks.appendix_e(count, EPOCHS)
    return [(net, data.without(point)) for point in range(trained[0][1].num_points) for net, data in trained]


def sets_of_random_data(size, count):
    """Networks on Gaussian points: on all of them, and each without one of four points."""
    m, d, n = size
    found = []
    for seed in range(count):
        data = kc.sampling.gaussian(m, d, rng=seed)
        net = kc.train(kc.random_network(n, d, rng=10_000 + seed), data, steps=STEPS, normalised=True).model
        found += [(net, part) for part in (data, *(data.without(point) for point in range(4)))]
    return found


def sets_of_digits(count):
    """A network on scikit-learn's digits: on all points, and without each of the points with the largest multipliers."""
    from .digits import digits

    data = digits()
    net = kc.train(kc.random_network(50, data.dim, scale=1e-3, rng=1), data, steps=5000, learning_rate=0.1, normalised=True).model
    return [(net, part) for part in (data, *(data.without(int(point)) for point in np.argsort(-kc.certify(net, data).multipliers)[:count]))]


def retrained(net, data, epochs):
    """(network, multipliers, gates, subject data) that training on the retained points from small weights leads to."""
    start = kc.random_network(net.num_neurons, net.dim, rng=0)
    model = kc.train(kc.TwoLayerReLU(start.W, net.u), data, steps=epochs, normalised=True).model
    found = kc.certify(model, data)
    return found.model, data, found.multipliers, found.kink_multipliers


def point(net, data, **options):
    """The exact point in the same form."""
    found = kc.kkt_point(net, data, **options)
    return found.model, data, found.multipliers, found.kink_multipliers


def family(name, sets, quick):
    """Rows of one family of sets."""
    served = [(net, data) for net, data in sets if (net.margins(data) > 0).all()]
    solved, errors = [], 0
    for net, data in served:
        try:
            solved.append((net, data, kc.kkt_point(net, data)))
        except (kc.InfeasibleError, kc.SolverError):
            errors += 1
    net, data = solved[0][:2]
    floor = floors.kkt_point(data.num_points, data.dim, net.num_neurons, int((solved[0][2].multipliers > 0).sum()))

    def prepare(number):
        net, data, _ = solved[number]
        return net, kc.Dataset(data.X, data.y)

    paired = 1 if quick else min(PAIRED, len(solved))
    epochs = EPOCHS // 20 if quick else EPOCHS
    candidates = {record.OURS: lambda pair: point(*pair), "CVXPY, convex-concave": lambda pair: point(*pair, engine="cvxpy")}
    if data.num_points <= RETRAINED:
        candidates[f"retraining, {epochs} epochs"] = lambda pair: retrained(*pair, epochs)
    candidates[record.FLOOR] = floor.ready()
    found = timing.interleaved(paired, candidates, prepare, failures=(kc.InfeasibleError, kc.SolverError))
    about = {"case": name, "m": data.num_points, "d": data.dim, "n": net.num_neurons, "kinks": int(np.median([one.num_kinks for *_, one in solved]))}
    rows = record.rows(about, found, lambda answer: {"kkt_residual": accuracy.of_point(*answer)}, right=1e-12)
    more = {"sets": len(served), "exact": len(solved), "errors": errors, "left_out": len(sets) - len(served)}
    rows[0]["kkt_residual"] = f"{max(one.residuals.kkt for *_, one in solved):.4g}"
    return [row | (more if row["method"] == record.OURS else dict.fromkeys(more, "")) for row in rows]


def cases(quick):
    """Rows of every family."""
    yield family("Appendix E without one point", sets_of_appendix_e(10, quick), quick)
    for size, count in SIZES[:1] if quick else SIZES:
        yield family("normalised training", sets_of_random_data(size, 2 if quick else count), quick)
    if there("sklearn") and not quick:
        yield family("scikit-learn's digits", sets_of_digits(12), quick)


def main(argv=None):
    """Run and write ``results/kkt_points.csv`` (not with --quick)."""
    record.run(__doc__, argv, "kkt_points.csv", cases, libraries=("cvxpy", "clarabel", "scikit-learn"))


if __name__ == "__main__":
    main()
