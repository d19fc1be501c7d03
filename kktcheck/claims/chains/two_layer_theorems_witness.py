"""Chains of Theorems 4.1 and C.1, ours: the statements, with the projected network as the witness.

A witness has to stay within epsilon, delta and tau at once, so each chain shows all three for the same network. The two forms of Theorem C.1
(k or m / k in the middle term) have one proof: the middle terms are not needed.
"""

from typing import NamedTuple

from ...instances import root
from ..chain import Chain, Link
from ..claim import Part
from .two_layer_theorems import ONE_POINT, SETS, angle, crossing, reach


class _Middle(NamedTuple):
    """The denominator of a middle term."""

    name: str
    text: str
    function: object
    parts: tuple = ()


_POINTS = _Middle("middle", "m - 9 epsilon_d", lambda p: p.points - 9 * p.epsilon_d)
_PRINTED = _Middle("middle", "k - 9 epsilon_d", lambda p: p.forgotten - 9 * p.epsilon_d)
_PROVED = _Middle(
    "middle-of-proof",
    "m / k - 9 epsilon_d",
    lambda p: p.q("1") * p.points / p.forgotten - 9 * p.epsilon_d,
    (Part(lambda p: p.q("0.9") * p.forgotten, lambda p: p.points - 9 * p.forgotten * p.epsilon_d, "both sides times k"),),
)


def _kept_share(s):
    """r / m."""
    return lambda p: s.kept(p) * p.q("1") / p.points


def _per_root(s, constant):
    """``constant`` sqrt(r / m) / sqrt(n): a multiple of k epsilon_d sqrt(r) / (m sqrt(n)), divided by k epsilon_d / sqrt(m)."""
    return lambda p: constant(p) * root(_kept_share(s)(p) / p.neurons)


def _per_angle(s, constant):
    """A multiple of (k epsilon_d)^2 / (m^2 n), divided by k epsilon_d / (m - k)."""
    return lambda p: constant(p) * s.forgotten(p) * p.epsilon_d * s.kept(p) / (p.points * p.points * p.neurons)


def _allowed_angle(s):
    """The printed tau, divided by k epsilon_d / (m - k)."""
    return (lambda p: p.q("82")) if s is SETS else (lambda p: p.q("82") * _kept_share(s)(p))


def _most_angle(p):
    """Ours for sets, with k (m - k) <= m^2 / 4 and s^2 <= 0.0001."""
    return reach(SETS)(p) ** 2 * crossing(SETS)(p) / p.q("1.9999") * p.epsilon_d / (4 * p.neurons)


def _numbers(s, middles):
    """Links between constants by the statement that owns them."""
    scale = f"{s.k}epsilon_d"
    yield "epsilon", Link(
        f"0.69 {scale} sqrt(r) / (m sqrt(n))", "<=", f"23 {scale} / sqrt(m)", f"divided by {scale} / sqrt(m)", "added",
        (_per_root(s, lambda p: p.q("0.69")), lambda p: p.q("23")), constant="23",
    )  # fmt: skip
    for middle in middles:
        yield "epsilon", Link(
            "0.9", "<=", middle.text, "so the middle terms are not negative: m >= 2, 1 <= k < m, epsilon_d <= 0.01", middle.name,
            (lambda p: p.q("0.9"), middle.function), middle.parts,
        )  # fmt: skip
    yield "tau", Link(
        f"0.27 ({scale})^2 / (m^2 n)", "<=", "82 epsilon_d / m" if s is ONE_POINT else "82 k epsilon_d / (m - k)", f"divided by {scale} / {s.r}",
        "angle", (_per_angle(s, lambda p: p.q("0.27")), _allowed_angle(s)), constant="82",
    )  # fmt: skip


def _links(s, name, middles):
    """What keeps the projected network within epsilon, delta and tau; constants that another chain shows are cited."""
    theorem, scale = s.theorem, f"{s.k}epsilon_d"
    yield Link(
        "the projected network's retained activations and margins", "=", "the original's",
        "so it is feasible, with the retained multipliers as they are",
        claim=f"{theorem}/delta/proof/projected",
    )  # fmt: skip
    yield Link("its slackness", "<=", "delta", "retained margins and multipliers are the original's")
    yield Link(
        "its stationarity error", "<=", f"epsilon + 0.69 {scale} sqrt(r) / (m sqrt(n))", "a statement of its own",
        claim=f"{theorem}/epsilon/proof/projected",
    )  # fmt: skip
    yield Link("1 - cos", "<=", f"0.27 ({scale})^2 / (m^2 n)", "a statement of its own", claim=f"{theorem}/tau/proof/projected")
    for owner, link in _numbers(s, middles):
        cited = Link(link.left, link.relation, link.right, "shown there", claim=f"{theorem}/{owner}/derivation/{link.name}")
        yield link if owner == name else cited


_WITNESS = "The projected network is within all three."


def _statements(s, middles, versions, needed):
    def chain(name, conclusion, versions=(), **about):
        proves = (f"{s.theorem}/{name}", *versions)
        return Chain(f"{s.theorem}/{name}/derivation", proves, "ours", tuple(_links(s, name, middles)), conclusion, s.box, "ours", **about)

    added = f"{s.theorem}/epsilon/proof/projected/added"
    yield chain(
        "epsilon", f"{_WITNESS} The constants are those of the terms in {s.k}epsilon_d / sqrt(m); the printed middle term comes on top.",
        (added, *(f"{s.theorem}/epsilon/version/{version}" for version in versions)), given=_per_root(s, reach(s)), printed=lambda p: p.q("23"),
        value="23", attained_by=added,
    )  # fmt: skip
    yield chain(
        "delta", f"{_WITNESS} It adds nothing to delta, so neither constant is needed.",
        tuple(f"{s.theorem}/delta/version/{version}" for version in versions),
    )  # fmt: skip
    tau = f"{_WITNESS} The constants: both angles divided by {s.k}epsilon_d / {s.r}."
    yield chain("tau", tau, given=needed, printed=_allowed_angle(s), value="82")


CHAINS = (
    *_statements(ONE_POINT, (_POINTS,), (), _per_angle(ONE_POINT, angle(ONE_POINT))),
    *_statements(SETS, (_PRINTED, _PROVED), ("proof",), _most_angle),
)
