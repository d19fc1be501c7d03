"""What the tests of the claims share: reading claims on drawn instances, witnesses, and the actual vectors of linear points."""

import numpy as np
from hypothesis import given

import kktcheck as kc
from kktcheck import claims, strategies
from kktcheck.audit import judge
from kktcheck.audit.witness import checked
from kktcheck.instances import KINDS

from .instances import examples


def selected(*prefixes):
    """Ids of the registered claims with one of the prefixes."""
    return [claim.id for claim in claims.all() if claim.id.startswith(prefixes)]


def check_holds(id, count=15):
    """No drawn instance that meets the hypotheses violates a claim."""
    claim = claims.get(id)

    @examples(count)
    @given(strategies.instances(claim.family))
    def holds(instance):
        reading = claim.read(instance)
        assert not reading.met or reading.ratio <= 1 + 1e-9

    holds()


def check_refuted(id):
    """The referee refutes a claim within the quick budget, its witness re-checks from its file form, and the corrected claim holds."""
    claim = claims.get(id)
    assert claim.corrected_by
    assert judge(claims.get(claim.corrected_by), "quick").verdict == "holds"
    return witness_of(id)


def witness_of(id):
    """The refutation that the referee finds, read back from its JSON form and re-checked."""
    verdict = judge(claims.get(id), "quick")
    assert verdict.verdict == "refuted"
    instance = KINDS[verdict.witness["instance"]["kind"]].from_json(verdict.witness["instance"])
    return checked(claims.get(id), instance, id)


def check_breaks(verdict, broken):
    """A printed chain breaks at the links that these claims are, in this order, and nowhere else; all others are carried."""
    assert [link.claim for link in verdict.links if link.mark == "refuted"] == broken
    assert {link.mark for link in verdict.links} <= {"proved", "argued", "refuted"}
    assert verdict.word == ("broken" if broken else "proved")


def vectors(p):
    """Points with the Gram matrix of an instance, one more dimension for what is orthogonal to them, and w; (m, m + 1), (m + 1,)."""
    values, turn = np.linalg.eigh(np.asarray(p.gram, dtype=float))
    points = np.column_stack([turn * np.sqrt(np.maximum(values, 0)) @ turn.T, np.zeros(len(values))])
    w = points.T @ np.asarray(p.coefficients, dtype=float)
    w[-1] = np.sqrt(float(p.beyond))
    return points, w


def parts(p):
    """The `Dataset`, the `LinearPredictor` and its certificate."""
    points, w = vectors(p)
    data, model = kc.Dataset(points, p.labels), kc.LinearPredictor(w)
    return data, model, kc.certify(model, data)
