"""What a PyTorch user would write, in float64 on the CPU: the training loop, the Jacobian by autograd, a certificate from it."""

import contextlib

import numpy as np
from scipy import optimize


def load():
    """Import PyTorch, which takes seconds, and give it one thread."""
    import torch

    torch.set_num_threads(1)


def default_threads():
    """Threads that PyTorch takes by itself."""
    import torch

    return torch.get_num_threads()


@contextlib.contextmanager
def threads(count):
    """Context in which PyTorch has ``count`` threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(model, data, *, epochs, weight_decay):
    """First-layer weights after the epochs of full-batch gradient descent at rate 1, by nn.Linear, BCEWithLogitsLoss and SGD."""
    import torch

    X, target, u = torch.tensor(np.array(data.X)), torch.tensor((data.y + 1) / 2), torch.tensor(np.array(model.u))
    hidden = torch.nn.Linear(model.dim, model.num_neurons, bias=False, dtype=torch.float64)
    with torch.no_grad():
        hidden.weight.copy_(torch.tensor(np.array(model.W)))
    optimiser = torch.optim.SGD(hidden.parameters(), lr=1.0, weight_decay=weight_decay)
    criterion = torch.nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        optimiser.zero_grad()
        criterion(torch.relu(hidden(X)) @ u, target).backward()
        optimiser.step()
    return hidden.weight.detach().numpy()


def signed_jacobian(model, data):
    """Signed gradients y_i dN(x_i) by autograd, shape (m, n d)."""
    import torch

    X, y, u, W = (torch.tensor(np.array(array)) for array in (data.X, data.y, model.u, model.W))
    return torch.autograd.functional.jacobian(lambda W: y * (torch.relu(X @ W.T) @ u), W, vectorize=True).reshape(data.num_points, -1).numpy()


def multipliers(model, data):
    """Multipliers of least residual: nonnegative least squares on the Jacobian by autograd."""
    return optimize.nnls(np.ascontiguousarray(signed_jacobian(model, data).T), model.W.ravel(), maxiter=100 * data.num_points)[0]


def certificate(model, data):
    """(epsilon, delta, margins, multipliers) at minimum margin 1 with the gradient of autograd, which is 0 at a pre-activation of zero."""
    margins = data.y * (np.maximum(data.X @ model.W.T, 0.0) @ model.u)
    factor = 1.0 / margins.min()
    theta, margins = factor * model.W.ravel(), factor * margins
    columns = np.ascontiguousarray(signed_jacobian(model, data).T)
    found, epsilon = optimize.nnls(columns, theta, maxiter=100 * data.num_points)
    return epsilon, float((found * (margins - 1.0)).max()), margins, found
