"""Instances of a two-layer claim, drawn and checked: ``python -m benchmarks.bench_strategies [--quick] [--threads N]``.

An instance of Lemma C.6 is a network and near-orthogonal points (|<x_i, x_k>| <= epsilon_d / (4 m n)) at which the network is an
(epsilon, delta)-approximate KKT point, each of the three at most 0.4. Three ways to them within Hypothesis: kktcheck's strategy, which builds
them; arrays of hypothesis.extra.numpy, kept if `kktcheck.certify` finds the hypotheses met; and seeds, from which Gaussian points in 10^5
dimensions are drawn by their Gram matrix, a network is trained on them with 2000 normalised steps (by kktcheck, so quickly) and certified. Times
are per valid instance (column ``valid``: how many of how many were); the floor is a Hypothesis test that draws a single number. The last case
is one that the referee lives on: seconds for 10^4 instances without Hypothesis, drawn, built and held against the claim; no peer.
"""

import warnings

import numpy as np

import kktcheck as kc
from kktcheck.instances.choices import RandomChoices

from . import record, timing

#: Claim whose hypotheses and family count, and the upper limit of its epsilon, delta and epsilon_d.
CLAIM, LIMIT = "lemma-C.6", 0.4

#: Dimension of the points behind Gram matrices, and steps of training from seeds.
DIM, STEPS = 10**5, 2000

#: Instances that the last case is scaled to.
MANY = 10_000


def tested(strategy, valid, examples, number):
    """(examples drawn, valid ones) of one Hypothesis test."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis.errors import HypothesisWarning

    counted = [0, 0]

    @seed(number)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(strategy)
    def test(drawn):
        counted[0] += 1
        counted[1] += bool(valid(drawn))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)
        test()
    return tuple(counted)


def is_instance(pair):
    """Whether a network and its data meet the hypotheses."""
    net, data = pair
    phi = LIMIT / (4 * data.num_points * net.num_neurons)
    if data.psi > 0.1 or data.phi > phi:
        return False
    try:
        found = kc.certify(net, data, subgradient="indicator")
    except kc.InfeasibleError:
        return False
    return found.epsilon <= LIMIT and found.delta <= LIMIT


def from_arrays():
    """Pairs of a network and data from arrays of any finite numbers in [-1, 1], points divided by their norms."""
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as arrays

    numbers = st.floats(-1, 1).filter(lambda value: value == 0 or abs(value) > 1e-3)

    @st.composite
    def pairs(draw):
        m, n, d = draw(st.integers(2, 5)), draw(st.integers(1, 6)), draw(st.integers(5, 8))
        X = draw(arrays.arrays(float, (m, d), elements=numbers))
        W = draw(arrays.arrays(float, (n, d), elements=numbers))
        X[:, 0] += np.where(np.linalg.norm(X, axis=1) == 0, 1.0, 0.0)
        W[0, 0] += 2.0
        y, u = (np.array(draw(st.lists(st.sampled_from((-1.0, 1.0)), min_size=size, max_size=size))) for size in (m, n))
        return kc.TwoLayerReLU(W, u / np.sqrt(n)), kc.Dataset(X / np.linalg.norm(X, axis=1)[:, None], y)

    return pairs()


def from_seeds():
    """Pairs of a network trained on Gaussian points and the points."""
    from hypothesis import strategies as st

    def trained(drawn):
        m, n, number = drawn
        rng = np.random.default_rng(number)
        data = kc.Dataset.from_gram(kc.sampling.gaussian_gram(m, DIM, rng=rng), rng.choice([-1.0, 1.0], m))
        return kc.train(kc.random_network(n, data.dim, rng=rng), data, steps=STEPS, normalised=True).model, data

    return st.tuples(st.integers(2, 5), st.integers(1, 6), st.integers(0, 2**32)).map(trained)


def drawn(quick):
    """Rows of the ways to an instance."""
    from hypothesis import strategies as st

    claim = kc.claims.get(CLAIM)
    ours = kc.strategies.instances(claim.family)
    examples, few = (20, 3) if quick else (150, 8)
    candidates = {
        record.OURS: lambda number: tested(ours, lambda instance: claim.read(instance).met, examples, number),
        "hypothesis.extra.numpy, filtered": lambda number: tested(from_arrays(), is_instance, examples, number),
        "seeds, trained and certified": lambda number: tested(from_seeds(), is_instance, few, number),
        record.FLOOR: lambda number: tested(st.integers(), lambda value: True, examples, number),
    }
    found = timing.interleaved(1 if quick else 5, candidates)
    counts = {name: np.sum(one.answers, axis=0) for name, one in found.items()}
    for name, one in found.items():
        tried, valid = counts[name]
        if valid:
            one.seconds = [seconds / max(good, 1) for seconds, (_, good) in zip(one.seconds, one.answers)]
        else:
            one.failure = f"none of {tried} draws was an instance, {sum(one.seconds):.2g} s"
    rows = record.rows({"case": "one instance of Lemma C.6 in a Hypothesis test"}, found, lambda answer: {})
    return [row | {"valid": "{1} of {0}".format(*counts[row["method"]]), "right": bool(counts[row["method"]][1])} for row in rows]


def checked(quick):
    """Rows of the case without Hypothesis."""
    claim, count = kc.claims.get(CLAIM), 100 if quick else 500

    def run(number):
        choices = RandomChoices(np.random.default_rng(number))
        return count, sum(claim.read(claim.family.make(*claim.family.draw(choices))).met for _ in range(count))

    found = timing.interleaved(1 if quick else 5, {record.OURS: run})
    one = found[record.OURS]
    one.seconds = [seconds * MANY / count for seconds in one.seconds]
    tried, valid = np.sum(one.answers, axis=0)
    rows = record.rows({"case": "10^4 instances of Lemma C.6, drawn and checked"}, found, lambda answer: {})
    return [row | {"valid": f"{valid} of {tried}", "right": bool(valid == tried)} for row in rows]


def cases(quick):
    """Rows of both cases."""
    yield drawn(quick)
    yield checked(quick)


def main(argv=None):
    """Run and write ``results/strategies.csv`` (not with --quick)."""
    record.run(__doc__, argv, "strategies.csv", cases, libraries=("hypothesis",))


if __name__ == "__main__":
    main()
