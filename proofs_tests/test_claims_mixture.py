"""Section 6 and Appendix D: every statement is entered with its versions; the one step that is plain arithmetic is refuted and repaired."""

import numpy as np
import pytest
from hypothesis import given

from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.audit.witness import checked
from kktcheck.claims.data.gaussian import NOT_RUN
from kktcheck.instances import KINDS

STATEMENTS = (*(f"lemma-D.{k}" for k in range(1, 8)), "theorem-6.1/original", "theorem-6.1/unlearned")
VERSIONS = (
    *("lemma-D.2/version/section-6", "lemma-D.2/version/lemma-D.4", "lemma-D.3/version/minus-sign", "lemma-D.3/version/no-absolute-value"),
    *("lemma-D.4/version/proof", "lemma-D.4/version/section-6", "lemma-D.5/version/six", "lemma-D.5/version/all-pairs"),
    *("lemma-D.6/version/squared", "lemma-D.6/version/pairs", "lemma-D.7/version/probability", "theorem-6.1/version/lemma-D.4"),
)
STEP, REPAIRED = "lemma-D.2/proof/cross-term", "lemma-D.2/proof/cross-term/corrected"


@pytest.mark.parametrize("id", (*STATEMENTS, *VERSIONS))
def test_statements_about_probabilities_are_entered_and_not_run(id):
    claim = claims.get(id)
    verdict = judge(claim, "quick")
    assert (verdict.verdict, verdict.note) == ("not run", NOT_RUN)
    assert claim.direction == "probability" and claim.latex and claim.source
    assert (claim.kind == "version") == ("/version/" in id)


def test_the_three_lengths_of_the_mean_are_two_families():
    """d^-alpha and d^(-1/4 + alpha) are one family with alpha and 1/4 - alpha changing places; log(d) / d^alpha is another."""
    for d in (10.0**3, 10.0**9):
        for alpha in (0.05, 0.2):
            assert d ** -(0.25 - alpha) == pytest.approx(d ** (-0.25 + alpha), rel=1e-12)
            assert np.log(d) * d**-alpha > 2 * d**-alpha


def test_the_cross_term_of_lemma_d_2_is_refuted_by_the_referee_and_by_actual_points():
    record = judge(claims.get(STEP), "quick").witness
    instance = KINDS[record["instance"]["kind"]].from_json(record["instance"])
    assert checked(claims.get(STEP), instance, STEP).ratio > 1
    mean, deviation = np.array([0.1, 0.0]), np.array([np.sqrt(1.05), 0.0])
    assert mean @ mean <= 0.01 + 1e-15 and deviation @ deviation <= 1.05 + 1e-15
    assert 2 * mean @ deviation > 0.2 and (mean + deviation) @ (mean + deviation) > 1.1, "the conclusion of the proof fails, too"


def test_the_repaired_step_holds():
    verdict = judge(claims.get(REPAIRED), "quick")
    assert verdict.verdict == "holds" and 0.5 < verdict.worst_ratio < 1


@given(strategies.instances(claims.get(REPAIRED).family))
def test_points_with_means_as_repaired_have_the_norms_of_assumption_2_3(constants):
    mean = np.array([np.sqrt(0.0005 * constants.free), 0.0])
    for square in (0.95, 1.05):
        for angle in np.linspace(0, np.pi, 7):
            x = mean + np.sqrt(square) * np.array([np.cos(angle), np.sin(angle)])
            assert 0.9 <= x @ x <= 1.1
