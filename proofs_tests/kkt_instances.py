"""Planted KKT points, exact or approximate by a chosen error and slackness, built without solving the multiplier problem.

For near-orthogonal points, multipliers and error vectors v_j chosen at will, each neuron is w_j = u_j sum_i y_i z_ij x_i + v_j, with
its gates z and its states settled by exchange (exactly on its kinks, by projection). The margins come out as they please; moving
every point along its own direction until its margin is the one wanted, and its multiplier the other way, changes neither states
nor weights.
"""

from dataclasses import dataclass
from typing import Any

import hypothesis.strategies as st
import numpy as np

from kktcheck import Dataset, LinearPredictor, TwoLayerReLU
from kktcheck.models import ACTIVE, INACTIVE, KINK

from .instances import seeds


@dataclass(frozen=True)
class Planted:
    """A model at minimum margin 1 and what was planted: residual norm epsilon, slackness delta with these multipliers and gates.

    ``nearest`` is the least |<w_j, x_i>| / (|w_j| |x_i|) over the pairs that are no kinks.
    """

    data: Dataset
    model: Any
    multipliers: np.ndarray
    gates: np.ndarray
    states: np.ndarray
    epsilon: float
    delta: float
    nearest: float

    @property
    def kinks(self):
        return self.states == KINK


def planted_network(seed, *, m=6, d=12, n=8, error=0.0, slack=0.0, sleeping=0, overlap=0.06, paper_layer=False):
    """Planted two-layer network with kinks.

    Parameters
    ----------
    error : float
        Norm of the residual relative to that of the weights, about.
    slack : float
        Margins are 1, or up to 1 + slack.
    sleeping : int
        Number of points with a zero multiplier, at most m - 1.
    overlap : float
        How far the points are from an orthonormal set; labels and multipliers are consistent if it is small.
    paper_layer : bool
        u_j = +-1/sqrt(n), as the theorems need.
    """
    rng = np.random.default_rng(seed)
    nudges = rng.standard_normal((m, d))
    X = np.linalg.qr(rng.standard_normal((d, m)))[0].T + overlap * nudges / np.linalg.norm(nudges, axis=1, keepdims=True)
    y = rng.choice([-1.0, 1.0], m)
    if m > 1:  # neuron 0, active on point 0, would be so on point 1 as well: a kink
        y[:2], X[1] = (1.0, -1.0), X[1] + 0.2 * X[0]
    u = np.where(np.arange(n) % 2, -1.0, 1.0) * (1.0 if paper_layer else rng.uniform(0.6, 1.4, n)) / np.sqrt(n)
    multipliers = rng.uniform(0.7, 1.4, m)
    multipliers[m - sleeping :] = 0.0
    v = error * np.abs(u)[:, None] * rng.standard_normal((n, d)) / np.sqrt(d) * np.sqrt((multipliers**2).sum())
    awake = np.flatnonzero(multipliers > 0)
    W, z, states = np.zeros((n, d)), np.zeros((n, m)), np.full((n, m), INACTIVE, np.int8)
    for j in range(n):
        wanted = np.ones(len(awake), bool) if j < 2 else rng.random(len(awake)) < 0.7
        coin = rng.random(len(awake)) < 0.5
        W[j], z[j, awake], states[j, awake] = _neuron(u[j], v[j], X[awake], y[awake], multipliers[awake], wanted, coin)
    # A point with a zero multiplier is in no weight, so it may be moved towards a neuron and labelled by its output.
    strong = W[np.argmax(np.linalg.norm(W, axis=1))]
    for i in np.setdiff1d(np.arange(m), awake):
        X[i] += 0.7 * strong / np.linalg.norm(strong)
        states[:, i] = np.where(W.any(axis=1), np.where(W @ X[i] >= 0, ACTIVE, INACTIVE), KINK)
        y[i] = np.sign(u @ np.maximum(W @ X[i], 0.0))
    P = np.where(states == KINK, 0.0, W @ X.T)
    return _at_margins(rng, X, y, TwoLayerReLU(W, u, states == KINK), P, multipliers, z, states, v, slack)


def planted_predictor(seed, *, m=6, d=12, error=0.0, slack=0.0, sleeping=0):
    """Planted linear predictor: the points times their labels lie in a cone, so m > d is possible; parameters as above."""
    rng = np.random.default_rng(seed)
    signed = rng.standard_normal((m, d)) / np.sqrt(d)
    signed += 1.5 * rng.standard_normal(d) / np.sqrt(d)
    center = signed.sum(axis=0)
    signed *= np.where(signed @ center < 0, -1.0, 1.0)[:, None]
    signed += center / np.linalg.norm(center) * np.maximum(0.0, -(signed @ signed.T).min())
    multipliers = rng.uniform(0.5, 2.0, m)
    multipliers[m - sleeping :] = 0.0
    v = error * rng.standard_normal(d) / np.sqrt(d) * np.linalg.norm(multipliers @ signed)
    w = multipliers @ signed + v
    # A point with a zero multiplier is in no weight, so it may be moved towards the predictor.
    signed[m - sleeping :] += 0.7 * w / np.linalg.norm(w)
    y = rng.choice([-1.0, 1.0], m)
    X = y[:, None] * signed
    return _at_margins(rng, X, y, LinearPredictor(w), (X @ w)[None], multipliers, multipliers[None], np.full((1, m), ACTIVE, np.int8), v[None], slack)


