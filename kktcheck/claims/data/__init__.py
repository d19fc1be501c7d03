"""Section 2, Figure 1 and Appendix A: what training leads to, and the data.

`convergence` (Theorems 2.1 and 2.2), `gaussian` and `gaussian_sets` (Appendix A, Example 2.4), `figure1`; `flow` holds gradient flows in closed
form, ``training_*`` the experiments, `gaussian_events` events and their laws, `probabilities` how a claim about a probability is judged.
"""

from . import convergence, figure1, gaussian, gaussian_sets

CLAIMS = (*convergence.CLAIMS, *gaussian.CLAIMS, *gaussian_sets.CLAIMS, *figure1.CLAIMS)
