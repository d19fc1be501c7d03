"""The registry: every claim by its id."""

import difflib
import fnmatch

from ..errors import InputError

_CLAIMS, _CHAINS = {}, {}


def register(*claims):
    """Enter claims; ids are unique.

    Raises
    ------
    InputError
        An id is taken.
    """
    for claim in claims:
        if claim.id in _CLAIMS:
            raise InputError(f"claim {claim.id!r} is registered twice")
        _CLAIMS[claim.id] = claim


def register_chains(*chains):
    """Enter chains, and the claims of their links between constants.

    Raises
    ------
    InputError
        An id is taken, or a chain names a claim that is not registered, or a chain of ours one whose range does not fit.
    """
    for chain in chains:
        if chain.id in _CHAINS:
            raise InputError(f"chain {chain.id!r} is registered twice")
        _CHAINS[chain.id] = chain
        register(*chain.claims())
    for chain in chains:
        for name in (*chain.proves, chain.attained_by, *(id for link in chain.links for id in (link.claim, link.corrected_by))):
            if name and name not in _CLAIMS:
                raise InputError(f"chain {chain.id!r} speaks of {name!r}, which is no claim")
        outside = chain.out_of_range(get) if chain.author == "ours" else []
        if outside:
            raise InputError(f"the range of the chain {chain.id!r} does not fit: {'; '.join(outside)}")


def chains(id=None):
    """Every chain, or those that prove the claim ``id``; tuple of `Chain`."""
    return tuple(chain for chain in _CHAINS.values() if id is None or id in chain.proves)


def all():
    """Every registered claim, in the order of the paper; tuple of `Claim`."""
    return tuple(_CLAIMS.values())


def get(id):
    """The claim of an id.

    Raises
    ------
    InputError
        There is none; the message suggests near ones.
    """
    if id not in _CLAIMS:
        near = difflib.get_close_matches(str(id), _CLAIMS, n=3, cutoff=0.5)
        hint = f"; near ones: {', '.join(near)}" if near else "; kktcheck claims lists them"
        raise InputError(f"there is no claim {id!r}{hint}")
    return _CLAIMS[id]


def matching(pattern):
    """Claims whose id matches a pattern like ``lemma-C.*`` (shell style; a plain id also selects what belongs to it).

    Parameters
    ----------
    pattern : str
        Several patterns may be joined by commas.

    Raises
    ------
    InputError
        A pattern matches nothing; the message suggests near ids.
    """
    chosen = {}
    for part in (part.strip() for part in str(pattern).split(",")):
        found = [claim for claim in all() if fnmatch.fnmatchcase(claim.id, part) or claim.id.startswith(part + "/")]
        if not found:
            get(part)
        chosen.update((claim.id, claim) for claim in found)
    return tuple(claim for claim in all() if claim.id in chosen)
