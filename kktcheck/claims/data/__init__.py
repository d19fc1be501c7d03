"""Section 2, Figure 1 and Appendix A: what training leads to, and the data.

`convergence` (Theorems 2.1 and 2.2), `gaussian` (Example 2.4, Appendix A), `figure1`; `flow` holds gradient flows in closed form, ``training_*``
the experiments.
"""

from . import convergence, figure1, gaussian

CLAIMS = (*convergence.CLAIMS, *gaussian.CLAIMS, *figure1.CLAIMS)
