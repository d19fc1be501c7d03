"""Multipliers in both conventions against their peers: ``python -m benchmarks.bench_multipliers [--quick] [--threads N]``.

Indicator convention, on planted multipliers that are all positive, or some of them zero: scipy's nnls on the dense Jacobian, written out by
hand or by PyTorch's autograd (at m = 1000 that Jacobian takes 3.2 GB and nnls a copy of it, so these end at m = 100); and solvers of quadratic
programs, which are handed the Gram matrix of the gradients by kktcheck's own formula and measure epsilon from the residual as kktcheck does, so
that only solving differs. Clarke's subdifferential, on networks of Appendix E: CVXPY as `kktcheck.recover_multipliers` calls it, in
coordinates of the span, and the same solvers on the quadratic program in multipliers and gates, its Gram matrix included.
A peer's first call that takes longer than two seconds is the only one. From m = 1000 on kktcheck and the floor are measured with two
threads of BLAS as well.

The residual is that of the problem's own KKT conditions (`benchmarks.accuracy.of_multipliers`). kktcheck's answers also carry a bound on the
rounding error of epsilon, and whether the multipliers are unique.
"""

import numpy as np
from scipy import optimize

import kktcheck as kc
from kktcheck.fast import gradient_gram, signed_gram
from kktcheck.linearisation import linearise
from kktcheck.models import ACTIVE, KINK
from kktcheck.patterns import pattern_classes

from . import accuracy, floors, networks, quadratic_peers, record, timing, torch_peers
from .peers import there

#: Planted instances of the indicator convention: factor at once, or find the support by pivoting.
PLANTED = {"all positive": networks.all_positive, "pivoting": networks.some_positive}

#: Points up to which a peer is run: those on the Jacobian, and solvers on the Gram matrix.
JACOBIAN, GRAM = 100, 1000


def dense_nnls(net, data):
    """Multipliers through the dense Jacobian of the signed gradients."""
    J = (data.y[:, None, None] * net.jacobian(data.X)).reshape(data.num_points, -1)
    return optimize.nnls(np.ascontiguousarray(J.T), net.W.ravel(), maxiter=100 * data.num_points)[0]


def on_gram(solve, net, data):
    """Multipliers by a solver that is handed the Gram matrix of the gradients; the stationarity they reach is measured as well."""
    lin = linearise(net, data, "indicator")
    found = solve(gradient_gram(lin), lin.margins)
    lin.epsilon(lin.gates(found))
    return found, None


def ours(net, data, subgradient):
    """(multipliers, gates of kinks) by kktcheck."""
    found = kc.recover_multipliers(net, data, subgradient=subgradient)
    return found.values, found.kink_multipliers


def indicator(kind, sizes, rounds, peers=True, more=""):
    """Rows of one planted instance; ``more`` is added to the name of the case."""
    m, d, n = sizes
    data, net = PLANTED[kind](m, m, d, n)
    candidates = {record.OURS: lambda data: ours(net, data, "indicator")}
    if peers and m <= JACOBIAN:
        candidates["scipy nnls, dense Jacobian"] = lambda data: (dense_nnls(net, data), None)
        if there("torch"):
            torch_peers.load()
            candidates["scipy nnls, PyTorch's Jacobian"] = lambda data: (torch_peers.multipliers(net, data), None)
    if peers and m <= GRAM:
        for name, solve in quadratic_peers.nonnegative().items():
            candidates[f"{name}, our Gram matrix"] = lambda data, solve=solve: on_gram(solve, net, data)
    support = int((ours(net, data, "indicator")[0] > 0).sum())
    candidates[record.FLOOR] = floors.indicator(m, d, n, support).ready()
    about = {"case": f"indicator, {kind}{more}", "m": m, "d": d, "n": n, "kinks": 0}
    return table(about, candidates, net, data, "indicator", rounds, {"positive": support})


def table(about, candidates, net, data, subgradient, rounds, more):
    """Rows of one case."""
    measured = timing.interleaved(rounds, candidates, lambda _: kc.Dataset(data.X, data.y), failures=quadratic_peers.failures())
    rows = record.rows(about, measured, lambda answer: accuracy.of_multipliers(net, data, *answer, subgradient))
    return [row | more for row in rows]


