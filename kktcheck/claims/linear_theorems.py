"""Theorems 3.1 and B.1: gradient ascent on linear predictors."""
