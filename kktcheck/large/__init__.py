"""Multipliers of large networks without a Gram matrix: products in blocks of points, projected Newton steps, a duality gap."""
