"""Certificates against what a user would write: ``python -m benchmarks.bench_certificates [--quick] [--threads N]``.

Indicator convention: the Jacobian by PyTorch's autograd in float64 and scipy's nnls on it, after scaling to minimum margin 1 (its gradient at a
pre-activation of zero is 0 where the paper's is 1; none of these networks has one). Clarke's subdifferential: autograd knows no kinks, so the user
counts pre-activations below 1e-4 of their scale as zero and writes the residual over multipliers and one gate per neuron and point in
CVXPY, in coordinates of an orthonormal basis of the span. Both end with (epsilon, delta); kktcheck's certificate also projects onto the kinks,
bounds every rounding error and says whether the multipliers are unique.

The residual is the KKT residual at minimum margin 1, which tells how near to a KKT point the network is, not how exact the solver. So an answer
counts as right if its epsilon is at most `WORSE` |theta| above the least one found.
"""

import numpy as np

import kktcheck as kc
from kktcheck.models import KINK
from kktcheck.residuals import of_arrays

from . import floors, networks, quadratic_peers, record, timing, torch_peers
from .bench_multipliers import kinks_per_class
from .peers import there

#: Relative size below which the user's certificate takes a pre-activation for zero.
TOLERANCE = 1e-4

#: How far above the least epsilon found a right one may be, relative to |theta|: what projecting onto the kinks changes.
WORSE = 1e-6


def ours(net, data, subgradient):
    """(epsilon, delta, margins, mask of the kinks, multipliers, gates) of kktcheck's certificate."""
    found = kc.certify(net, data, subgradient=subgradient)
    return found.epsilon, found.delta, found.margins, found.states == KINK, found.multipliers, found.kink_multipliers


def by_autograd(net, data):
    """The same by PyTorch and nnls."""
    epsilon, delta, margins, multipliers = torch_peers.certificate(net, data)
    return epsilon, delta, margins, np.zeros((net.num_neurons, data.num_points), dtype=bool), multipliers, ()


def by_cvxpy(net, data):
    """The same by CVXPY with gates."""
    import cvxpy as cp

    Q, R = np.linalg.qr(data.X.T)
    W, B = net.W @ Q, R.T
    factor = 1.0 / (data.y * (np.maximum(data.X @ net.W.T, 0.0) @ net.u)).min()
    W, P = factor * W, factor * (net.W @ data.X.T)
    kinks = np.abs(P) <= TOLERANCE * np.linalg.norm(net.W, axis=1)[:, None] * np.linalg.norm(data.X, axis=1) * factor
    active = ((P > 0) & ~kinks).astype(float)
    lam, z = cp.Variable(data.num_points, nonneg=True), cp.Variable(P.shape, nonneg=True)
    spread = np.ones((P.shape[0], 1)) @ cp.reshape(lam, (1, data.num_points), order="C")
    gates = cp.multiply(active, spread) + cp.multiply(kinks.astype(float), z)
    rest = W - cp.multiply(net.u[:, None] * data.y, gates) @ B
    cp.Problem(cp.Minimize(cp.sum_squares(rest)), [z <= spread]).solve(solver=cp.CLARABEL, **quadratic_peers.CVXPY["CLARABEL"])
    margins = factor * (data.y * (np.maximum(data.X @ net.W.T, 0.0) @ net.u))
    outside = factor * np.linalg.norm(net.W - (net.W @ Q) @ Q.T)
    epsilon = float(np.hypot(np.linalg.norm(rest.value), outside))
    return epsilon, float((lam.value * (margins - 1)).max()), margins, kinks, lam.value, z.value[kinks]


def case(name, net, data, subgradient, rounds):
    """Rows of one certificate."""
    candidates = {record.OURS: lambda data: ours(net, data, subgradient)}
    if subgradient == "clarke":
        candidates["CVXPY, CLARABEL"] = lambda data: by_cvxpy(net, data)
    elif there("torch"):
        torch_peers.load()
        candidates["PyTorch's Jacobian, scipy nnls"] = lambda data: by_autograd(net, data)
    found = kc.certify(net, data, subgradient=subgradient)
    sizes, support = (data.num_points, data.dim, net.num_neurons), int((found.multipliers > 0).sum())
    if subgradient == "clarke":
        floor = floors.certificate(*sizes, floors.clarke(*sizes, support, kinks_per_class(found.model, data)))
    else:
        floor = floors.indicator(*sizes, support)
    candidates[record.FLOOR] = floor.ready()
    measured = timing.interleaved(rounds, candidates, lambda _: kc.Dataset(data.X, data.y), failures=quadratic_peers.failures())

    def judge(answer):
        epsilon, delta, margins, kinks, multipliers, gates = answer
        norm = found.model.norm
        return {
            "kkt_residual": of_arrays(epsilon / norm, margins, kinks, multipliers, gates).kkt,
            "epsilon_over_norm": epsilon / norm,
            "delta": delta,
        }

    about = {"case": name, **dict(zip("mdn", sizes)), "kinks": found.kinks.count}
    rows = record.rows(about, measured, judge)
    least = min(float(row["epsilon_over_norm"]) for row in rows if row["median_s"])
    return [row | {"right": bool(row["median_s"]) and float(row["epsilon_over_norm"]) <= least + WORSE} for row in rows]


def cases(quick):
    """Rows of every certificate."""
    rounds = 1 if quick else 7
    chosen = [("small network", networks.small_network())]
    chosen += [(f"Appendix E {k}", pair) for k, pair in enumerate(networks.few_appendix_e(quick))]
    if not quick:
        chosen.append(("60 points, 200 neurons", networks.small_network(60, 400, 200)))
    for name, (net, data) in chosen:
        for subgradient in ("clarke", "indicator"):
            yield case(f"{name}, {'Clarke' if subgradient == 'clarke' else subgradient}", net, data, subgradient, rounds)


def main(argv=None):
    """Run and write ``results/certificates.csv`` (not with --quick)."""
    record.run(__doc__, argv, "certificates.csv", cases, libraries=("cvxpy", "clarabel", "torch"))


if __name__ == "__main__":
    main()
