"""Section 6 and Appendix D: the mixture of Gaussians."""
