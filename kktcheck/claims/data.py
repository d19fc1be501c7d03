"""Section 2 and Appendix A: the max-margin theorems, Figure 1, the data."""
