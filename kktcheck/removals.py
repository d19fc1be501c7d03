"""Nonnegative quadratics without some of their variables, from one factorisation of the whole.

The minimiser of 1/2 x'Gx - q'x over x >= 0 is known, and with it the inverse H of G on its support S. Holding k variables at 0 is a correction of
rank k: with forces mu on them x = H (q - mu), and H restricted to the k gives mu. Variables that then turn negative are held as well,
those outside S whose gradient turns negative enter through the Schur complement of H. All sets of one size are one array, so that what costs m**2 for
each is a product of matrices; an exchange of k variables of one set costs m k more, where factoring anew would cost m**3.
"""

import numpy as np
from scipy.linalg import lapack

from .free_factor import SingularSystem, factored
from .pivoting import PATIENCE, column_sizes
from .tolerances import PIVOT, RANK

#: Condition (1-norm) of G on the support from which on its inverse is not used: one correction then leaves less than all digits.
CONDITION = 1e8

#: Exchanges of a set before it is given up; trained models need one to three.
EXCHANGES = 30

#: Variables that may be exchanged, at least, and as a share of the support, before factoring anew is cheaper.
FEW, SHARE = 16, 0.25


class Removals:
    """The problem min 1/2 x'Gx - q'x over x >= 0, to be solved again with sets of its variables held at 0.

    Parameters
    ----------
    G : ndarray, shape (m, m)
        Symmetric positive semidefinite.
    q : ndarray, shape (m,)
    support : ndarray of int, shape (s,)
        The positive variables of the minimiser.

    Raises
    ------
    SingularSystem
        If G on the support is singular to working precision, or its condition above `CONDITION`.
    """

    def __init__(self, G, q, support):
        self.G, self.q, self.support = G, q, np.sort(support)
        self.inside = np.zeros(len(q), dtype=bool)
        self.inside[self.support] = True
        self.others = np.flatnonzero(~self.inside)
        self.sizes = column_sizes(G)
        within, across = np.ix_(self.support, self.support), np.ix_(self.support, self.others)
        # H and V = H G[S, others] in full size, zero elsewhere: no set then needs its variables looked up in the support.
        self.H, self.V = np.zeros(G.shape), np.zeros(G.shape)
        self.H[within] = _inverse(G[within])
        self.V[across] = self.H[within] @ G[across]
        self._inner = None

    def without(self, sets, q=None, rest=None):
        """Minimisers with the variables of each set held at 0.

        Parameters
        ----------
        sets : ndarray of int, shape (N, k)
            No variable twice in a row.
        q : ndarray, shape (N, m), optional
            Targets of each set, by default that of the whole; entries of its own variables do not matter.
        rest : callable, optional
            ``rest(x)`` is what is left of the targets, q - G x, for x of shape (N, m), where the caller knows it to more digits.

        Returns
        -------
        x : ndarray, shape (N, m)
        settled : ndarray of bool, shape (N,)
            Whether all signs are right to rounding; elsewhere ``x`` is no minimiser, and the set is to be solved anew.
        """
        targets = np.array(np.broadcast_to(self.q if q is None else q, (len(sets), len(self.q))))
        np.put_along_axis(targets, sets, 0.0, axis=1)
        base, pulled = targets @ self.H, targets @ self.V
        x, forces = self._held(sets, base)
        gradients = np.zeros_like(x)
        gradients[:, self.others] = (pulled - self._along(self.V, sets, forces) - targets)[:, self.others]
        wrong = self._wrong(x, gradients, targets)
        np.put_along_axis(wrong, sets, False, axis=1)
        settled = ~wrong.any(axis=1)
        free = np.tile(self.inside, (len(sets), 1))
        np.put_along_axis(free, sets, False, axis=1)
        exchanged = {}
        for n in np.flatnonzero(~settled):
            found = self._exchanged(sets[n], free[n], wrong[n], targets[n], base[n], pulled[n])
            if found is not None:
                exchanged[n], x[n], settled[n] = found[0], found[1], True
        # One correction by what is left brings the digits back that the inverse has lost.
        rest = np.where(free, targets - x @ self.G if rest is None else rest(x), 0.0)
        base = rest @ self.H
        correction = self._held(sets, base)[0]
        if exchanged:
            pulled = rest @ self.V
            for n, bordered in exchanged.items():
                correction[n] = bordered.solve(rest[n], base[n], pulled[n])[0]
        return np.maximum(x + correction, 0.0), settled

    def _held(self, sets, base):
        """Solutions on the support with the sets held at 0, from those without, and the forces that it takes."""
        blocks = self.H[sets[:, :, None], sets[:, None, :]]
        k = np.arange(sets.shape[1])
        blocks[:, k, k] += ~self.inside[sets]  # outside the support there is nothing to hold
        forces = np.linalg.solve(blocks, np.take_along_axis(base, sets, axis=1)[:, :, None])[:, :, 0]
        x = base - self._along(self.H, sets, forces)
        np.put_along_axis(x, sets, 0.0, axis=1)
        return x, forces

    @staticmethod
    def _along(matrix, sets, forces):
        """Combination of rows of a matrix for each set, shape (N, m)."""
        return forces * matrix[sets[:, 0]] if sets.shape[1] == 1 else np.einsum("nk,nkm->nm", forces, matrix[sets])

    def _wrong(self, x, gradients, targets):
        """Which signs are wrong beyond rounding, in units of each variable, as in `kktcheck.pivoting.pivot`."""
        scaled = x * self.sizes
        largest = np.abs(scaled).max(axis=-1, keepdims=True)
        size = np.abs(targets / self.sizes).max(axis=-1, keepdims=True)
        return (scaled < -PIVOT * largest) | (gradients / self.sizes < -PIVOT * (size + largest))

    def _exchanged(self, held, free, wrong, target, base, pulled):
        """A `_Bordered` and the minimiser of one set, by block exchanges from ``free``, which ends as its support; None if they do not settle."""
        counts, limit = [], len(held) + max(FEW, SHARE * len(self.support))
        for _ in range(EXCHANGES):
            counts.append(int(np.count_nonzero(wrong)))
            if min(counts[-1 - PATIENCE :]) > min(counts) or counts.count(counts[-1]) > 1 + PATIENCE:
                return None
            free ^= wrong
            if np.count_nonzero(free ^ self.inside) > limit:
                return None
            bordered = _Bordered(self, np.flatnonzero(self.inside & ~free), np.flatnonzero(free & ~self.inside))
            if not bordered.definite:
                return None
            x, gradient = bordered.solve(target, base, pulled)
            wrong = self._wrong(x, gradient, target)
            wrong[held] = False
            if not wrong.any():
                return bordered, x
        return None

    def inner(self):
        """G[others, S] H G[S, others], in full size, computed once."""
        if self._inner is None:
            self._inner = np.zeros(self.G.shape)
            across = np.ix_(self.support, self.others)
            self._inner[np.ix_(self.others, self.others)] = self.G[across].T @ self.V[across]
        return self._inner


