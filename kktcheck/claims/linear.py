"""Appendix B, lemmas: multipliers of linear predictors, and rescaling."""