class GateProgram:
    """The quadratic program of Clarke's convention in the m multipliers and one gate per kink: Hessian, linear term, rows z <= lambda."""

    def __init__(self, net, data):
        lin = linearise(net, data)
        S, m = signed_gram(data), data.num_points
        weights, active = net.u**2, (lin.states == ACTIVE).astype(float)
        neurons, points = np.nonzero(lin.states == KINK)
        count = m + len(points)
        self.m, self.G = m, np.zeros((count, count))
        self.G[:m, :m] = S * ((active * weights[:, None]).T @ active)
        self.G[:m, m:] = weights[neurons] * active[neurons].T * S[:, points]
        self.G[m:, :m] = self.G[:m, m:].T
        self.G[m:, m:] = (neurons[:, None] == neurons) * weights[neurons] * S[points[:, None], points]
        pull = data.y * (net.u[:, None] * (net.W @ data.X.T))
        self.q = np.concatenate([(active * pull).sum(axis=0), pull[neurons, points]])
        self.C = np.zeros((len(points), count))
        self.C[np.arange(len(points)), points] = -1.0
        self.C[np.arange(len(points)), m + np.arange(len(points))] = 1.0

    def solve(self, solver):
        """(multipliers, gates) by a function of `quadratic_peers.general`."""
        x = solver(self.G, self.q, self.C, np.zeros(len(self.C)))
        return x[: self.m], x[self.m :]


def by_cvxpy(net, data):
    """(multipliers, gates) by kktcheck's independent engine: CVXPY with CLARABEL in coordinates of the span."""
    found = kc.recover_multipliers(net, data, engine="cvxpy")
    return found.values, found.kink_multipliers


def kinks_per_class(net, data):
    """Number of kinks of each class of neurons with equal states."""
    states, _ = pattern_classes(linearise(net, data).states)
    return (states == KINK).sum(axis=1)


def clarke(name, net, data, rounds, solvers=True):
    """Rows of one network, which carries its kinks; ``solvers`` says whether those of the program with gates run."""
    candidates = {record.OURS: lambda data: ours(net, data, "clarke"), "CLARABEL (CVXPY), in the span": lambda data: by_cvxpy(net, data)}
    for solver, solve in quadratic_peers.general().items() if solvers else ():
        candidates[solver] = lambda data, solve=solve: GateProgram(net, data).solve(solve)
    support = int((ours(net, data, "clarke")[0] > 0).sum())
    candidates[record.FLOOR] = floors.clarke(data.num_points, data.dim, net.num_neurons, support, kinks_per_class(net, data)).ready()
    about = {"case": name, "m": data.num_points, "d": data.dim, "n": net.num_neurons, "kinks": int(net.kinks.sum())}
    return table(about, candidates, net, data, "clarke", rounds, {"positive": support})


def cases(quick):
    """Rows of every case."""
    rounds = 1 if quick else 5
    for m in (10, 40) if quick else (10, 100, 1000, 5000):
        d, n = (20, 10) if m == 10 else (networks.DIM, networks.NEURONS)
        for kind in PLANTED:
            yield indicator(kind, (m, d, n), min(rounds, 3) if m > GRAM else rounds)
            if m >= GRAM:
                with timing.threads(2):
                    yield indicator(kind, (m, d, n), min(rounds, 3) if m > GRAM else rounds, False, ", two threads")
    net, data = networks.small_network()
    yield clarke("Clarke, small network", kc.certify(net, data).model, data, rounds)
    for k, (net, data) in enumerate(networks.few_appendix_e(quick)):
        yield clarke(f"Clarke, Appendix E {k}", kc.certify(net, data).model, data, rounds, not quick)


def main(argv=None):
    """Run and write ``results/multipliers.csv`` (not with --quick)."""
    record.run(__doc__, argv, "multipliers.csv", cases, libraries=(*quadratic_peers.LIBRARIES, "torch"))


if __name__ == "__main__":
    main()
