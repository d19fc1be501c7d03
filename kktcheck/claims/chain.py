"""Chains: a proof as data, link after link, each with what relates its sides, why, and how it is checked."""

from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ..errors import InputError
from ..instances.constants_family import ConstantBoxes
from .claim import Claim
from .hypotheses import FREE, PSI, SIZES, SOME_KEPT, TWO_POINTS, box

#: Whose proof a chain is: the paper's, as printed; or one that works, ours.
AUTHORS = ("printed", "ours")
RELATIONS = ("<=", ">=", "=", "<", ">", "=>")


class Box(NamedTuple):
    """Where constants are taken from: limits in strings, least sizes.

    Attributes
    ----------
    epsilon, delta, epsilon_d : str
        Upper limits.
    points, neurons : int
        Least m and n.
    some_kept : bool
        k < m rather than k <= m.
    """

    epsilon: str
    delta: str
    epsilon_d: str
    points: int = 1
    neurons: int = 1
    some_kept: bool = False

    @property
    def limits(self):
        """Upper limits by parameter; dict of str to Fraction."""
        return {name: Fraction(getattr(self, name)) for name in ("epsilon", "delta", "epsilon_d")}

    @property
    def family(self):
        """The family of `kktcheck.instances.Constants` that lie in it."""
        return ConstantBoxes(float(self.epsilon), float(self.delta), float(self.epsilon_d), self.points, self.neurons)

    @property
    def hypotheses(self):
        """What a point of it satisfies."""
        sizes = ((TWO_POINTS,) if self.points > 1 else ()) + ((SOME_KEPT,) if self.some_kept else ())
        return (*box(self.epsilon, self.delta, self.epsilon_d), PSI, FREE, SIZES, *sizes)


@dataclass(frozen=True, eq=False)
class Link:
    """One link of a chain.

    A link with ``sides`` is an inequality between constants: interval arithmetic decides it, and it is a claim of its own. A link with
    ``claim`` says what that claim of the registry says. With neither, or with a claim about instances beside ``argued``, it is carried by its
    reason alone: a definition, a hypothesis plugged in, a triangle inequality, no more.

    Parameters
    ----------
    left, relation, right : str
        The formula; the relation one of `RELATIONS` ("=>": left implies right).
    reason : str
        Why, complete enough to be checked by hand.
    name : str, optional
        Last part of the id of the claim that ``sides`` make.
    sides : tuple of callable, optional
        Left and right as functions of `kktcheck.instances.Constants`; the relation is then "<=" or ">=".
    parts : tuple of Part, optional
        As for `Claim`: inequalities that imply this one, without common factors.
    box : Box, optional
        Where it is to hold, if not in the chain's box.
    claim : str, optional
        Id of a claim that says the same.
    argued : bool, optional
        The claim is one about instances and its reason proves it by hand; the referee attacks it all the same.
    corrected_by : str, optional
        Id of the nearest true claim, where ``sides`` are refuted.
    constant : str, optional
        The constant printed in it.
    """

    left: str
    relation: str
    right: str
    reason: str
    name: str = ""
    sides: tuple = ()
    parts: tuple = ()
    box: Box | None = None
    claim: str = ""
    argued: bool = False
    corrected_by: str = ""
    constant: str = ""

    def __post_init__(self):
        where = f"link {self.name or self.left!r}"
        if self.relation not in RELATIONS:
            raise InputError(f"{where}: relation is {self.relation!r}; it is one of {', '.join(RELATIONS)}")
        if not self.reason.strip():
            raise InputError(f"{where} has no reason")
        if self.sides and (self.claim or self.argued or not self.name or self.relation not in ("<=", ">=")):
            raise InputError(f"{where}: sides need a name and <= or >=, and no claim beside them")

    @property
    def formula(self):
        """The link in a line."""
        return f"{self.left} {self.relation} {self.right}"


@dataclass(frozen=True, eq=False)
class Chain:
    """A proof: links that together give one statement or several.

    Parameters
    ----------
    id : str
        ``<statement>/proof`` for the printed proof, ``<statement>/derivation`` for ours.
    proves : tuple of str
        Ids of the claims that follow.
    source : str
        Where it stands, or "ours".
    links : tuple of Link
    conclusion : str
        How the statements follow from the links, written out; for a broken chain what breaks it.
    box : Box
        Where its constants lie: the whole range of the statements.
    author : str, optional
        One of `AUTHORS`.
    given, printed : callable, optional
        The bound that the chain gives for the first statement, and the printed one, as functions of `kktcheck.instances.Constants`: how small the
        constant could be.
    lower : bool, optional
        Those are lower bounds.
    compared : Box, optional
        Where the two are compared, if not in the whole box: a quotient of bounds that change sign says nothing.
    value : str, optional
        The printed constant, where the bound is proportional to it.
    attained_by : str, optional
        Id of the claim whose worst ratio tells how much of the printed bound is attained, if not the first statement.

    Raises
    ------
    InputError
        Something needed is missing.
    """

    id: str
    proves: tuple
    source: str
    links: tuple
    conclusion: str
    box: Box
    author: str = "printed"
    given: object = None
    printed: object = None
    lower: bool = False
    compared: Box | None = None
    value: str = ""
    attained_by: str = ""

    def __post_init__(self):
        if self.author not in AUTHORS:
            raise InputError(f"chain {self.id!r}: author is {self.author!r}; it is one of {', '.join(AUTHORS)}")
        if not (self.proves and self.links and self.conclusion.strip()):
            raise InputError(f"chain {self.id!r} needs statements that it proves, links and a conclusion")
        if (self.given is None) != (self.printed is None):
            raise InputError(f"chain {self.id!r} has only one of given and printed: the constant is their quotient")

    def claim_of(self, link):
        """The claim that a link between constants is; None for other links."""
        if not link.sides:
            return None
        where = link.box or self.box
        return Claim(
            id=f"{self.id}/{link.name}",
            statement=f"{link.formula}: {link.reason}",
            left=link.sides[0],
            right=link.sides[1],
            direction="upper" if link.relation == "<=" else "lower",
            family=where.family,
            hypotheses=where.hypotheses,
            source=self.source,
            kind="proof step" if self.author == "printed" else "ours",
            latex="",
            constant=link.constant,
            corrected_by=link.corrected_by,
            derivation="",
            parts=link.parts,
        )

    def out_of_range(self, get):
        """Where its range does not fit: a statement that speaks of more, or a claim that a link leans on and that speaks of less.

        Parameters
        ----------
        get : callable
            Id -> `Claim`.

        Returns
        -------
        list of str
            Ids, each with the parameter and both limits.
        """
        wider = [(id, get(id).limits, self.box.limits) for id in self.proves]
        narrower = [(link.claim, (link.box or self.box).limits, get(link.claim).limits) for link in self.links if link.claim]
        return [
            f"{id}: {name} <= {min(more[name], less[name])} is covered, of <= {max(more[name], less[name])}"
            for id, more, less in (*wider, *narrower)
            for name in more.keys() & less.keys()
            if more[name] > less[name]
        ]

    def claims(self):
        """The claims of all its links between constants, in their order."""
        return tuple(claim for claim in map(self.claim_of, self.links) if claim is not None)
