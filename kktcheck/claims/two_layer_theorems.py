"""Theorems 4.1 and C.1: gradient ascent on two-layer networks."""
