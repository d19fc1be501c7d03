"""Section 6 and Appendix D: verdicts, exact witnesses, chances against drawn points, thresholds against their conditions, planted bounds."""

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.audit.chains import Judge
from kktcheck.audit.witness import checked, recheck
from kktcheck.claims.mixture import chances, families, norms, theorem, thresholds
from kktcheck.claims.mixture.lengths import APPENDIX, LONGER, SCALINGS, SECTION, decay, deviation, mean
from kktcheck.errors import InputError
from kktcheck.instances import KINDS, MixturePoint
from kktcheck.sampling import gaussian_mixture

from .instances import examples

REFUTED = (
    *("lemma-D.2/version/printed-threshold", "lemma-D.2/proof/threshold", "lemma-D.2/proof/cross-term", "lemma-D.3", "lemma-D.3/version/minus-sign"),
    *("lemma-D.4/proof/factor", "lemma-D.5/version/all-pairs", "lemma-D.6", "lemma-D.7", "theorem-6.1/original", "theorem-6.1/unlearned"),
    *("theorem-6.1/sets", "theorem-6.1/version/lemma-D.4", "theorem-6.1/version/appendix", "theorem-6.1/version/indicator"),
    "theorem-6.1/proof/every-point",
)
TRUE = (
    *("lemma-D.1", "lemma-D.2", "lemma-D.2/version/section-6", "lemma-D.2/version/lemma-D.4", "lemma-D.3/version/no-absolute-value", "lemma-D.4"),
    *("lemma-D.4/version/proof", "lemma-D.4/version/section-6", "lemma-D.5", "lemma-D.5/version/six", "lemma-D.6/version/squared"),
    *("lemma-D.6/version/pairs", "lemma-D.7/version/probability", "theorem-6.1/original/corrected", "theorem-6.1/unlearned/corrected"),
    *("theorem-6.1/sets/corrected", "sharper/generalization"),
)
SAMPLED = {id: "refuted" if id in REFUTED else "holds" for id in (*REFUTED, *TRUE)}


def point(dim, alpha="1/5", epsilon_d="1/100", sizes=(2, 2, 1)):
    return MixturePoint(Fraction(dim), Fraction(alpha), Fraction(epsilon_d), *sizes)


def test_no_claim_of_this_part_is_left_without_a_verdict():
    own = {c.id for c in claims.all() if c.id.startswith(("lemma-D.", "theorem-6.1"))} | {"sharper/generalization"}
    links = {claim.id for chain in claims.chains() for claim in chain.claims()}
    assert own - links == {*REFUTED, *TRUE, "lemma-D.2/proof/cross-term/corrected"}
    assert not any(claims.get(id).not_run for id in own)


@pytest.mark.parametrize("id", REFUTED)
def test_refuted_with_a_witness_that_re_checks_from_its_file_form(id):
    claim = claims.get(id)
    verdict = judge(claim, "quick")
    assert verdict.verdict == "refuted"
    instance = KINDS[verdict.witness["instance"]["kind"]].from_json(verdict.witness["instance"])
    assert checked(claim, instance, id).claim == id
    assert claim.corrected_by in (*TRUE, "lemma-D.2/proof/cross-term/corrected")


@pytest.mark.parametrize("id", [id for id in TRUE if claims.get(id).experiment is None])
def test_holds_on_settings_of_the_quick_budget(id):
    verdict = judge(claims.get(id), "quick")
    assert verdict.verdict == "holds" and verdict.worst_ratio <= 1 and verdict.instances >= 100


@pytest.mark.parametrize("id", TRUE)
def test_each_true_statement_is_proved_by_a_chain_of_ours_or_the_papers(id):
    pytest.importorskip("flint")
    assert Judge(SAMPLED.get).proof_of(id) is not None


def test_printed_proofs_that_do_not_carry_are_broken():
    pytest.importorskip("flint")
    judged = Judge(SAMPLED.get)
    words = {
        chain.id: judged.verdict(chain).word
        for chain in claims.chains()
        if chain.id.startswith(("lemma-D", "theorem-6")) and chain.author == "printed"
    }
    assert words.pop("lemma-D.1/proof") == "proved"
    assert len(words) == 7 and set(words.values()) == {"broken"}


