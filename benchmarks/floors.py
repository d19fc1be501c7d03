"""What no method can do without: products, factorisations and passes over arrays of given shapes, and the time they take here.

A floor is a list of steps. Its time is that of the steps run one after another through NumPy and LAPACK, on arrays that lie ready, in the same
rounds as the method it is compared with; so the ratio says what the method spends beyond arithmetic that it cannot avoid. What is counted:

- training, an epoch: the product K D of the Gram matrix (m x m) with the step's coefficients (m x n), and five passes over m x n: activations,
  outputs, coefficients, and the sums that carry both states. The dimension does not enter.
- multipliers, indicator: pre-activations W X' (n x d x m), Gram matrices of the points (m x d) and of the activations (m x n), their
  entrywise product, one Cholesky factor and solution on the final support, and the residual, one product n x m x d and two passes
  over n x d.
- multipliers, Clarke: the same with classes of equal states in place of neurons in the Gram matrix of the activations, and for the kinks
  of each class a Cholesky factor, its solution with m right sides, and one product of what is projected off.
- certificates: those of the multipliers; under Clarke also the projection onto the kinks, a product n x m x d, and the passes that tell tau.
- max-margin: the Gram matrix (m x d), one Cholesky factor and solution on the final support, the predictor and its margins (a pass over
  m x d each).
- exact KKT points: pre-activations of the network given and margins of the one found (n x d x m each), the Gram matrix, the weights from
  their coefficients and their residual (n x m x d each), one Cholesky factor and solution on the final support.

What is not: finding the support, the kinks and the states, which takes at least one more factor each time the first guess is wrong. Strategies
and the audit are no linear algebra and have no such floor.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack


@dataclass(frozen=True)
class Product:
    """Matrix product of shapes (rows, inner) and (inner, columns)."""

    rows: int
    inner: int
    columns: int

    @property
    def flops(self):
        """Multiplications and additions."""
        return 2.0 * self.rows * self.inner * self.columns

    @property
    def bytes(self):
        """Memory read and written at least."""
        return 8.0 * (self.rows * self.inner + self.inner * self.columns + self.rows * self.columns)

    def ready(self, rng):
        """The step as a function without arguments."""
        a, b, out = rng.standard_normal((self.rows, self.inner)), rng.standard_normal((self.inner, self.columns)), np.empty((self.rows, self.columns))
        return lambda: np.matmul(a, b, out)


@dataclass(frozen=True)
class Gram:
    """Product of a matrix of shape (rows, inner) with its own transpose: half of the flops of a general product."""

    rows: int
    inner: int

    @property
    def flops(self):
        """Multiplications and additions."""
        return 1.0 * self.rows**2 * self.inner

    @property
    def bytes(self):
        """Memory read and written at least."""
        return 8.0 * (self.rows * self.inner + self.rows**2)

    def ready(self, rng):
        """The step as a function without arguments."""
        a, out = rng.standard_normal((self.rows, self.inner)), np.empty((self.rows, self.rows))
        return lambda: np.matmul(a, a.T, out)


@dataclass(frozen=True)
class Solution:
    """Cholesky factor of a definite matrix of the given order, and solutions for right sides; ``count`` such systems."""

    order: int
    right_sides: int = 1
    count: int = 1

    @property
    def flops(self):
        """Multiplications and additions."""
        return self.count * (self.order**3 / 3 + 2.0 * self.order**2 * self.right_sides)

    @property
    def bytes(self):
        """Memory read and written at least."""
        return 8.0 * self.count * (self.order**2 + 2 * self.order * self.right_sides)

    def ready(self, rng):
        """The step as a function without arguments."""
        root = rng.standard_normal((self.order, self.order + 8))
        matrix = np.asfortranarray(root @ root.T + self.order * np.eye(self.order))
        right = np.asfortranarray(rng.standard_normal((self.order, self.right_sides)))

        def solve():
            for _ in range(self.count):
                factor, _ = lapack.dpotrf(matrix, clean=0)
                lapack.dpotrs(factor, right)

        return solve


@dataclass(frozen=True)
class Passes:
    """Entrywise operations on arrays of the given shape: two read and one written, ``count`` times."""

    shape: tuple
    count: int = 1

    @property
    def flops(self):
        """Multiplications."""
        return 1.0 * self.count * np.prod(self.shape)

    @property
    def bytes(self):
        """Memory read and written."""
        return 24.0 * self.count * np.prod(self.shape)

    def ready(self, rng):
        """The step as a function without arguments."""
        a, b, out = rng.standard_normal(self.shape), rng.standard_normal(self.shape), np.empty(self.shape)

        def passes():
            for _ in range(self.count):
                np.multiply(a, b, out)

        return passes


@dataclass(frozen=True)
class Floor:
    """Steps that cannot be avoided, ``times`` over."""

    steps: tuple
    times: int = 1

    @property
    def flops(self):
        """Of all steps."""
        return self.times * sum(step.flops for step in self.steps)

    @property
    def bytes(self):
        """Of all steps."""
        return self.times * sum(step.bytes for step in self.steps)

    def ready(self):
        """A candidate for `benchmarks.timing.interleaved`."""
        rng = np.random.default_rng(0)
        functions = [step.ready(rng) for step in self.steps if step.flops]

        def run(_):
            for _ in range(self.times):
                for function in functions:
                    function()

        return run


def epochs(m, n, count):
    """Floor of ``count`` epochs of training n neurons on m points."""
    return Floor((Product(m, m, n), Passes((m, n), 5)), count)


def indicator(m, d, n, support):
    """Floor of the multipliers of n neurons on m points in d dimensions, ``support`` of them positive."""
    return Floor(
        (Product(n, d, m), Gram(m, d), Gram(m, n), Passes((m, m)), Solution(support), Product(n, m, d), Passes((n, d), 2)),
    )


def clarke(m, d, n, support, kinks_per_class):
    """Floor of the multipliers under Clarke's subdifferential; ``kinks_per_class`` has a number for each class of equal states."""
    classes, sizes = len(kinks_per_class), [(int(k), int(count)) for k, count in zip(*np.unique(kinks_per_class, return_counts=True)) if k]
    return Floor(
        (
            Product(n, d, m), Gram(m, d), Gram(m, classes), Passes((m, m)), *(Solution(k, m, count) for k, count in sizes),
            Gram(m, sum(k * count for k, count in sizes)), Solution(support), Product(n, m, d), Passes((n, d), 2),
        )
    )  # fmt: skip


def certificate(m, d, n, multipliers):
    """Floor of a certificate from the `Floor` of its multipliers, where the network is projected onto its kinks."""
    return Floor((*multipliers.steps, Product(n, m, d), Passes((n, d), 2)))


def max_margin(m, d, support):
    """Floor of the max-margin predictor of m points in d dimensions."""
    return Floor((Gram(m, d), Solution(support), Product(1, m, d), Product(m, d, 1)))


def kkt_point(m, d, n, support):
    """Floor of an exact KKT point near a network of n neurons."""
    return Floor((Product(n, d, m), Gram(m, d), Solution(support), Product(n, m, d), Product(n, d, m), Product(n, m, d), Passes((n, d), 2)))
