"""Steps of our proofs of Appendix B that speak of points and multipliers, before arithmetic: a line by hand each, and attacked all the same.

Chains (`kktcheck.claims.chains`) start from them.
"""

import numpy as np

from ...instances import root
from ..claim import Claim, Hypothesis
from .forgetting import POINTS, SETTINGS, forget_sets, margins, optima, to_optimum, unlearned
from .lemmas import HALF, LEMMA_POINTS, high, low, others, scaled_multipliers
from .theorems_proof import drift

_SETS = {"family": POINTS, "hypotheses": SETTINGS}


def _below(p):
    return 1 - scaled_multipliers(p)


def _above(p):
    return scaled_multipliers(p) - 1


def _sets(p):
    return forget_sets(p.num_points)


def _own_norm(p):
    """Both sides of the quadratic at the largest multiplier, with its own point's norm."""
    place = np.argmax(p.multipliers)
    largest, norm = p.multipliers[place], p.squared_norms[place]
    return largest**2 * (norm - others(p)), (1 + p.epsilon * root(norm)) * largest + p.delta


def _retained(p, values):
    """Values with zero on the forgotten points; shape (sets, m)."""
    return np.where(_sets(p), 0 * values, values)


def _moves(p):
    return _retained(p, abs(margins(p, _sets(p)) - p.margins))


def _error_squared(p):
    """Squared norm of w^ less the retained points' terms; shape (sets,)."""
    rest = unlearned(p, _sets(p)) - ~_sets(p) * (p.labels * p.multipliers)
    return (rest * (rest @ p.gram)).sum(axis=1) + p.beyond


def between(p):
    """D = 1.2 epsilon_d + 1.05 epsilon + 1.1 delta: how far lambda_i |x_i|^2 and lambda*_i |x_i|^2 lie apart at most."""
    return p.q("1.2") * p.epsilon_d + p.q("1.05") * p.epsilon + p.q("1.1") * p.delta


def _differences(p):
    """lambda - lambda* on the retained points; shape (sets, m)."""
    return _retained(p, p.multipliers - optima(p, _sets(p)))


def _without_errors(p):
    """Squared norm of w^ - w* - v; shape (sets,)."""
    signed = _differences(p) * p.labels
    return (signed * (signed @ p.gram)).sum(axis=1)


def _reciprocals(p):
    """Sum of 1 / |x_i|^2 over the retained points; shape (sets,)."""
    return _retained(p, 1 / p.squared_norms).sum(axis=1)


def _sine(p):
    """|w^ - w*|^2 / |w*|^2, where |w*|^2 is the sum of its multipliers; shape (sets,)."""
    optimum = optima(p, _sets(p))
    apart = unlearned(p, _sets(p)) - optimum * p.labels
    return ((apart * (apart @ p.gram)).sum(axis=1) + p.beyond) / optimum.sum(axis=1)


