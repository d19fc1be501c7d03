"""Chains of Lemma D.7 and Theorem 6.1, and of the sharper theorem.

Notation: x = log d, w = (2 |mu| + 1.1) x / sqrt(d), w' = (2 |mu| + 1.025) x / sqrt(d); e^(-x^2/2) = d^(-log(d)/2); g_ij are Clarke's derivatives.
"""

from ...instances import root
from ..chain import Box, Chain, Link
from .mixture_norms import ANY, NORMAL, number

_SMALL = Box("1", "1", "0.01")
_LENGTH = Link("sqrt(1.05)", "<=", "1.025", "|x_i| <= |zeta_i| + |mu|, |zeta_i|^2 <= 1.05", "length", (lambda p: root(p.q("1.05")), number("1.025")))
_GENERAL = (
    Link("P(some |zeta_i|^2 outside [0.95, 1.05])", "<=", "2 m e^(-d/1700)", "Lemma D.1 and a union", claim="lemma-D.1"),
    Link("P(|Z| >= t)", "<=", "e^(-t^2/2)", NORMAL),
    Link("|<zeta_i, mu>|", "<=", "|mu| x / sqrt(d) for all i", "m normal numbers of standard deviation |mu| / sqrt(d): but for m e^(-x^2/2)"),
    Link("|<x_i, zeta_j>|", "<=", "|x_i| x / sqrt(d) for all i < j", "given x_i normal with standard deviation |x_i| / sqrt(d): but for m (m - 1)/2 "
         "e^(-x^2/2)"),
    Link("m + m (m - 1)/2", "<=", "m^2", "m >= 1", "count", (lambda p: p.points + p.q("1/2") * p.points * (p.points - 1), lambda p: p.points**2)),
    _LENGTH,
    Link("|y_i y_j <x_i, x_j> - |mu|^2|", "<=", "w' <= w < |mu|^2, i != j", "y_i <x_i, mu> = |mu|^2 + y_i <zeta_i, mu>, and |x_i| <= 1.025 + |mu|: "
         "all signs of products "
         "are those of the labels' products"),
    Link("u_j > 0, w_j != 0", "=>", "w_j = u_j sum over label +1 of lambda_i x_i", "y_i <w_j, x_i> = u_j sum_k lambda_k g_kj y_k y_i <x_k, x_i> > "
         "0, as some lambda_k g_kj is; "
         "so g_ij = 1 for label +1, 0 for label -1. Likewise for u_j < 0"),
    Link("w_j = 0", "=>", "lambda_i g_ij = 0 for all i", "the same sum is 0 and has no negative term: the step leaves zero neurons at zero"),
    Link("y_t y_i <x_i, x_t> > 0 for all i", "=>", "sign <w_j, x_t> = y_t sign u_j wherever w_j != 0, before and after the step", "all terms of the "
         "sums have that sign"),
    Link("P(some y_t y_i <x_i, x_t> <= 0 | dataset)", "<=", "m/2 e^(-x^2/2)", "by this chain's events as for Lemma "
         "D.7", claim="lemma-D.7/version/probability"),
    Link("a retained point of label y_t with lambda_i > 0", "=>", "y_t N(x_t) > 0, before and after the step", "neurons with sign(u_j) = y_t that "
         "were not zero (the point's "
         "margin is at least 1, so there is one) keep lambda_i x_i in their sum, hence stay other than zero and active; the others are inactive"),
    Link("no retained point of a label has lambda_i > 0", "=>", "f 2 w' >= a - b, f <= k", "v = sum of lambda_i x_i over the f forgotten points of "
         "the label with lambda_i > 0, q the sum of u_j^2 over neurons of its sign that are not zero: q <v, x_i> = 1 for these, at least 1 for a "
         "retained one. a <= |x_i|^2, b = |mu|^2 - w', c = |mu|^2 + w': adding up f >= q sum lambda (a + (f - 1) b), and q c sum lambda >= 1, so "
         "c f >= a + (f - 1) b"),
    Link("a - b", ">=", "0.95", "|x_i|^2 >= 0.95 - 2 |mu| x / sqrt(d) + |mu|^2 and w' >= 2 |mu| x / sqrt(d)"),
    Link("2 k w'", "<=", "0.94", "k w <= 0.47", "room", (lambda p: 2 * p.q("0.47") * p.free, number("0.94"))),
    Link("P(retained labels all equal)", "=", "2^(1-(m-k))", "labels are independent of which points are forgotten; k = 0 for the original"),
)  # fmt: skip

