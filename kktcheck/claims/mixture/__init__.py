"""Section 6 and Appendix D: the mixture of Gaussians.

Points are x = mu + zeta, mu one of two opposite means and zeta from N(0, I/d). The length of the means is printed three times, and differently:
d^-alpha in Section 6, d^(-1/4 + alpha) at the head of Appendix D, log(d) / d^alpha in Lemma D.4, alpha in (0, 1/4) each time. The first two
are the same family, alpha and 1/4 - alpha changing places.

`norms` (D.1, D.2), `products` (D.3, D.4), `datasets` (D.5 to D.7), `theorem` (6.1) hold the claims; `lengths`, `chances`, `hypotheses` and
`families` what they are written with; `thresholds` says how large "d large enough" is, `experiment` attacks the theorem with exact KKT points.
"""

from . import datasets, norms, products, theorem

CLAIMS = (*norms.CLAIMS, *products.CLAIMS, *datasets.CLAIMS, *theorem.CLAIMS)