CLAIMS = (
    Claim(
        "lemma-B.1/proof/own-norm",
        "The quadratic inequality of the largest multiplier, with its own point's norm N in place of both ends of the range.",
        lambda p: _own_norm(p)[0],
        lambda p: _own_norm(p)[1],
        family=LEMMA_POINTS,
        hypotheses=HALF,
        source="ours, for Lemma B.1",
        latex=r"\lambda_r^2 (\|x_r\|^2 - \phi (m-1)) \leq (1 + \epsilon \|x_r\|) \lambda_r + \delta",
        derivation="As lemma-B.1/proof/quadratic, without replacing |x_r|^2 by 1 - psi and |x_r| by sqrt(1 + psi).",
    ),
    Claim(
        "lemma-B.2/lower/version/sharper",
        "The lower bound with 1.05 epsilon in place of 1.1 epsilon.",
        scaled_multipliers,
        lambda p: 1 - p.q("0.6") * p.epsilon_d - p.q("1.05") * p.epsilon,
        "lower",
        LEMMA_POINTS,
        HALF,
        "ours, for Lemma B.2",
        latex=r"\lambda_t \|x_t\|^2 \geq 1 - 0.6 \epsilon_d - 1.05 \epsilon",
        constant="0.6, 1.05",
        derivation="sqrt(1.1) < 1.05 in the printed proof.",
    ),
    *(
        Claim(
            f"lemma-B.2/{side}/version/excess",
            f"How far a multiplier times |x_t|^2 lies {place} 1, where that is large enough to be measured (epsilon >= 0.01).",
            excess,
            bound,
            family=LEMMA_POINTS,
            hypotheses=(*HALF, Hypothesis("epsilon is at least 0.01", lambda p: p.epsilon - p.q("0.01"))),
            source="ours, for Lemma B.2",
            latex=latex,
            constant=constant,
            derivation=f"Lemma B.2, {side} bound, times |x_t|^2 and without the 1; the ratio shows how much of the constants is used.",
        )
        for side, place, excess, bound, latex, constant in (
            ("lower", "below", _below, lambda p: 1 - low(p), r"1 - \lambda_t \|x_t\|^2 \leq 0.6 \epsilon_d + 1.1 \epsilon", "0.6, 1.1"),
            (
                "upper",
                "above",
                _above,
                lambda p: high(p) - 1,
                r"\lambda_t \|x_t\|^2 - 1 \leq 1.2 \epsilon_d + 2.15 \epsilon + 2.2 \delta",
                "1.2, 2.15, 2.2",
            ),
        )
    ),
    Claim(
        "theorem-B.1/kkt/proof/margin-drift/version/sharper",
        "The step moves no retained margin by more than 0.5075 epsilon_d / m for each forgotten point.",
        _moves,
        lambda p: drift(p, _sets(p), "0.5075"),
        source="ours, for Theorem B.1",
        latex=r"|y_t N(\hat w, x_t) - y_t N(w, x_t)| \leq \frac{0.5075 k \epsilon_d}{m}",
        constant="0.5075",
        derivation="By (5) the margin moves by the forgotten points' terms, each at most lambda_l phi, and lambda_l <= 2.03.",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/kkt/proof/stationarity",
        "The unlearned predictor has the stationarity error of w, with the multipliers of the retained points.",
        _error_squared,
        lambda p: p.epsilon**2,
        source="Theorem B.1, Appendix B.2",
        kind="proof step",
        latex=r"\|\hat w - \sum_{i \in I_r} \lambda_i y_i x_i\| \leq \epsilon",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/kkt/proof/margin-identity",
        "The margin of w is that of w^ and the forgotten points' terms.",
        lambda p: p.margins + 0 * _sets(p),
        lambda p: margins(p, _sets(p)) + p.labels * ((_sets(p) * (p.multipliers * p.labels)) @ p.gram),
        "equality",
        source="Theorem B.1, Appendix B.2",
        kind="proof step",
        latex=r"y_t N(w, x_t) = y_t N(\hat w, x_t) + y_t \sum_{l \in I_f} \lambda_l y_l \langle x_l, x_t \rangle",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/cosine/proof/sine",
        "1 - cos is at most |w^ - w*|^2 / |w*|^2.",
        lambda p: to_optimum(p, _sets(p)),
        _sine,
        source="ours, for Theorem B.1",
        latex=r"1 - \cos(\hat w, w^*) \leq \frac{\|\hat w - w^*\|^2}{\|w^*\|^2}",
        derivation="<w^, w*> = sum lambda*_i y_i <w^, x_i> > 0. For a nonnegative cosine 1 - cos <= 1 - cos^2, and |w*| sin is the distance of w* "
        "from the line through w^.",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/cosine/version/root",
        "The root of 1 - cos is at most 1.4 epsilon_d + 2.3 epsilon + 1.3 delta.",
        lambda p: root(to_optimum(p, _sets(p))),
        lambda p: p.q("1.4") * p.epsilon_d + p.q("2.3") * p.epsilon + p.q("1.3") * p.delta,
        source="ours, for Theorem B.1",
        latex=r"\sqrt{1 - \cos(\hat w, w^*)} \leq 1.4 \epsilon_d + 2.3 \epsilon_1 + 1.3 \delta_1",
        constant="1.4, 2.3, 1.3",
        derivation="The root of /cosine/version/quadratic; its ratio shows how much of the constants is used.",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/cosine/proof/difference",
        "Multipliers before and after retraining differ by at most D / |x_i|^2, D = 1.2 epsilon_d + 1.05 epsilon + 1.1 delta.",
        lambda p: abs(_differences(p)) * p.squared_norms,
        between,
        source="ours, for Theorem B.1",
        latex=r"|\lambda_i - \lambda^*_i| \|x_i\|^2 \leq 1.2 \epsilon_d + 1.05 \epsilon + 1.1 \delta",
        constant="1.2, 1.05, 1.1",
        derivation="Both obey the sharper Lemma B.2, lambda* with errors 0 and r <= m points, for which phi is small enough all the more.",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/cosine/proof/gap",
        "Without its error, w^ lies near w*: the squared distance is at most (1 + epsilon_d / 3.6) D^2 times the sum of 1 / |x_i|^2.",
        _without_errors,
        lambda p: (1 + p.epsilon_d / p.q("3.6")) * between(p) ** 2 * _reciprocals(p),
        source="ours, for Theorem B.1",
        latex=r"\|\hat w - v - w^*\|^2 \leq (1 + \epsilon_d / 3.6) D^2 \sum_{i \in I_r} \frac{1}{\|x_i\|^2}",
        constant="3.6",
        derivation="With mu = lambda - lambda*, r retained points and 2 |mu_i mu_k| <= mu_i^2 + mu_k^2: at most sum mu_i^2 (N_i + (r - 1) phi) <= "
        "sum mu_i^2 N_i (1 + epsilon_d / (4 N_i)), N_i >= 0.9, and mu_i^2 N_i <= D^2 / N_i.",
        **_SETS,
    ),
    Claim(
        "theorem-B.1/cosine/proof/optimum",
        "|w*|^2, the sum of its multipliers, is at least 1 - 0.6 epsilon_d times the sum of 1 / |x_i|^2.",
        lambda p: optima(p, _sets(p)).sum(axis=1),
        lambda p: (1 - p.q("0.6") * p.epsilon_d) * _reciprocals(p),
        "lower",
        source="ours, for Theorem B.1",
        latex=r"\|w^*\|^2 = \sum_{i \in I_r} \lambda^*_i \geq (1 - 0.6 \epsilon_d) \sum_{i \in I_r} \frac{1}{\|x_i\|^2}",
        constant="0.6",
        derivation="Lemma B.2 for w*, with errors 0. All multipliers are positive, so all margins are 1, and |w*|^2 = sum lambda*_i margin_i.",
        **_SETS,
    ),
)