class _Bordered:
    """Solutions with some of the support dropped and other variables entered.

    Attributes
    ----------
    definite : bool
        False if a variable that entered depends on those held, to working precision.
    """

    def __init__(self, whole, dropped, entered):
        self.whole, self.dropped, self.entered = whole, dropped, entered
        e, inner = len(entered), whole.inner()
        self.rows = whole.G[entered] - inner[entered]
        system = np.empty((e + len(dropped),) * 2)
        system[:e, :e] = self.rows[:, entered]
        system[e:, :e] = whole.V[np.ix_(dropped, entered)]
        system[:e, e:] = -system[e:, :e].T
        system[e:, e:] = whole.H[np.ix_(dropped, dropped)]
        self.system = system
        complement = system[:e, :e]
        if len(dropped):
            complement = complement - system[:e, e:] @ np.linalg.solve(system[e:, e:], system[e:, :e])
        factor, info = lapack.dpotrf(complement) if e else (complement, 0)
        self.definite = info == 0 and bool((factor.diagonal() ** 2 > RANK * whole.sizes[entered] ** 2).all())

    def solve(self, target, base, pulled):
        """Solution and gradients, each of shape (m,), for a target and its products with H and V."""
        whole, dropped, entered = self.whole, self.dropped, self.entered
        e = len(entered)
        y = np.linalg.solve(self.system, np.concatenate([target[entered] - pulled[entered], base[dropped]]))
        x = base - whole.V[:, entered] @ y[:e] - y[e:] @ whole.H[dropped]
        x[entered], x[dropped] = y[:e], 0.0
        gradient = pulled - target - y[e:] @ whole.V[dropped] + y[:e] @ self.rows
        gradient[whole.support], gradient[entered] = 0.0, 0.0
        gradient[dropped] = -y[e:]
        return x, gradient


def _inverse(block):
    """Inverse of a Gram matrix, which it overwrites."""
    if not len(block):
        return block
    norm = lapack.dlange("1", block)
    factor = factored(block, RANK * block.diagonal())
    inverse = np.triu(lapack.dpotri(factor, lower=0)[0])
    inverse += np.triu(inverse, 1).T
    if norm * lapack.dlange("1", inverse) > CONDITION:
        raise SingularSystem
    return inverse
