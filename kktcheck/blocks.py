"""Points taken a block at a time, so that no array of all pairs (neuron, point) need stand in float64 and memory maps stream."""

import mmap

#: Bytes that what belongs to one block may take unless a caller says otherwise: few enough for any machine, enough for a BLAS product.
BLOCK_BYTES = 64 << 20

#: Points that a block has at least and at most: fewer and a product no longer runs at full speed, more gain nothing.
FEWEST, MOST = 64, 4096

#: Pairs up to which their pre-activations, or inner products, are taken all at once.
PAIRS = 4 << 20


def block_size(num_neurons, dim, limit=BLOCK_BYTES):
    """Points of one block: three float64 rows for the neurons and one for the point within ``limit`` bytes, but within FEWEST and MOST."""
    return int(min(MOST, max(FEWEST, limit // block_bytes(num_neurons, dim))))


def block_bytes(num_neurons, dim):
    """Bytes that one point of a block takes."""
    return 8 * (3 * num_neurons + dim)


def point_blocks(count, size):
    """Slices of at most ``size`` that cover ``count`` points."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def release(X):
    """Let go of the resident pages of a read-only memory map; they are read again where they are needed. Other arrays stay as they are."""
    mapping = getattr(X, "_mmap", None)
    if mapping is not None and not X.flags.writeable and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


def too_many(num_neurons, num_points):
    """Whether a number for every pair (neuron, point), or for every pair of points, should not stand in memory."""
    return max(num_neurons, num_points) * num_points > PAIRS
