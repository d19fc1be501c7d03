"""Chains of Lemmas C.1 and C.2: the correction's inner products with retained points, and its norm."""

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from .two_layer_lemmas import ONE, PAIRS, PHI, PSI, any_phi, factor, phi, total_root


def _signed(p):
    """Any c in [-1, 1]."""
    return 2 * p.free - 1


def _counted(p, products):
    """(m - 1) 1.1 + (m - 1) (m - 2) phi: what the squared norm of a signed sum of the other points can be."""
    return p.q("1.1") * (p.points - 1) + (p.points - 1) * (p.points - 2) * products


def _rounded_counts(p, products):
    """m 1.1 + m^2 phi."""
    return p.q("1.1") * p.points + p.points**2 * products


def _plugged(p):
    """1.1 m + m^2 epsilon_d / (4 m n)."""
    return p.q("1.1") * p.points + p.points * p.epsilon_d / (4 * p.neurons)


def _norm_share(p):
    """sqrt(((m - 1) 1.1 + (m - 1) (m - 2) phi) / m) / 2: |Delta_j| in units of epsilon_d / (n sqrt(m))."""
    return root(_counted(p, phi(p)) / p.points) / 2


_CONSTANT_LEFT = "c (1 - psi)"
_DELTA = "|Delta_j|^2"
_ADDED = "|u_j| lambda_l sigma'_lj |Delta_j|"
_ROOT = "(B + sqrt(B^2 + 4 D delta)) / (2 D)"