CHAINS = (
    Chain(
        "lemma-D.7/proof",
        ("lemma-D.7",),
        "Proof of Lemma D.7, Appendix D",
        (
            Link("y_t y_i <x_i, x_t>", ">=", "phi_min^+ > 0", "cited: Lemma D.6, which speaks of points of S; for a new point it takes a "
                 "probability"),
            Link("sign(w_j^T x_t)", "=", "y_t sign(u_j)", "all terms have that sign; but there may be none: zero neurons", claim="lemma-D.7"),
        ),
        "The statement names no probability, and a zero neuron has sign 0.",
        ANY,
    ),
    Chain(
        "lemma-D.7/version/probability/derivation",
        ("lemma-D.7/version/probability",),
        "ours, for Lemma D.7",
        (
            _LENGTH,
            Link("y_t y_i <x_i, x_t>", "=", "y_i <x_i, mu> + y_t y_i <x_i, zeta_t>", "x_t = y_t mu + zeta_t"),
            Link("y_i <x_i, mu>", ">=", "|mu|^2 - |mu| x / sqrt(d)", "the event on the dataset"),
            Link("P(|Z| >= t)", "<=", "e^(-t^2/2)", NORMAL),
            Link("y_t y_i <x_i, zeta_t>", ">=", "-(1.025 + |mu|) x / sqrt(d) for all i", "given the dataset normal with standard deviation at most "
                 "(1.025 + |mu|) / sqrt(d): one-sided, but "
                 "for m/2 e^(-x^2/2)"),
            Link("1.025", "<=", "1.1", "so |mu|^2 > w is more than both together", "width", (number("1.025"), number("1.1"))),
            Link("sign(u_j) y_t <w_j, x_t>", "=", "|u_j| sum_i lambda_i g_ij y_t y_i <x_i, x_t>", "stationarity; after the step the sum is over the "
                 "retained points"),
        ),
        "All products are positive but for m/2 e^(-x^2/2), less than the bound; then the sums are positive unless all lambda_i g_ij are 0, where "
        "the neuron is zero.",
        ANY,
        author="ours",
    ),
    Chain(
        "theorem-6.1/proof",
        ("theorem-6.1/original", "theorem-6.1/unlearned", "theorem-6.1/sets"),
        "Proof of Theorem 6.1, Appendix D.2",
        (
            Link("S", "=>", "Assumption 2.3", "cited: Lemma D.5", claim="lemma-D.5"),
            Link("sign(w_j^T x_t)", "=", "y_t sign(u_j)", "cited: Lemma D.7", claim="lemma-D.7"),
            Link("N(x_t)", "=", "sum_i y_i <x_i, x_t> sum over u_j >= 0 of u_j^2 lambda_i sigma'_ij, y_t = 1", "the neurons with u_j < 0 are "
                 "inactive"),
            Link("sum over u_j >= 0 of u_j^2 lambda_i sigma'_ij", ">", "0 for all i", "cited: Lemma C.4, which speaks of points of label +1; for "
                 "label -1 the sum is 0, and with no point of "
                 "label +1 all of them are: then N(x_t) = 0", claim="theorem-6.1/proof/every-point"),
        ),
        "With equal labels, of all points or of the retained ones, there is no such sum for the other label.",
        ANY,
    ),
    Chain(
        "sharper/generalization/derivation",
        ("sharper/generalization",),
        "ours",
        _GENERAL,
        "But for 2 m e^(-d/1700) + m^2 e^(-x^2/2) + 2^(1-(m-k)) the dataset has all this and both labels among the retained points. As 2 k w' < "
        "0.95, a retained point of each label has a positive multiplier. So y_t N(x_t) > 0 before and after the step, but for m/2 e^(-x^2/2) of "
        "the new points.",
        ANY,
        author="ours",
    ),
    Chain(
        "theorem-6.1/original/corrected/derivation",
        ("theorem-6.1/original/corrected", "theorem-6.1/unlearned/corrected", "theorem-6.1/sets/corrected"),
        "ours, for Theorem 6.1",
        (
            Link("epsilon_d / (4 n)", "<=", "0.47", "k w <= m w <= epsilon_d / (4 n), since |mu|^2 + w <= epsilon_d / (4 m n)", "sets",
                 (lambda p: p.epsilon_d / (4 * p.neurons), number("0.47"))),
            Link("the sharper theorem", "=>", "both networks generalise", "|mu|^2 > w and k w <= 0.47 are met", claim="sharper/generalization"),
            Link("m^2 e^(-x^2/2)", "<=", "m^2 e^(-d/500) + 2 m^2 e^(-x^2/2)", "for the dataset; and m/2 is less than 2 m for the new point"),
        ),
        "The sharper bounds are below the printed ones, so these hold with 2^(1-(m-k)) added, k = 0 for the original.",
        _SMALL,
        author="ours",
    ),
)  # fmt: skip
