"""Conjugate gradients for the Newton step on a face: only products with the gradient operator, in float32 while that is good enough."""

import numpy as np


def path(operator, face, gain, sizes, tolerance, most):
    """Minimise 1/2 |J d|**2 - gain . d over the free variables of a face, until the gradient has shrunk by ``tolerance``.

    Parameters
    ----------
    operator : GradientOperator
    face : Face
    gain : tuple of ndarray
        Reduced gains of multipliers and gates.
    sizes : tuple of ndarray
        Diagonal of the Hessian, which preconditions.
    tolerance : float
        In the norm that belongs to it.
    most : int
        Iterations at most.

    Returns
    -------
    list of tuple of ndarray
        The step (multipliers, gates) after each iteration, in all variables; their norms grow along the way.
    """
    sizes = [np.where(each > 0, each, 1.0) for each in sizes]
    blocks = operator.blocks(face.moving)
    rest = [each.copy() for each in gain]
    found = [np.zeros_like(each) for each in gain]
    direction, size, goal, steps = None, 0.0, None, []
    for _ in range(most):
        better = [r / s for r, s in zip(rest, sizes, strict=True)]
        new = _dot(rest, better)
        goal = tolerance**2 * new if goal is None else goal
        if not new > goal:
            break
        direction = better if direction is None else [b + (new / size) * d for b, d in zip(better, direction, strict=True)]
        size = new
        image = operator.combine(*face.extend(*direction), exact=False)
        curvature = float(np.vdot(image, image))
        if curvature <= 0:
            break
        bent = face.reduce(*operator.pull(image, blocks, exact=False))
        length = size / curvature
        for each, d, b, r in zip(found, direction, bent, rest, strict=True):
            each += length * d
            r -= length * b
        steps.append(face.extend(*(each.copy() for each in found)))
    return steps


def _dot(first, second):
    return float(first[0] @ second[0] + first[1] @ second[1])
