"""Theorems of ours that say more than the paper's: Clarke's KKT points, larger boxes, bounds that depend on the parameters.

`bounds` holds every formula once, `settings` hypotheses and families; `multipliers`, `two_layer`, `linear`, `identity` a theorem each, with its
proof in the module's text and its links in ``*_chains``; `comparison` sets them beside the paper's.
"""

from . import identity, identity_chains, linear, linear_chains, multipliers, network_chains, two_layer

CLAIMS = (*multipliers.CLAIMS, *two_layer.CLAIMS, *linear.CLAIMS, *identity.CLAIMS)
CHAINS = (*network_chains.CHAINS, *linear_chains.CHAINS, *identity_chains.CHAINS)