def _neuron(u, v, X, y, multipliers, wanted, coin):
    """Weights, gates and states of one neuron: active on the wanted points of its own sign, and the rest as it must be.

    With omega = w / |u| the points of the other sign solve min |omega| over gates in [0, lambda]; own points that are not wanted are
    inactive if they happen to be, else active; a coin decides which of the inactive ones are held on a kink instead.
    """
    own = y * np.sign(u) > 0
    sign = np.where(own, 1.0, -1.0)
    states = np.where(own & wanted, ACTIVE, INACTIVE).astype(np.int8)
    tries = np.zeros(len(y), int)
    for _ in range(40 * len(y)):
        base = ((states == ACTIVE) * multipliers * sign) @ X + v / abs(u)
        marked = np.flatnonzero(states == KINK)
        held = np.linalg.lstsq(X[marked].T, -base, rcond=None)[0] if marked.size else np.zeros(0)
        omega = base + held @ X[marked]
        z = np.where(states == ACTIVE, multipliers, 0.0)
        z[marked] = sign[marked] * held
        P = X @ omega
        move = _first_wrong(states, own, P, z, multipliers, coin, tries)
        if move is None:
            omega -= np.linalg.lstsq(X[marked], X[marked] @ omega, rcond=None)[0] if marked.size else 0.0
            if np.linalg.norm(omega) <= 1e-12:  # no point of its sign: a zero neuron is on every kink
                return np.zeros_like(v), np.zeros(len(y)), np.full(len(y), KINK, np.int8)
            return abs(u) * omega, z, states
        i, state = move
        states[i], tries[i] = state, tries[i] + 1
    raise AssertionError("the states of a planted neuron did not settle: take less overlap")


def _first_wrong(states, own, P, z, multipliers, coin, tries):
    """The first point whose state contradicts its pre-activation or its gate, with a better state; None if there is none."""
    tiny = 1e-9
    for i, state in enumerate(states):
        if state == KINK and z[i] < 0:
            return i, ACTIVE if own[i] else INACTIVE
        if state == KINK and z[i] > multipliers[i]:
            return i, INACTIVE if own[i] else ACTIVE
        if state == ACTIVE and P[i] <= tiny:
            return i, INACTIVE if own[i] else KINK
        if state == INACTIVE and P[i] >= -tiny:
            return i, ACTIVE if own[i] else KINK
        if state == INACTIVE and own[i] and coin[i] and tries[i] == 0:
            return i, KINK
    return None


def _at_margins(rng, X, y, model, P, multipliers, z, states, v, slack):
    margins = y * (model.second_layer @ (P if isinstance(model, LinearPredictor) else np.maximum(P, 0.0)))
    if not (margins > 0).all():
        raise AssertionError("a planted point has no positive margin: take less overlap or error")
    wanted = 1.0 + slack * rng.random(len(y))
    wanted[rng.integers(len(y))] = 1.0
    factors = wanted / margins
    X = X * factors[:, None]
    multipliers, z = multipliers / factors, z / factors
    data = Dataset(X, y)
    off = states != KINK
    sizes = np.abs(P) * factors / (np.linalg.norm(model.hidden, axis=1)[:, None] * data.norms + ~off)
    nearest = float(sizes[off].min(initial=1.0))
    return Planted(data, model, multipliers, z, states, float(np.linalg.norm(v)), float((multipliers * (wanted - 1)).max()), nearest)


@st.composite
def planted_networks(draw, *, error=(0.0,), slack=(0.0,), sleeping=(0, 0), min_points=1, max_points=7, max_neurons=9, paper_layer=False):
    """Planted networks of drawn size; ``error`` and ``slack`` are one of the values given, ``sleeping`` holds the least and the most."""
    m = draw(st.integers(max(min_points, sleeping[0] + 1), max_points))
    return planted_network(
        draw(seeds()),
        m=m,
        d=m + draw(st.integers(1, 6)),
        n=draw(st.integers(2, max_neurons)),
        error=draw(st.sampled_from(error)),
        slack=draw(st.sampled_from(slack)),
        sleeping=draw(st.integers(sleeping[0], min(sleeping[1], m - 1))),
        paper_layer=paper_layer,
    )


@st.composite
def planted_predictors(draw, *, error=(0.0,), slack=(0.0,), sleeping=(0, 0), min_points=1, max_points=9, min_dim=1, max_dim=9):
    """Planted linear predictors; by default also m > d, where the multipliers are not unique."""
    m = draw(st.integers(max(min_points, sleeping[0] + 1), max_points))
    return planted_predictor(
        draw(seeds()),
        m=m,
        d=draw(st.integers(min_dim, max_dim)),
        error=draw(st.sampled_from(error)),
        slack=draw(st.sampled_from(slack)),
        sleeping=draw(st.integers(sleeping[0], min(sleeping[1], m - 1))),
    )


def planted_models(**options):
    """Planted networks and planted predictors."""
    return planted_networks(**options) | planted_predictors(**options)


def kinky_networks(clear=0.0, **options):
    """Planted networks of 6 points and 8 neurons, which always have kinks with gates strictly between their bounds.

    With ``clear`` every pair that is no kink is at least so far from one (relatively): of the next seeds the first with such a network.
    """

    def build(seed):
        while True:
            planted = planted_network(seed, **options)
            if planted.nearest >= clear:
                return planted
            seed += 1

    return seeds().map(build)
