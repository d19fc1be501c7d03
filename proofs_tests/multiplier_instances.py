"""Instances for the engines behind multipliers, and what is needed to judge their answers without them.

`lattice_instances` are small whole numbers: pre-activations that are zero are exactly zero, points repeat, neurons sleep, sums and
products are exact. `kinked_instances` are real numbers with neurons projected off points at random, so that bounds on gates bind.
`Dense` is the multiplier problem on explicit columns, one for each multiplier and one for each gate on a kink, written down from the
definition and neuron by neuron.
"""

import itertools

import hypothesis.strategies as st
import numpy as np

from kktcheck import Dataset, LinearPredictor, TwoLayerReLU

from .instances import seeds

EPS = np.finfo(np.float64).eps


@st.composite
def lattice_instances(draw, *, max_points=4, max_neurons=3, max_dim=3):
    """Pairs (dataset, network) of small whole numbers, u_j = +-1/2 or +-1; margins of any sign."""
    d = draw(st.integers(1, max_dim))
    entry = st.integers(-2, 2)
    nonzero = st.lists(entry, min_size=d, max_size=d).map(lambda r: r if any(r) else [1, *r[1:]])
    m, n = draw(st.integers(1, max_points)), draw(st.integers(1, max_neurons))
    X = draw(st.lists(nonzero, min_size=m, max_size=m))
    W = [draw(nonzero), *draw(st.lists(st.lists(entry, min_size=d, max_size=d), min_size=n - 1, max_size=n - 1))]
    y = draw(st.lists(st.sampled_from([-1, 1]), min_size=m, max_size=m))
    u = draw(st.lists(st.sampled_from([-1.0, -0.5, 0.5, 1.0]), min_size=n, max_size=n))
    return Dataset(X, y), TwoLayerReLU(W, u)


@st.composite
def kinked_instances(draw, *, share=0.5, max_points=6, max_neurons=6, deficient=False, positive=False):
    """Pairs (dataset, network with kinks), about this share of the pairs; see `kinked_network`."""
    m, n = draw(st.integers(1, max_points)), draw(st.integers(1, max_neurons))
    d = draw(st.integers(2, max(2, m - 1))) if deficient else draw(st.integers(max(m, 2), m + 3))
    return kinked_network(draw(seeds()), m=m, n=n, d=d, share=share, positive=positive)


