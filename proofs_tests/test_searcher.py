"""The searcher finds planted falsehoods: false variants of true claims are refuted, and extremes known in closed form are reached."""

from dataclasses import replace

import numpy as np
import pytest

from kktcheck.audit import judge
from kktcheck.audit.witness import checked
from kktcheck.claims import Claim, get
from kktcheck.claims.hypotheses import DATA, KKT, SIGNS, box
from kktcheck.instances import KINDS
from kktcheck.instances.linear_family import LinearPoints
from kktcheck.instances.two_layer_family import TwoLayerPoints

LINEAR, ONE_POINT, TWO_LAYER = LinearPoints(), LinearPoints(points=(1, 1)), TwoLayerPoints()
LINEAR_BOX = (*DATA, *KKT, *box("0.5", "0.5", "0.5"))
TWO_LAYER_BOX = (*DATA, SIGNS, *KKT, *box("1", "1", "1"))


def linear(right, **options):
    return Claim("planted", "planted", **{"family": LINEAR, "hypotheses": LINEAR_BOX, "left": lambda p: p.multipliers, "right": right, **options})


def two_layer(left, right, **options):
    return Claim("planted", "planted", family=TWO_LAYER, hypotheses=TWO_LAYER_BOX, left=left, right=right, **options)


def aligned(p):
    return np.equal.outer(p.signs, p.labels)


def lower_b2(p, error_d="-0.6", error="-1.1"):
    return (1 + p.q(error_d) * p.epsilon_d + p.q(error) * p.epsilon) / p.squared_norms


FALSE = {
    # a constant below the largest ratio known to be attained (2.10 for lemma B.1, 1.45 eps for C.3, 0.99 for C.4 corrected)
    "lemma-B.1 with 2.09": linear(lambda p: p.q("2.09")),
    "lemma-B.2/lower with 0.5 epsilon": linear(lambda p: lower_b2(p, error="-0.99"), direction="lower"),
    "lemma-B.2/upper without epsilon": linear(lambda p: (1 + p.q("1.2") * p.epsilon_d + p.q("2.2") * p.delta) / p.squared_norms),
    "lemma-C.3/1 with 1.42": two_layer(lambda p: p.masses, lambda p: p.q("1.42") + p.q("1.3") * p.delta),
    "lemma-C.4/1/corrected with 0.92": two_layer(
        lambda p: p.aligned_masses, lambda p: p.q("0.92") - p.q("2.32") * p.epsilon_d / p.num_neurons - p.q("0.96") * p.epsilon, direction="lower"
    ),
    # a flipped sign
    "lemma-B.2/lower with + 0.6 epsilon_d": linear(lambda p: lower_b2(p, error_d="0.6"), direction="lower"),
    "lemma-B.2/lower with + 1.1 epsilon": linear(lambda p: lower_b2(p, error="1.1"), direction="lower"),
    "margins at least 1, flipped": linear(lambda p: p.q("1"), left=lambda p: p.margins),
    # a dropped hypothesis: no limit of delta, of epsilon_d, of the error
    "lemma-B.1 without a limit of delta": replace(
        linear(lambda p: p.q("2.4")), family=LinearPoints(delta=3.0), hypotheses=(*DATA, *KKT, *box("0.5", "3", "0.5"))
    ),
    "lemma-B.1 without near orthogonality": replace(
        linear(lambda p: p.q("2.4")), family=LinearPoints(epsilon_d=2.5), hypotheses=(*DATA, *KKT, *box("0.5", "0.5", "2.5"))
    ),
    # a wrong quantifier: all points in place of one, the other sign's neurons in place of the label's own
    "every multiplier at least 1": linear(lambda p: p.q("1"), direction="lower"),
    "every neuron of a label's sign is active": two_layer(
        lambda p: (p.active * aligned(p)).sum(axis=0), lambda p: aligned(p).sum(axis=0), direction="lower"
    ),
    "every margin is 1": linear(lambda p: p.margins * 0 + 1, left=lambda p: p.margins, direction="equality"),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_planted_falsehood_is_refuted_by_an_exact_witness(name):
    verdict = judge(FALSE[name], "default", seed=0)
    assert verdict.verdict == "refuted"
    record = verdict.witness["instance"]
    assert checked(FALSE[name], KINDS[record["kind"]].from_json(record), name).claim == "planted"


def largest_single_multiplier():
    """Lemma B.1 for one point of squared norm 0.9, error 0.5 against it and slackness 0.5: 0.9 t^2 - (1 + 0.5 sqrt(0.9)) t = 0.5."""
    linear = 1 + 0.5 * np.sqrt(0.9)
    return (linear + np.sqrt(linear**2 + 4 * 0.9 * 0.5)) / (2 * 0.9)


FAINT = TwoLayerPoints(epsilon=1e-5, delta=1e-5, epsilon_d=1e-5)
KNOWN = {
    "largest multiplier of one point": (replace(linear(lambda p: p.q("1")), family=ONE_POINT), largest_single_multiplier()),
    "smallest mass of a label's own neurons, 1 / 1.1": (
        replace(two_layer(lambda p: p.aligned_masses, lambda p: p.q("1"), direction="lower"), family=FAINT), 1.1
    ),
    "largest slackness after rescaling, 1 / (1 - gamma) of what Lemma B.3 prints": (get("lemma-B.3"), 4.0),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_search_comes_within_5_percent_of_extremes_known_in_closed_form(name, seed):
    claim, extreme = KNOWN[name]
    assert 0.95 * extreme < judge(claim, "default", seed).worst_ratio < 1.0001 * extreme
