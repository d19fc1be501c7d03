"""Planted claims for the tests of the audit, one for each verdict, and JSON that is read strictly."""

import json

import pytest

from kktcheck.claims import Claim, Hypothesis
from kktcheck.instances.constants_family import ConstantBoxes
from kktcheck.instances.linear_family import LinearPoints

FAMILY = LinearPoints()
FEW = LinearPoints(points=(1, 3))
NEVER = Hypothesis("a condition that nothing meets", lambda point: -1 - point.epsilon**2)
ALWAYS = Hypothesis("epsilon is at most its limit", lambda point: point.q("0.5") - point.epsilon)


def planted(id, *, bound="3", family=FAMILY, hypotheses=(ALWAYS,), **options):
    """The largest multiplier is at most ``bound``: true for 2.4 (Lemma B.1), false for 1."""
    statement = f"the largest multiplier is at most {bound}"
    sides = {"left": lambda point: point.multipliers, "right": lambda point: point.q(bound)}
    return Claim(id, statement, **sides, family=family, hypotheses=hypotheses, constant=bound, **options)


def between_constants(left, right, direction="upper", family=None, **options):
    """A claim about constants, on the unit box unless another family is given."""
    return Claim("planted", "planted by a test", left, right, direction, family=family or ConstantBoxes(), **options)


def one_of_each():
    """A claim for every verdict but proved; two families."""
    text = {"statement": "a sentence about nothing", "source": "ours"}
    return [
        planted("true"),
        planted("true/few", family=FEW),
        planted("false", bound="1", corrected_by="true", latex=r"\max_i \lambda_i \leq 1", derivation="the margins\nare at least 1"),
        planted("empty", hypotheses=(NEVER,)),
        planted("rare", hypotheses=(Hypothesis("a single point, and epsilon tiny", lambda point: 1e-6 - point.epsilon),)),
        Claim("later", not_run="its law is computed elsewhere", **text),
    ]


def without_time(verdicts):
    """Verdicts as JSON records, the seconds apart."""
    records = [verdict.to_json() for verdict in verdicts]
    return [{name: value for name, value in record.items() if name != "seconds"} for record in records]


def strict_json(text):
    """Parsed JSON; NaN and Infinity, which Python would read, are errors."""
    return json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