def kinked_network(seed, *, m, n, d, share=0.5, positive=False):
    """Dataset and network whose neurons are combinations of gradients, some gates beyond their bounds, plus noise, projected off kinks.

    With ``positive`` every margin is positive: labels follow the outputs, points on which nothing acts are dropped, and the first neuron
    has no kinks.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((m, d)), rng.choice([-1.0, 1.0], m)
    u = rng.choice([-1.0, 1.0], n) * rng.uniform(0.5, 1.5, n) / np.sqrt(n)
    gates = rng.uniform(-0.5, 1.5, (n, m)) * rng.uniform(0.0, 2.0, m)
    W = u[:, None] * ((gates * y) @ X) + rng.choice([0.0, 0.1, 1.0]) * rng.standard_normal((n, d))
    kinks = rng.random((n, m)) < share
    if positive:
        kinks[0] = False
    for j in np.flatnonzero(kinks.any(axis=1)):
        W[j], kinks[j] = _off(W[j], X, kinks[j])
    if not W.any():
        W[0], kinks[0] = X[0], False
    P = np.where(kinks, 0.0, W @ X.T)
    outputs = u @ np.maximum(P, 0.0)
    if positive:
        norms = np.linalg.norm(X, axis=1)
        keep = np.abs(outputs) > 0.02 * np.linalg.norm(W) * norms
        if not keep.any():
            W[0], kinks[0] = X[0] * (100 * np.linalg.norm(W) / norms[0]), False
            outputs = u @ np.maximum(np.where(kinks, 0.0, W @ X.T), 0.0)
            keep = np.abs(outputs) > 0.02 * np.linalg.norm(W) * norms
        X, y, kinks = X[keep], np.sign(outputs[keep]), kinks[:, keep]
    return Dataset(X, y), TwoLayerReLU(W, u, kinks)


def _off(w, X, kinks):
    """w projected off the marked points, and every point it is then orthogonal to."""
    size = np.linalg.norm(w)
    Q, singular, _ = np.linalg.svd(X[kinks].T, full_matrices=False)
    Q = Q[:, singular > 1e-10 * singular[0]]
    for _ in range(2):
        w = w - Q @ (Q.T @ w)
    if np.linalg.norm(w) <= 1e-10 * size:
        return np.zeros_like(w), np.ones_like(kinks)
    return w, np.abs(X @ w) <= 1e-12 * np.linalg.norm(X, axis=1) * np.linalg.norm(w)


class Dense:
    """min |theta - J lambda - Z z|, 0 <= lambda <= upper, 0 <= z <= lambda[points], on explicit columns."""

    def __init__(self, data, model, subgradient, upper=None):
        if isinstance(model, LinearPredictor):
            active, kinks = np.ones((1, data.num_points), bool), np.zeros((1, data.num_points), bool)
            W, u = model.w[None, :], np.ones(1)
        else:
            P = model.W @ data.X.T
            zero = P == 0 if model.kinks is None else (P == 0) | model.kinks
            W, u = model.W, model.u
            kinks = zero & (subgradient == "clarke")
            active = ((P > 0) | zero) & ~kinks
        columns = np.einsum("j,i,ji,ik->jki", u, data.y, active, data.X)
        neurons, self.points = np.nonzero(kinks)
        gates = np.zeros((*W.shape, len(neurons)))
        for k, (j, i) in enumerate(zip(neurons, self.points, strict=True)):
            gates[j, :, k] = u[j] * data.y[i] * data.X[i]
        self.theta = W.ravel()
        self.J, self.Z = columns.reshape(len(self.theta), -1), gates.reshape(len(self.theta), -1)
        self.m = data.num_points
        self.upper = np.full(self.m, np.inf) if upper is None else upper
        sizes = np.sqrt((self.J**2).sum(axis=0) + np.bincount(self.points, (self.Z**2).sum(axis=0), self.m))
        self.sizes = np.where(sizes > 0, sizes, 1.0)
        self.scale = float(np.linalg.norm(self.theta))

    def residual(self, x, z):
        return self.theta - self.J @ x - self.Z @ z

    def conditions(self, x, z):
        """Violations of the optimality conditions by name; gradients in units of |theta| and of the columns' norms."""
        r = self.residual(x, z)
        pulls = self.Z.T @ r
        pull = (self.J.T @ r + np.bincount(self.points, np.maximum(pulls, 0.0), self.m)) / (self.sizes * self.scale)
        pulls = pulls / (self.sizes[self.points] * self.scale)
        caps = x[self.points]
        at_zero, at_upper = x <= 0, x >= self.upper
        return {
            "lambda >= 0": float(np.maximum(-x, 0).max()),
            "lambda <= upper": float(np.maximum(x - self.upper, 0).max()),
            "0 <= z <= lambda": float(np.maximum(np.maximum(-z, z - caps), 0).max(initial=0.0)),
            "nothing gained by raising lambda": float(np.where(at_upper, 0.0, np.maximum(pull, 0)).max()),
            "nothing gained by lowering lambda": float(np.where(at_zero, 0.0, np.maximum(-pull, 0)).max()),
            "nothing gained by raising z": float(np.where(z >= caps, 0.0, np.maximum(pulls, 0)).max(initial=0.0)),
            "nothing gained by lowering z": float(np.where(z <= 0, 0.0, np.maximum(-pulls, 0)).max(initial=0.0)),
        }

    def lower_bound(self, x, z):
        """Lower bound on the least |residual|**2 by weak duality, relative to |theta|**2, from the residual of any x and z.

        With r that residual, |theta - p|**2 >= |r|**2 + 2 <r, p0 - p> for all p, p0 the combination at x and z. A best p has
        |p|**2 <= <theta, p> (kinks add nothing to it), so if all <theta, J_i> are positive its multipliers are at most
        |theta|**2 / <theta, J_i>.
        """
        r = self.residual(x, z)
        pull = self.J.T @ r + np.bincount(self.points, np.maximum(self.Z.T @ r, 0.0), self.m)
        margins = self.J.T @ self.theta
        with np.errstate(divide="ignore"):
            caps = self.scale**2 / margins if (margins > 0).all() else np.full(self.m, np.inf)
        caps = np.minimum(self.upper, caps)
        raised = np.maximum(pull, 0.0)
        most = float(raised[raised > 0] @ caps[raised > 0])
        return (float(r @ r) + 2 * (float(r @ (self.theta - r)) - most)) / self.scale**2

    def best_by_enumeration(self):
        """Least |residual| over all states of multipliers and gates (each problem has an optimum whose free columns are independent)."""
        best = np.inf
        sizes = [("zero", "free") if not np.isfinite(u) else ("zero",) if u <= 0 else ("zero", "free", "upper") for u in self.upper]
        for states in itertools.product(*sizes):
            acting = [i for i, s in enumerate(states) if s != "zero"]
            mine = [k for k, i in enumerate(self.points) if i in acting]
            for gates in itertools.product(("zero", "free", "along"), repeat=len(mine)):
                best = min(best, self._value(states, dict(zip(mine, gates, strict=True))))
        return best

    def _value(self, states, gates):
        bundled = self.J.copy()
        for k, s in gates.items():
            if s == "along":
                bundled[:, self.points[k]] += self.Z[:, k]
        fixed = np.array([u if s == "upper" else 0.0 for s, u in zip(states, self.upper, strict=True)])
        free = [i for i, s in enumerate(states) if s == "free"]
        loose = [k for k, s in gates.items() if s == "free"]
        columns = np.concatenate([bundled[:, free], self.Z[:, loose]], axis=1)
        target = self.theta - bundled @ fixed
        if columns.shape[1]:
            found, _, rank, _ = np.linalg.lstsq(columns, target, rcond=1e-11)
            if rank < columns.shape[1]:
                return np.inf
        else:
            found = np.zeros(0)
        x = fixed.copy()
        x[free] = found[: len(free)]
        z = found[len(free) :]
        tiny = 1e-10 * (1 + np.abs(found).max(initial=0.0))
        if (x < -tiny).any() or (x > self.upper + tiny).any() or (z < -tiny).any() or (z > x[self.points[loose]] + tiny).any():
            return np.inf
        return float(np.linalg.norm(target - columns @ found))


def slackness_bounds(data, model, cap):
    """cap / (margin - 1) where the margin exceeds 1 by more than 1e-11 and the rounding of its sum, else infinite."""
    margins = model.margins(data)
    rounding = EPS * (data.dim + model.num_neurons) * np.linalg.norm(model.second_layer) * model.norm * data.norms
    return np.array([cap / (a - 1) if a - 1 > max(e, 1e-11) else np.inf for a, e in zip(margins, rounding, strict=True)])
