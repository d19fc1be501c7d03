"""Real data with more points than dimensions: scikit-learn's digits 0 and 1, ``python -m benchmarks.digits [--steps N]``.

A two-layer network is trained on 360 images of 64 pixels, certified in both conventions, and each of three support points is
forgotten with the plain and the projected step. The data is far from nearly orthogonal, so nothing is promised; the table says what happens.
"""

import argparse
import warnings

import numpy as np
from sklearn.datasets import load_digits

import kktcheck as kc
from kktcheck.tables import table


def digits():
    """Zeros and ones of scikit-learn's digits, scaled to mean squared norm 1."""
    bunch = load_digits()
    keep = np.isin(bunch.target, (0, 1))
    X = bunch.data[keep]
    return kc.Dataset(X / np.sqrt((X**2).sum(axis=1).mean()), np.where(bunch.target[keep] == 0, -1.0, 1.0))


def outcome(name, model, retained):
    """A row: certificate on the retained points, or why there is none."""
    try:
        found = kc.certify(model, retained)
    except kc.InfeasibleError as error:
        return name, None, None, None, f"{len(error.points)} retained points misclassified"
    return name, found.epsilon / found.model.norm, found.delta, found.tau, found.method


def main(argv=None):
    """Train, certify, forget, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5000)
    steps = parser.parse_args(argv).steps
    data = digits()
    net = kc.train(kc.random_network(50, data.dim, scale=1e-3, rng=1), data, steps=steps, learning_rate=0.1, normalised=True, progress=True).model
    certificate = kc.certify(net, data)
    print(certificate.summary())
    print(f"\nindicator convention: epsilon / |theta| = {kc.certify(net, data, subgradient='indicator').residuals.stationarity:.4g}\n")
    rows = []
    for point in np.argsort(-certificate.multipliers)[:3]:
        retained = data.without(int(point))
        rows.append(outcome(f"{point}: nothing done", net, retained))
        for method in ("plain", "projected"):
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                unlearned = kc.gradient_ascent(net, data, int(point), certificate=certificate, method=method)
            note = " (in the retained span: zero step)" if said else ""
            rows.append(outcome(f"{point}: {method}{note}", unlearned, retained))
    print(table(("forgotten", "epsilon/|theta|", "delta", "tau", "note"), rows))


if __name__ == "__main__":
    main()