@pytest.mark.parametrize("dim", (10**3, 2000, 5000))
def test_a_wrong_rate_of_lemma_d_1_is_refuted_exactly_and_the_printed_one_is_not(dim):
    pytest.importorskip("flint")
    wrong = dataclasses.replace(claims.get("lemma-D.1"), right=lambda p: 2 * chances.norms(p, "1/400"))
    assert recheck(claims.get("lemma-D.1"), point(dim)) is None
    assert (recheck(wrong, point(dim)) is not None) == (chances.outside(point(dim).float(), 0.95, 1.05) > 2 * math.exp(-dim / 400))
    assert recheck(wrong, point(5000)) is not None


def test_a_theorem_for_equal_labels_is_refuted_only_beyond_their_probability():
    claim = claims.get("theorem-6.1/original")
    generous = dataclasses.replace(claim, right=lambda p: theorem.one_label(p) + chances.of_datasets(p))
    p = point(10**18)
    assert recheck(claim, p) is not None and recheck(generous, p) is None


@examples(60)
@given(st.integers(1, 40), st.integers(1, 39))
def test_labels_are_counted(m, k):
    """2^(1-m) by adding up the binomial weights of no label +1 and of all."""
    p = point(10**20, sizes=(m, 2, min(k, max(m - 1, 1))))
    weights = [Fraction(math.comb(m, plus), 2**m) for plus in (0, m)]
    assert theorem.one_label(p) == sum(weights) == 2 * theorem.one_label_of_sign(p)
    least = theorem.one_label_kept(p)
    assert (getattr(least, "high", least)) <= Fraction(2, 2 ** (m - p.forgotten)) or m == 1


@pytest.mark.parametrize(("scaling", "alpha", "dim"), ((SECTION, 0.3, 40), (APPENDIX, 0.05, 200), (SECTION, 0.2, 12), (SECTION, 0.1, 3)))
def test_chances_are_those_of_drawn_points(scaling, alpha, dim):
    p = MixturePoint(float(dim), alpha, 0.01, 2, 2, 1)
    rng, count = np.random.default_rng(dim), 40_000
    size = mean(p, scaling)
    noise = rng.standard_normal((2, count, dim)) / math.sqrt(dim)
    square = (noise[0] ** 2).sum(-1)
    shifted = square + 2 * size * noise[0, :, 0] + size**2
    # Two points of one cluster, the mean along the first axis.
    difference = (noise[0] * noise[1]).sum(-1) + size * (noise[0, :, 0] + noise[1, :, 0])
    width = 1.5 / math.sqrt(dim)
    pairs = (
        (((square < 0.8) | (square > 1.2)).mean(), chances.outside(p, 0.8, 1.2)),
        (((shifted < 0.8) | (shifted > 1.2)).mean(), chances.outside(p, 0.8, 1.2, scaling)),
        ((abs(difference) > width).mean(), chances.product_beyond(p, scaling, width)),
    )
    for seen, computed in pairs:
        assert abs(seen - computed) < 5 * math.sqrt(computed * (1 - computed) / count) + 1e-9


def test_chances_of_products_do_not_depend_on_the_rule(monkeypatch):
    settings = [MixturePoint(float(d), 0.1, 0.01, 2, 2, 1) for d in (1, 3, 4, 20, 300, 10**6, 10**12)]
    coarse = [chances.beyond_width(p, SECTION) for p in settings]
    monkeypatch.setattr(chances, "_NODES", 241)
    assert coarse == pytest.approx([chances.beyond_width(p, SECTION) for p in settings], rel=1e-3)
    assert max(coarse) <= 1 + 1e-9


@examples(12)
@given(st.sampled_from(SCALINGS), st.fractions("0.02", "0.24", max_denominator=50), st.integers(1, 100), st.integers(1, 100))
def test_thresholds_bracket_their_conditions(scaling, alpha, m, n):
    for condition in thresholds.CONDITIONS:
        found = thresholds.threshold(alpha, (condition,), scaling=scaling, points=m, neurons=n)
        assert 0 < found.holds - found.fails <= found.holds / 10**8
        assert thresholds.gap(condition, scaling, alpha, Fraction(1, 100), m, n, 1, found.fails) < 0
        for factor in (1, Fraction(11, 10), 2, 10):
            assert thresholds.gap(condition, scaling, alpha, Fraction(1, 100), m, n, 1, found.holds * factor) > 0
        near = thresholds.least(float(alpha), (condition,), scaling, 0.01, (m, n, 1))
        assert near == pytest.approx(float(found.holds), rel=1e-6)


