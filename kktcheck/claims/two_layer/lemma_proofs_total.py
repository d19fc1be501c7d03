"""Steps of a proof of Lemma C.3, ours, that takes all neurons at once: the margin as an inner product of gradients (Euler), without cases."""

from ...instances.exact import root
from ..claim import Claim
from .extremes import crowds, mostly_opposing
from .parts import POINT, POINTS, total_masses


def total_cross(p):
    """phi (m - 1) times the largest total mass: what the other points can do to an output at most."""
    return p.phi * (p.num_points - 1) * total_masses(p).max()


def curvature(p):
    """D = 0.9 - phi (m - 1)."""
    return p.q("0.9") - p.phi * (p.num_points - 1)


def linear(p):
    """B = 1 + epsilon sqrt(0.9)."""
    return 1 + p.epsilon * root(p.q("0.9"))


def total_root(p):
    """The larger root of T^2 D - T B - delta."""
    slope = linear(p)
    return (slope + root(slope * slope + 4 * curvature(p) * p.delta)) / (2 * curvature(p))


_OURS = dict(family=POINTS, hypotheses=POINT, source="ours", kind="ours")

CLAIMS = (
    Claim(
        "lemma-C.3/2/proof/euler",
        "At every point the margin differs from |x_k|^2 times the point's total mass by at most phi (m-1) times the largest total mass plus "
        "epsilon |x_k|.",
        lambda p: abs(p.margins - p.squared_norms * total_masses(p)),
        lambda p: total_cross(p) + p.epsilon * root(p.squared_norms),
        latex=r"\big|y_kN(\theta,x_k)-\|x_k\|^2T_k\big| \le \phi(m-1)\max_iT_i+\epsilon\|x_k\|,\quad T_i=\sum_ju_j^2\lambda_i\sigma'_{i,j}",
        extremes=mostly_opposing,
        derivation="The network is homogeneous: y_k N(x_k) = y_k <theta, grad N(x_k)>, the sum over neurons active on x_k of y_k u_j <w_j, x_k>. "
        "Put in w_j = u_j sum_i lambda_i y_i sigma'_ij x_i + v_j: the point itself gives |x_k|^2 T_k, another one lambda_i y_i y_k <x_i, x_k> times "
        "sum_j u_j^2 sigma'_ij sigma'_kj, at most phi T_i in size, and the error <v, grad N(x_k)>, at most epsilon |x_k|, as the gradient's squared "
        "norm is |x_k|^2 sum_j u_j^2 sigma'_kj.",
        **_OURS,
    ),
    Claim(
        "lemma-C.3/2/proof/quadratic",
        "The largest total mass T satisfies T^2 (0.9 - phi (m-1)) <= T (1 + epsilon sqrt(0.9)) + delta.",
        lambda p: total_masses(p).max() ** 2 * curvature(p),
        lambda p: total_masses(p).max() * linear(p) + p.delta,
        latex=r"T^2(0.9-\phi(m-1)) \le T(1+\epsilon\sqrt{0.9})+\delta,\quad T=\max_i\sum_ju_j^2\lambda_i\sigma'_{i,j}",
        extremes=crowds,
        derivation="At the point k where T is reached lambda_k >= T, as the u_j^2 add up to 1, so its margin is at most 1 + delta / T; with q = "
        "|x_k|^2, lemma-C.3/2/proof/euler gives T q - epsilon sqrt(q) <= 1 + delta / T + phi (m-1) T. For T >= 1 the left side grows in q: put in "
        "q = 0.9. For T < 1 already 0.9 T^2 <= T.",
        **_OURS,
    ),
)
