"""Which engine a stationarity problem goes to, what it will take, and whether that fits: one rule, in flops and bytes."""

from dataclasses import dataclass

from ..blocks import FEWEST, block_bytes, block_size
from ..errors import MemoryLimitError
from ..kinks import STACKED

#: Bytes that the Gram matrices of the dense engine may take where no cap is given, and flops below which they are never too many.
DENSE_BYTES, DENSE_FLOPS = 8e9, 4e11

#: Products that a matrix-free search takes on well-conditioned data, and factorisations that pivoting does.
PRODUCTS, FACTORISATIONS = 400, 4

#: Matrices (m, m) that the dense engine holds at once, and copies of a bool per pair (neuron, point), of the weights, and of a number per point
#: and kink, that the matrix-free one does.
GRAMS, MASKS, WEIGHTS, VECTORS = 5, 9, 16, 140


@dataclass(frozen=True)
class Plan:
    """How a problem is to be solved.

    Attributes
    ----------
    dense : bool
        By Gram matrices; matrix-free otherwise.
    size : int
        Points per block of the matrix-free engine.
    releasing : bool
        Whether the pages of a memory-mapped X are let go of after each pass.
    """

    dense: bool
    size: int = 0
    releasing: bool = False


DENSE = Plan(True)


def choose(engine, n, m, d, kinks=0, max_memory=None):
    """The engine for n neurons, m points, dimension d and a number of kinks.

    ``"matrix-free"`` stays what it is. ``"fast"`` is the dense engine where its matrices fit and it takes no more flops than a matrix-free search
    on well-conditioned data, or few in any case: it is exact, and does not mind the conditioning.

    Parameters
    ----------
    engine : {"fast", "matrix-free"}
    n, m, d, kinks : int
    max_memory : float, optional
        Bytes of arrays beside model and data.

    Returns
    -------
    Plan

    Raises
    ------
    MemoryLimitError
        If the least that is possible exceeds ``max_memory``.
    """
    limit = DENSE_BYTES if max_memory is None else max_memory
    cheap = dense_flops(m, n, d) <= max(DENSE_FLOPS, matrix_free_flops(m, n, d))
    if engine != "matrix-free" and cheap and dense_bytes(m, n) <= limit:
        return DENSE
    fixed, per_point = matrix_free_bytes(m, n, d, kinks), block_bytes(n, d)
    if max_memory is None:
        return Plan(False, block_size(n, d))
    least = fixed + min(FEWEST, m) * per_point
    if least > max_memory:
        dense = f", and with Gram matrices {dense_bytes(m, n) * 1e-9:.3g} GB" if engine != "matrix-free" else ""
        raise MemoryLimitError(
            f"max_memory = {max_memory * 1e-9:.3g} GB is too little for {m} points, {n} neurons and {kinks} kinks: matrix-free they take at least "
            f"{least * 1e-9:.3g} GB{dense}; allow that much, or certify fewer points"
        )
    return Plan(False, block_size(n, d, min(block_size(n, d) * per_point, max_memory - fixed)), True)


def dense_flops(m, n, d):
    """Flops of the dense engine: two Gram matrices and a few Cholesky factorisations."""
    return 2.0 * m * m * (n + d) + FACTORISATIONS * m**3 / 3.0


def matrix_free_flops(m, n, d):
    """Flops of a matrix-free search on well-conditioned data."""
    return PRODUCTS * 2.0 * n * m * d


def dense_bytes(m, n):
    """Bytes that the dense engine takes, beside model and data."""
    return 8.0 * m * (GRAMS * m + 4.0 * n)


def matrix_free_bytes(m, n, d, kinks):
    """Bytes that the matrix-free engine and a certificate take without the block in hand, beside model and data."""
    return 1.0 * MASKS * n * m + 8.0 * (WEIGHTS * n * d + VECTORS * (m + kinks) + 2.0 * min(m, d) ** 2 + 3.0 * min(kinks * d, STACKED))
