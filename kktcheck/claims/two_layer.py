"""Appendix C, lemmas: multipliers, activations and margins of two-layer networks."""
