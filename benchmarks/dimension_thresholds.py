"""How large "d large enough" is: ``python -m benchmarks.dimension_thresholds`` tabulates d_0(m, n, epsilon_d, alpha) of Appendix D and of ours.

The record is benchmarks/results/dimension_thresholds.csv, log10 of d_0 for epsilon_d = 0.01, one point forgotten: for each scaling of the mean's
length in the paper, what its own conditions ask and what our theorem asks. Brackets are exact; nothing is timed.
"""

from kktcheck.claims.mixture.lengths import SCALINGS
from kktcheck.claims.mixture.thresholds import PAPER, SHARPER, table

from . import environment


def rows():
    """One dict per theorem, scaling, alpha, m and n."""
    for theorem, conditions in (("paper", PAPER), ("ours", SHARPER)):
        for scaling in SCALINGS:
            for alpha, points, neurons, found in table(conditions, scaling=scaling):
                about = {"theorem": theorem, "length": scaling.name, "alpha": alpha, "m": points, "n": neurons}
                yield {**about, "log10_d_0": f"{found.digits:.4f}", "decided_by": found.condition}


def main():
    """Tabulate and record."""
    record = list(rows())
    for row in record:
        print("  ".join(f"{value!s:<10}" for value in row.values()))
    environment.write(environment.RESULTS / "dimension_thresholds.csv", record)


if __name__ == "__main__":
    main()