CHAINS = (
    Chain(
        "lemma-C.1/proof",
        ("lemma-C.1",),
        "Lemma C.1, Appendix C",
        (
            Link(
                "Delta_{r,j}", "=", "c |x_r|^2 sign(<x_r, w_j>) + c sum over k other than l and r of <x_k, x_r> sign(<x_k, w_j>)",
                "the term k = r taken out of the sum",
            ),
            Link("|<x_k, x_r>|", "<=", "phi for k other than r", "Assumption 2.3"),
            Link(
                _CONSTANT_LEFT, "<=", "c |x_r|^2 for any real c",
                "what the bounds need of the first term, |x_r|^2 in [1 - psi, 1 + psi], here at psi = 0.1 and c in [-1, 1]; for c < 0 it turns round",
                "norm", (lambda p: p.q("0.9") * _signed(p), lambda p: _signed(p) * (1 - p.psi)), corrected_by="lemma-C.1/derivation/norm",
            ),
        ),
        "Broken: the lemma is for any real c and the bounds only for c >= 0; with c < 0 they change places.",
        PAIRS,
    ),
    Chain(
        "lemma-C.1/derivation",
        ("lemma-C.1/corrected",),
        "ours",
        (
            Link(
                "o Delta_{r,j}", "=", "c |x_r|^2 + o c sum over the m - 2 points k other than l and r of <x_k, x_r> sign(<x_k, w_j>)",
                "o = sign(<x_r, w_j>), o^2 = 1, which needs sign(0) = 1 or -1",
            ),
            Link(
                _CONSTANT_LEFT, "<=", "c |x_r|^2", "|x_r|^2 >= 1 - psi; c >= 0", "norm",
                (lambda p: p.q("0.9") * p.free, lambda p: p.free * (1 - p.psi)),
                parts=(Part(lambda p: p.q("0.9"), lambda p: 1 - p.psi, "divided by c >= 0; for c = 0 both sides vanish"),),
            ),
            Link(
                "c |x_r|^2", "<=", "c (1 + psi)", "|x_r|^2 <= 1 + psi; c >= 0", "norm-above",
                (lambda p: p.free * (1 + p.psi), lambda p: p.q("1.1") * p.free),
                parts=(Part(lambda p: 1 + p.psi, lambda p: p.q("1.1"), "divided by c >= 0; for c = 0 both sides vanish"),),
            ),
            Link(
                "|o c sum over k of <x_k, x_r> sign(<x_k, w_j>)|", "<=", "(m - 2) c phi",
                "triangle inequality: m - 2 terms, each at most c phi as c >= 0",
            ),
        ),
        "o Delta_{r,j} lies between c (1 - psi) - (m - 2) c phi and c (1 + psi) + (m - 2) c phi: for o = 1 these are the first two inequalities, for "
        "o = -1, turned round, the other two.",
        PAIRS,
        author="ours",
    ),
    Chain(
        "lemma-C.2/proof",
        ("lemma-C.2",),
        "Lemma C.2, Appendix C",
        (
            Link(_DELTA, "=", "|sum over k != l of c x_k sign(<x_k, w_j>)|^2, an inner product of the sum with itself", "definition"),
            Link(
                "that inner product", "<=", "c^2 <sum over k != l of x_k, sum over k != l of x_k>",
                "the signs are left out, which is not allowed", claim="lemma-C.2/proof/drop-signs",
            ),
            Link(
                "c^2 <sum x_k, sum x_k>", "<=", "c^2 (sum over k != l of |x_k|^2 + sum over s != k of <x_k, x_s>)", "expanded; both sides are equal",
            ),
            Link(
                "(m - 1) (1 + psi) + (m - 1) (m - 2) phi", "<=", "m (1 + psi) + m^2 phi",
                "the sums have m - 1 and (m - 1) (m - 2) terms, at most 1 + psi and phi; divided by c^2", "counts",
                (lambda p: _counted(p, any_phi(p)), lambda p: _rounded_counts(p, any_phi(p))),
                parts=(
                    Part(lambda p: 2 * any_phi(p), lambda p: p.q("1.1") + 3 * p.points * any_phi(p), "1.1 (m - 1) + (m^2 - 3 m) phi taken off"),
                ),
            ),
            Link(
                "c^2 (m (1 + psi) + m^2 phi)", "<=", "epsilon_d^2 / (4 m^2 n^2) (1.1 m + m^2 epsilon_d / (4 m n))",
                "psi <= 0.1, phi <= epsilon_d / (4 m n), c = epsilon_d / (2 m n)", "plugged",
                (lambda p: factor(p) ** 2 * (p.points * (1 + p.psi) + p.points**2 * any_phi(p)), lambda p: factor(p) ** 2 * _plugged(p)),
                parts=(PSI, PHI),
            ),
            Link(
                "epsilon_d^2 / (4 m^2 n^2) (1.1 m + m^2 epsilon_d / (4 m n))", "=", "epsilon_d^2 (1.1 + epsilon_d / 4n) / (4 m n^2)", "m taken out",
            ),
            Link(
                "epsilon_d sqrt(1.1 + epsilon_d / 4n) / (2 sqrt(m) n)", "<=", "epsilon_d sqrt(1.1 + epsilon_d / n) / (2 sqrt(m) n)",
                "the root, in which epsilon_d / 4n has become epsilon_d / n, divided by the common factor; n must stand outside the root in the "
                "denominator, which then fits what comes next", "root",
                (lambda p: root(p.q("1.1") + p.epsilon_d / (4 * p.neurons)), lambda p: root(p.q("1.1") + p.epsilon_d / p.neurons)),
                parts=(Part(lambda p: p.epsilon_d / 4, lambda p: p.epsilon_d, "both sides squared, 1.1 taken off, times n"),),
            ),
            Link("lambda_l", "<=", "n (5 + 10.5 epsilon + 4.8 delta)", "Lemma C.3, for a KKT point", claim="lemma-C.3/3"),
            Link("n (5 + 10.5 epsilon + 4.8 delta)", "<=", "20.4 n", "the same", claim="lemma-C.3/3/version/number", constant="20.4"),
            Link(
                _ADDED, "<=", "1 / sqrt(n) 20.4 n epsilon_d sqrt(1.1 + epsilon_d / n) / (2 sqrt(m) n)",
                "|u_j| = 1 / sqrt(n), sigma' <= 1, and the two bounds",
            ),
            Link(
                "20.4 sqrt(1.1 + epsilon_d / n) / 2", "<=", "20.4 + sqrt(1.1 + epsilon_d / n) / 2",
                "in units of epsilon_d / sqrt(m n); a product has become a sum, which is a slip and true", claim="lemma-C.2/proof/product",
            ),
            Link("20.4 + sqrt(1.1 + epsilon_d / n) / 2", "<=", "22", "numbers", claim="lemma-C.2/proof/constant", constant="22"),
        ),
        "Broken: the norm of a signed sum may exceed that of the sum without signs. The bound of |Delta_j| that follows is right all the same.",
        ONE,
    ),
    Chain(
        "lemma-C.2/proof/norm/derivation",
        ("lemma-C.2/proof/norm",),
        "ours",
        (
            Link(
                _DELTA, "<=", "c^2 ((m - 1) 1.1 + (m - 1) (m - 2) phi)",
                "for any signs o_k = 1 or -1, |sum over k != l of o_k x_k|^2 is the sum of m - 1 squared norms and of (m - 1) (m - 2) products "
                "o_k o_s <x_k, x_s>, each at most phi",
            ),
            Link(
                "(m - 1) 1.1 + (m - 1) (m - 2) phi", "<=", "m (1.1 + epsilon_d / 4n)", "m^2 phi = m epsilon_d / (4 n); divided by c^2", "counts",
                (lambda p: _counted(p, phi(p)), _plugged),
                parts=(Part(lambda p: 2 * phi(p), lambda p: p.q("1.1") + 3 * p.points * phi(p), "1.1 (m - 1) + (m^2 - 3 m) phi taken off"),),
            ),
        ),
        "c^2 m (1.1 + epsilon_d / 4n) = epsilon_d^2 (1.1 + epsilon_d / 4n) / (4 m n^2).",
        ONE,
        author="ours",
    ),
    Chain(
        "lemma-C.2/derivation",
        ("lemma-C.2", "lemma-C.2/version/sharper"),
        "ours",
        (
            Link(
                _DELTA, "<=", "epsilon_d^2 (1.1 + epsilon_d / 4n) / (4 m n^2)", "with signs kept", claim="lemma-C.2/proof/norm",
            ),
            Link("sum_j u_j^2 sigma'_lj", ">=", "1 / n", "some neuron is active on x_l", claim="lemma-C.3/3/proof/one-active"),
            Link("lambda_l", "<=", "n times the total mass of x_l", "times n lambda_l >= 0"),
            Link("the total mass of x_l", "<=", _ROOT, "B = 1 + epsilon sqrt(0.9), D = 0.9 - phi (m - 1)", claim="lemma-C.3/2/version/root"),
            Link(
                _ROOT + " sqrt(1.1 + epsilon_d / 4n) / 2", "<=", "2.01",
                _ADDED + " <= 1 / sqrt(n) n T |Delta_j|, in units of epsilon_d / sqrt(m n)", "product",
                (lambda p: total_root(p) * root(p.q("1.1") + p.epsilon_d / (4 * p.neurons)) / 2, lambda p: p.q("2.01")), constant="2.01",
            ),
            Link("2.01", "<=", "22", "numbers", "number", (lambda p: p.q("2.01"), lambda p: p.q("22")), constant="22"),
        ),
        "1 / sqrt(n) times n T times epsilon_d sqrt(1.1 + epsilon_d / 4n) / (2 n sqrt(m)) is the product above times epsilon_d / sqrt(m n).",
        ONE,
        author="ours",
        given=lambda p: total_root(p) * _norm_share(p),
        printed=lambda p: p.q("22"),
        value="22",
    ),
)  # fmt: skip