def test_thresholds_agree_with_closed_forms_and_between_scalings():
    small = thresholds.threshold("0.1", ("small",), scaling=SECTION)
    assert float(small.holds) == pytest.approx(math.log(25) / 0.2, rel=1e-8)
    printed = thresholds.threshold("0.1", ("printed",), scaling=SECTION, points=100, neurons=100)
    assert printed.digits == pytest.approx(math.log10(8e6) / 0.2, rel=1e-8)
    for condition in thresholds.CONDITIONS:
        one, other = (thresholds.threshold(a, (condition,), scaling=s) for a, s in (("0.05", SECTION), ("0.2", APPENDIX)))
        assert one == other, "alpha and 1/4 - alpha change places"
    assert thresholds.threshold("0.05", thresholds.SHARPER, scaling=SECTION, points=100, neurons=100).digits < 3.2
    assert len(thresholds.table(alphas=("0.1",), sizes=(1, 10))) == 4


@pytest.mark.parametrize("alpha", ("0.05", "0.1", "0.2", "0.23"))
def test_closed_forms_for_lemma_d_4_are_beyond_the_thresholds(alpha):
    for scaling, exponent in ((SECTION, 0.5 - 2 * float(alpha)), (APPENDIX, 2 * float(alpha)), (LONGER, 0.5 - 2 * float(alpha))):
        asked = 1.1 / exponent if scaling is LONGER else 1.7 / exponent**2
        assert float(thresholds.threshold(alpha, ("signs",), scaling=scaling).holds) <= asked


@pytest.mark.parametrize("bad", ({"alpha": "0.25"}, {"alpha": "0"}, {"alpha": "0.1", "points": 0}, {"alpha": "0.1", "conditions": ("none",)}))
def test_thresholds_refuse_what_they_do_not_cover(bad):
    with pytest.raises(InputError):
        thresholds.threshold(**bad)


@given(strategies.instances(families.settings(("signs", "products"), APPENDIX)))
def test_settings_meet_what_they_are_built_for(p):
    assert mean(p, APPENDIX) ** 2 > deviation(p, APPENDIX) and p.dim == int(p.dim) and p.forgotten <= max(p.points - 1, 1)
    exact = p.exact()
    assert abs(float(mean(exact, APPENDIX)) / mean(p, APPENDIX) - 1) < 1e-9
    assert type(exact).from_json(exact.to_json()).to_json() == exact.to_json()


def test_what_is_too_small_to_write_down_is_enclosed():
    tiny = decay(Fraction(10**12))
    assert tiny.low == 0 < tiny.high < Fraction(1, 10**8000)


def test_the_three_lengths_of_the_mean_are_two_families():
    """d^-alpha and d^(-1/4 + alpha) are one family with alpha and 1/4 - alpha changing places; log(d) / d^alpha is another."""
    for d in (10.0**3, 10.0**9):
        for alpha in (0.05, 0.2):
            p, q = (MixturePoint(d, value, 0.01, 1, 1, 1) for value in (0.25 - alpha, alpha))
            assert mean(p, SECTION) == pytest.approx(mean(q, APPENDIX), rel=1e-12)
            assert mean(q, LONGER) > 2 * mean(q, SECTION)


def test_norms_leave_the_range_beyond_the_printed_threshold_of_lemma_d_2():
    p = MixturePoint(5e6, 0.2, 0.01, 1, 1, 1)
    assert norms.long_mean(p) == pytest.approx(1) and chances.outside(p, 0.9, 1.1, APPENDIX) == pytest.approx(1)
    data = gaussian_mixture(3, 5000, mean_norm=mean(p, APPENDIX), rng=0)
    assert ((np.asarray(data.X) ** 2).sum(-1) > 1.1).all()


def test_the_cross_term_of_lemma_d_2_is_refuted_by_actual_points():
    mean_, deviation_ = np.array([0.1, 0.0]), np.array([np.sqrt(1.05), 0.0])
    assert mean_ @ mean_ <= 0.01 + 1e-15 and deviation_ @ deviation_ <= 1.05 + 1e-15
    assert 2 * mean_ @ deviation_ > 0.2 and (mean_ + deviation_) @ (mean_ + deviation_) > 1.1, "the conclusion of the proof fails, too"


@given(strategies.instances(claims.get("lemma-D.2/proof/cross-term/corrected").family))
def test_points_with_means_as_repaired_have_the_norms_of_assumption_2_3(constants):
    mean_ = np.array([np.sqrt(0.0005 * constants.free), 0.0])
    for square in (0.95, 1.05):
        for angle in np.linspace(0, np.pi, 7):
            x = mean_ + np.sqrt(square) * np.array([np.cos(angle), np.sin(angle)])
            assert 0.9 <= x @ x <= 1.1
