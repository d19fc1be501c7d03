"""Linear systems of the free variables of a Gram matrix, for one set of them after another.

Sets that pivoting goes through differ by a few variables. One of them is factored; those that follow are solved for from its factor, by
what joined it and what left it: a system as small as the difference. In terms of G = R'R on the factored set and the columns Z = R^-T G of
those that joined it, the joint factor is [R Z; 0 S] with S the factor of a Schur complement, and holding at zero the variables that left is a
projection of the whitened right side off theirs.
"""

import numpy as np
from scipy.linalg import blas

from .dense import block, cholesky, solve

#: Variables from which on the last factor is used again, and the share of them that may join or leave before the set is factored anew:
#: for a sixth, updating costs about half as much.
FEW, SHARE = 128, 1 / 6

#: Size of a correction, relative to the solution, beyond which the system of the last factor is too ill-conditioned to be used again.
CORRECTION = 1e-8


class SingularSystem(Exception):
    """The free block is singular to working precision (internal signal, never reaches a caller of the package)."""


class FreeFactor:
    """Solutions x of G x = right on the free variables, 0 elsewhere, for a sequence of sets of free variables.

    Parameters
    ----------
    G : ndarray, shape (m, m)
        Symmetric positive semidefinite.
    floor : ndarray, shape (m,)
        Squared pivots below these end a factorisation as singular.
    """

    def __init__(self, G, floor):
        self.G, self.floor = G, floor
        self.factored, self.factor = np.zeros(0, dtype=np.intp), None

    def solve(self, free, right):
        """The solution for a mask of free variables and a right side, both of shape (m,); raises `SingularSystem`."""
        x = self._updated(free, right) if self.factor is not None and len(self.factored) >= FEW else None
        if x is None:
            self.factored = free.nonzero()[0]
            self.factor = factored(block(self.G, self.factored), self.floor[self.factored])
            x = np.zeros(len(right))
            x[self.factored] = solve(self.factor, right[self.factored])
        return x

    def _updated(self, free, right):
        """The solution by way of the last factor, or None where factoring anew is quicker or safer."""
        held = np.zeros(len(free), dtype=bool)
        held[self.factored] = True
        joining, leaving = (free & ~held).nonzero()[0], (~free[self.factored]).nonzero()[0]
        if len(joining) + len(leaving) > SHARE * len(self.factored):
            return None
        update = _Update(self, joining, leaving)
        if not update.definite:
            return None
        x = update.solve(right)
        correction = update.solve(np.where(free, right - self.G @ x, 0.0))
        if not np.abs(correction).max() <= CORRECTION * np.abs(x).max():
            return None
        return x + correction


class _Update:
    """A factored set, changed by variables that join it (indices) and variables that leave it (positions in the set)."""

    def __init__(self, base, joining, leaving):
        self.base, self.joining, self.leaving = base, joining, leaving
        columns = np.zeros((len(base.factored), len(joining) + len(leaving)), order="F")
        columns[:, : len(joining)] = base.G[joining].take(base.factored, 1).T
        columns[leaving, len(joining) + np.arange(len(leaving))] = 1.0
        whitened = blas.dtrsm(1.0, base.factor, columns, trans_a=1, overwrite_b=1)
        self.joined, self.held = whitened[:, : len(joining)], whitened[:, len(joining) :]
        self.corner = cholesky(np.asfortranarray(block(base.G, joining) - self.joined.T @ self.joined))
        self.definite = self.corner is not None and not _below(self.corner, base.floor[joining])
        if self.definite:
            self.held_corner = -blas.dtrsm(1.0, self.corner, self.joined.T @ self.held, trans_a=1)
            self.normal = cholesky(np.asfortranarray(self.held.T @ self.held + self.held_corner.T @ self.held_corner))
            self.definite = self.normal is not None

    def solve(self, right):
        base = self.base
        x = np.zeros(len(right))
        top = _triangular(base.factor, right[base.factored], 1)
        corner = _triangular(self.corner, right[self.joining] - self.joined.T @ top, 1)
        pull = solve(self.normal, self.held.T @ top + self.held_corner.T @ corner)
        x[self.joining] = _triangular(self.corner, corner - self.held_corner @ pull, 0)
        x[base.factored] = _triangular(base.factor, top - self.held @ pull - self.joined @ x[self.joining], 0)
        x[base.factored[self.leaving]] = 0.0
        return x


def factored(matrix, floor):
    """Upper Cholesky factor of a Gram matrix, which it overwrites; raises `SingularSystem` if a squared pivot falls below its floor."""
    factor = cholesky(matrix.T)
    if factor is None or _below(factor, floor):
        raise SingularSystem
    return factor


def _below(factor, floor):
    pivots = factor.diagonal()
    return (pivots * pivots < floor).any()


def _triangular(factor, right, transposed):
    return blas.dtrsv(factor, right, trans=transposed) if len(right) else right
