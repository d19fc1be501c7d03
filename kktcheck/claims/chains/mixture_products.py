"""Chains of Lemmas D.3 to D.6: inner products of points of the mixture, and of whole datasets.

Notation: x = log d, w = (2 |mu| + 1.1) x / sqrt(d); e^(-x^2/2) = d^(-log(d)/2).
"""

from ...instances import root
from ..chain import Box, Chain, Link
from .mixture_norms import ANY, NORMAL, above, number

_SMALL = Box("1", "1", "0.01")


def _pairs(p):
    return p.q("1/2") * p.points * (p.points - 1)


CHAINS = (
    Chain(
        "lemma-D.3/proof",
        ("lemma-D.3", "lemma-D.3/version/minus-sign"),
        "Proof of Lemma D.3, Appendix D",
        (
            Link("<x_i, x_j> - <mu_i, mu_j>", "=", "<mu_i, zeta_j> + <zeta_i, mu_j> + <zeta_i, zeta_j>", "x = mu + zeta"),
            Link("|<mu_i, zeta_j>|, |<mu_j, zeta_i>|", "<=", "|mu| x / sqrt(d)", "cited: Lemma A.4, each but for 2 e^(-x^2/2)"),
            Link("|<zeta_i, zeta_j>|", "<=", "1.1 x / sqrt(d)", "cited: Lemma A.6, but for e^(-d/500) + 2 e^(-x^2/2)"),
            Link("|<x_i, x_j>| - <mu_i, mu_j>", "<=", "w", "the absolute value of <x_i, x_j> stands where that of the difference belongs",
                 claim="lemma-D.3/version/minus-sign"),
        ),
        "For different clusters |<x_i, x_j>| - <mu_i, mu_j> is near 2 |mu|^2. And the statement has 1 - e^(-d/500) + 6 e^(-x^2/2).",
        ANY,
    ),
    Chain(
        "lemma-D.3/derivation",
        ("lemma-D.3/version/no-absolute-value",),
        "ours, for Lemma D.3 without the absolute value",
        (
            Link("<x_i, x_j> - <mu_i, mu_j>", "=", "<mu_i, zeta_j> + <zeta_i, mu_j> + <zeta_i, zeta_j>", "x = mu + zeta"),
            Link("P(|Z| >= t)", "<=", "e^(-t^2/2)", NORMAL),
            Link("|<mu_i, zeta_j>|, |<mu_j, zeta_i>|", "<=", "|mu| x / sqrt(d)", "normal with standard deviation |mu| / sqrt(d): but for 2 "
                 "e^(-x^2/2)"),
            Link("P(|zeta_i|^2 >= 1.21)", "<=", "exp(-d (0.21 - log(1.21)) / 2)", "Chernoff for a chi-square"),
            Link("2/500", "<=", "0.21 - log(1.21)", "log(1 + t) <= t - t^2/2 + t^3/3", "norm",
                 (number("2/500"), lambda p: p.q("0.21") ** 2 / 2 - p.q("0.21") ** 2 * p.q("0.21") / 3), constant="1/500"),
            Link("|<zeta_i, zeta_j>|", "<=", "1.1 x / sqrt(d)", "given |zeta_i| <= 1.1 normal with standard deviation at most 1.1 / sqrt(d): but "
                 "for e^(-x^2/2)"),
        ),
        "All three but for e^(-d/500) + 3 e^(-x^2/2), half of the printed 6, for every d.",
        ANY,
        author="ours",
    ),
    Chain(
        "lemma-D.4/proof",
        ("lemma-D.4", "lemma-D.4/version/proof"),
        "Proof of Lemma D.4, Appendix D",
        (
            Link("|mu|^2", "=", "1 / d^(1/2 - 2 alpha)", "for |mu| = d^(-1/4 + alpha), which is not the statement's length"),
            Link("2 |mu| x / sqrt(d)", "=", "2 x / d^(alpha + 3/4)", "the sign of alpha is lost", claim="lemma-D.4/proof/factor"),
            Link("log(2 x d^(-1/4) + 1.1 x) / x", "=>", "tends to 0", "log x / x does"),
        ),
        "Another length than the statement's, and an exponent with the wrong sign; with d^(alpha - 3/4) the same argument works for d^(-1/4 + "
        "alpha).",
        ANY,
    ),
    Chain(
        "lemma-D.4/derivation",
        ("lemma-D.4",),
        "ours, for Lemma D.4: |mu| = x e^(-alpha x), c = 1/2 - 2 alpha",
        (
            Link("|mu|^2 > w", "=>", "e^(c x) > 1.1 / x + 2 e^(-alpha x)", "both sides divided by x^2 e^(-x/2); the other way round, too"),
            Link("c x >= 1.1", "=>", "e^(c x) > 3", "e^1.1 >= 1 + 1.1 + 1.1^2/2 + 1.1^3/6 + 1.1^4/24, more than 2.98, and the next term 1.1^5/120 "
                 "more than 0.013; "
                 "decided below"),
            Link("2.99", "<=", "1 + 1.1 + 1.1^2/2 + 1.1^3/6 + 1.1^4/24 + 1.1^5/120", "a partial sum of the exponential", "exponential",
                 (number("2.99"), lambda p: 1 + p.q("1.1") + p.q("1.21") / 2 + p.q("1.331") / 6 + p.q("1.4641") / 24 + p.q("1.61051") / 120)),
            Link("1.1 / x + 2 e^(-alpha x)", "<=", "2.5", "x >= 1.1 / c > 2.2, as c < 1/2, so the sum is at most 1/2 + 2"),
        ),
        "2.5 < 2.99: the inequality holds from log d = 1.1 / (1/2 - 2 alpha) on.",
        ANY,
        author="ours",
    ),
    Chain(
        "lemma-D.4/version/derivation",
        ("lemma-D.4/version/proof", "lemma-D.4/version/section-6"),
        "ours, for Lemma D.4: |mu| = e^(-b x), b in (0, 1/4), c = 1/2 - 2 b",
        (
            Link("|mu|^2 > w", "=>", "e^(c x) > x (2 |mu| + 1.1)", "both sides divided by e^(-x/2); the other way round, too"),
            Link("2 |mu| + 1.1", "<=", "3.1", "|mu| <= 1"),
            Link("e^y", ">=", "(e y / 2)^2, y > 0", "y^2 e^-y is largest at y = 2"),
            Link("7.389", "<=", "e^2", "the exponential's series: 2.7183 > e > 2.71828, squared"),
            Link("3.1", "<=", "7.389 c^2 x / 4 where c^2 x >= 1.7", "1.7 times 7.389 / 4 is 3.14", "closed-form",
                 (number("3.1"), lambda p: p.q("7.389") * p.q("1.7") / 4), constant="1.7"),
        ),
        "e^(c x) >= 7.389 c^2 x^2 / 4 > 3.1 x from x = 1.7 / c^2 on, where c = 2 alpha for d^(-1/4 + alpha), 1/2 - 2 alpha for d^-alpha.",
        ANY,
        author="ours",
    ),
    Chain(
        "lemma-D.5/proof",
        ("lemma-D.5",),
        "Proof of Lemma D.5, Appendix D",
        (
            Link("P(all |x|^2 in [0.9, 1.1])", "=", "P(max |x|^2 in [0.9, 1.1])", "printed, but a least norm may be below 0.9; the union bound "
                 "below does not need it"),
            Link("P(some |x|^2 outside)", "<=", "2 m e^(-d/1700)", "Lemma D.2 and a union", claim="lemma-D.2"),
            Link("|<x_i, x_j>|", "<=", "|mu|^2 + w", "Lemma D.3, but for e^(-d/500) + 6 e^(-x^2/2)", claim="lemma-D.3/version/no-absolute-value"),
            Link("|mu|^2 + w", "<=", "2 |mu|^2 <= epsilon_d / (4 m n)", "Lemma D.4", claim="lemma-D.4/version/proof"),
            Link("6 m (m - 1) / 2", "<=", "2 m^2", "a union over all pairs, even unordered "
                 "ones", "union", (lambda p: 6 * _pairs(p), lambda p: 2 * p.points**2),
                 corrected_by="lemma-D.5", constant="2"),
        ),
        "The union does not give 2 m^2 from m = 4 on; a better count of the normal numbers does.",
        ANY,
    ),
    Chain(
        "lemma-D.5/derivation",
        ("lemma-D.5", "lemma-D.5/version/six"),
        "ours, for Lemma D.5",
        (
            Link("P(some |x_i|^2 outside [0.9, 1.1])", "<=", "2 m e^(-d/1700)", "Lemma D.2 and a union", claim="lemma-D.2"),
            Link("<x_i, x_j> - <mu_i, mu_j>", "=", "<x_i, zeta_j> + <zeta_i, mu_j>, i < j", "x = mu + zeta"),
            Link("P(|Z| >= t)", "<=", "e^(-t^2/2)", NORMAL),
            Link("|<zeta_i, mu>|", "<=", "|mu| x / sqrt(d) for all i", "m normal numbers, since mu_j is mu or -mu: but for m e^(-x^2/2)"),
            Link("sqrt(1.1)", "<=", "1.1", "given x_i with |x_i|^2 <= 1.1 the standard deviation of <x_i, zeta_j> is at most sqrt(1.1) / "
                 "sqrt(d)", "length",
                 (lambda p: root(p.q("1.1")), number("1.1"))),
            Link("|<x_i, zeta_j>|", "<=", "1.1 x / sqrt(d) for all i < j", "at least x standard deviations: but for m (m - 1)/2 e^(-x^2/2)"),
            Link("m + m (m - 1)/2", "<=", "m^2", "m >= 1", "count", (lambda p: p.points + _pairs(p), lambda p: p.points**2)),
            Link("|<x_i, x_j>|", "<=", "|mu|^2 + (|mu| + 1.1) x / sqrt(d) <= |mu|^2 + w <= epsilon_d / (4 m n)", "the hypothesis on d"),
        ),
        "But for 2 m e^(-d/1700) + m^2 e^(-x^2/2), less than printed, with 2 m^2 and with 6 m^2.",
        ANY,
        author="ours",
    ),
    Chain(
        "lemma-D.6/proof",
        ("lemma-D.6", "lemma-D.6/version/squared"),
        "Proof of Lemma D.6, Appendix D",
        (
            Link("|<x_i, x_j> - <mu_i, mu_j>|", "<=", "w", "Lemma D.3", claim="lemma-D.3/version/no-absolute-value"),
            Link("m (m - 1) / 2", "<=", "m", "a union over pairs, as in Lemma D.5, but for m times the bound of "
                 "one", "union", (_pairs, lambda p: p.points),
                 corrected_by="lemma-D.6/version/squared"),
            Link("0", "<=", "|mu|^2 - w", "Lemma D.4", claim="lemma-D.4/version/proof"),
        ),
        "A union over pairs gives m^2, not m; and bounds do not make equalities.",
        ANY,
    ),
    Chain(
        "lemma-D.6/derivation",
        ("lemma-D.6/version/squared", "lemma-D.6/version/pairs"),
        "ours, for Lemma D.6 with bounds in place of equalities",
        (
            Link("|mu|^2", "<=", "0.0025", "|mu|^2 <= epsilon_d / (4 m n), epsilon_d <= 0.01", "mean",
                 (lambda p: p.epsilon_d / (4 * p.points * p.neurons), number("0.0025"))),
            Link("1/500", "<=", "1.1 s + log(1 - 2 s) / 2 - v s / (1 - 2 s), s = 1/22, v <= 0.0025", "as for Lemma D.2: P(|x_i|^2 >= 1.1) <= "
                 "e^(-d/500)", "norm",
                 (number("1/500"), above("1/22", "1.1", "0.0025")), constant="1/500"),
            Link("P(|Z| >= t)", "<=", "e^(-t^2/2)", NORMAL),
            Link("|<zeta_i, mu>|", "<=", "2 |mu| x / sqrt(d) for all i", "but for m e^(-2 x^2), at most m e^(-x^2/2)"),
            Link("|<x_i, zeta_j>|", "<=", "1.1 x / sqrt(d) for all i < j", "standard deviation at most sqrt(1.1/d): but for m (m - 1)/2 e^(-1.1 "
                 "x^2/2)"),
            Link("m", "<=", "e^(x/2) / (440 x)", "1.1 x e^(-x/2) <= w <= epsilon_d / (4 m n) <= 0.01 / (4 m)"),
            Link("e^(x/2)", "<=", "3.5 e^(x^2/20)", "(x - 5)^2 >= 0 gives x/2 <= x^2/20 + 5/4, and e^(5/4) < 3.5"),
            Link("3.5 / 440", "<=", "1/2", "as d >= 2 and so x > 1/2: m - 1 is below "
                 "e^(x^2/20)", "room", (lambda p: p.q("3.5") / 440, number("1/2"))),
            Link("m (m - 1)/2 e^(-1.1 x^2/2)", "<=", "m e^(-x^2/2)", "the three before"),
        ),
        "But for m e^(-d/500) + 2 m e^(-x^2/2) all <x_i, x_j> are within w of <mu_i, mu_j> = y_i y_j |mu|^2, which is what is said of them.",
        _SMALL,
        author="ours",
    ),
)  # fmt: skip
