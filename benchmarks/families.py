"""What the report says about each family: the words around its tables."""

from dataclasses import dataclass

INTRODUCTION = """\
Written by ``python -m benchmarks report`` from the records in ``benchmarks/results``; ``python -m benchmarks`` measures them again,
``python -m benchmarks --quick`` runs every script at small sizes and writes nothing.

How it was measured, unless a section says otherwise: kktcheck and its peers run in one process, in turn, round by round, so that what else the
machine does hits all alike; each is called once beforehand; short calls are repeated within a round. A time is the wall time of a call, the
median over the rounds with the least and the most in brackets. A peer whose first call takes more than two seconds is measured by that call
alone. BLAS, solvers and PyTorch have one thread. Memory is what a call adds at its peak: the larger of what tracemalloc sees and
of the growth of the resident set. The floor is the time of the products, factors and passes that no method can do without (which ones stands in
``benchmarks/floors.py``), run through the same BLAS in the same rounds. An answer is right if its KKT residual is at most 1e-9, unless stated
otherwise; speed without that does not count. "Times ours" is the peer's median over kktcheck's: below 1 the peer is faster.
"""


@dataclass(frozen=True)
class Family:
    """A record and what is said about it.

    Attributes
    ----------
    name, title, text : str
        The file without its ending, the section's title, and the words before its tables.
    right : str
        What makes an answer not right.
    more : tuple of str
        Columns of its own that are shown.
    script : str
        The script that writes it, if that has another name.
    last : tuple of str
        Columns of which each combination shows its last row alone.
    """

    name: str
    title: str
    text: str
    right: str = "KKT residual above 1e-9"
    more: tuple = ()
    script: str = ""
    last: tuple = ()

    @property
    def file(self):
        """Name of the record."""
        return f"{self.name}.csv"

    @property
    def command(self):
        """What measures it."""
        return f"python -m benchmarks {self.script or self.name}"


FAMILIES = (
    Family(
        "training",
        "Training",
        """\
Full-batch gradient descent at (m, d, n) = (10, 1000, 400), learning rate 1, weight decay 1e-5, float64. Times are seconds per 1e5 epochs
and network; three rounds, another network in each. PyTorch (nn.Linear, BCEWithLogitsLoss, SGD) is timed over fewer epochs and scaled,
kktcheck over all of them; its weights agree with PyTorch's after as many epochs to the difference given. The residual is that of the
Clarke certificate after training: how far training went, not an error.
""",
        more=("method", "epochs_timed", "weights_difference"),
    ),
    Family(
        "multipliers",
        "Multipliers",
        """\
``kc.recover_multipliers``. Indicator convention: networks with planted multipliers, all positive (one linear system) or some of them zero (the
support must be found). nnls on the dense (n d) x m Jacobian is what the definition suggests; solvers "on our Gram matrix" are handed the m x m
matrix by kktcheck's formula, so that they spare forming the Jacobian and only solving is compared. At m = 5000 no peer runs; from m = 1000 on a
second case has two threads. Clarke's subdifferential: networks with their kinks; CVXPY in coordinates of the span, and solvers on the quadratic
program in multipliers and gates. The residual is that of the KKT conditions of the least-squares problem itself. kktcheck also bounds
the rounding error of epsilon and tells whether the multipliers are unique, which no peer does.
""",
        more=("positive", "epsilon_over_norm"),
    ),
    Family(
        "clarke",
        "Multipliers by the number of kinks",
        """\
Clarke's subdifferential at m = 100 and 1000 with more and more kinks, beside CVXPY wherever that ends.
""",
    ),
    Family(
        "max_margin",
        "Max-margin predictors",
        """\
``kc.max_margin`` on Gaussian points with random labels, another draw in every round, up to m = 1.5 d. Each peer gets the form, in the weights
(primal) or the multipliers (dual), in which it does better. Ours checks its answer on the points themselves and settles whether the data
is separable at all.
""",
        more=("within_allowance",),
    ),
    Family(
        "kkt_points",
        "Exact KKT points",
        """\
``kc.kkt_point`` on retained sets of trained networks. Peers: the same convex-concave procedure with CVXPY for its convex programs, and
retraining with normalised steps (by kktcheck), which only comes near. Here an answer is right at 1e-12. The second table counts, over all
sets of a family: sets asked for, points found, errors, and networks left out because they misclassify a point after training.
""",
        right="KKT residual above 1e-12",
        more=("sets", "exact", "errors", "left_out"),
    ),
    Family(
        "certificates",
        "Certificates",
        """\
``kc.certify`` against what a user would write: PyTorch's autograd and nnls in the indicator convention, CVXPY with a gate per kink under Clarke's
subdifferential (kinks found by a fixed tolerance, weights not projected). The residual says how near to a KKT point the network is, not how
exact the solver; an answer is right if its epsilon is at most 1e-6 of the norm above the least.
""",
        right="epsilon more than 1e-6 of the norm above the least",
        more=("epsilon_over_norm", "delta"),
    ),
    Family(
        "strategies",
        "Strategies",
        """\
Instances of a two-layer claim inside a Hypothesis test, per valid instance: built by ``kc.strategies``, filtered from arrays, or trained from seeds.
The floor is a test that draws one integer. The last case is what the referee does without Hypothesis.
""",
        more=("method", "valid"),
    ),
    Family(
        "large",
        "Large problems",
        """\
``kc.certify`` on networks and points that are memory-mapped from files, where neither an m x m nor an (n d) x m array pays: products in blocks,
stopped by the duality gap, in a fresh process whose peak of resident memory counts whole, mapped pages included. The residual is the
duality gap relative to half the squared norm; an answer is right at 1e-6. No peer ends here: CVXPY's matrix alone would have n d
rows. The floor is the products that were taken, alone.
""",
        right="gap above 1e-6",
        more=("products", "epsilon_over_norm", "positive", "load"),
    ),
)

SINGLE = (
    Family(
        "audit",
        "Audit",
        "``kktcheck audit`` from the command line, whole runs and the ten slowest claims of each. Nothing else referees a paper: no peer.\n",
    ),
    Family(
        "growth",
        "Growth",
        """\
One size runs through powers of two, the others (column ``base``) stay; here the largest of each, the record has all. Times are processor
times of one thread, so that other work on the machine counts little. "In units" is how many times as long forgetting every single point in
turn takes as the certificate, or predictor, of all points.
""",
        last=("quantity", "against"),
    ),
    Family(
        "growth_exponents",
        "Fitted exponents",
        "Slopes of logarithms, fitted to the upper half of each curve above: time or memory grows like size to this power.\n",
        script="growth",
    ),
    Family(
        "gram",
        "Gram matrices in any dimension",
        "``kc.sampling``: draws of Gram matrices from their exact law, beside drawing points where those fit, scaled to as many draws.\n",
    ),
    Family("import", "Import", "Fresh interpreters, taken in turn; kktcheck beside what it needs anyway.\n"),
)

PLAN = """\
Sweeps go to processes (``--jobs``) or a Dask cluster (``--dask``) through one interface. One process hands out the tasks and spends on each
what stands under "per task", whether or not workers wait. So N workers are fed only by tasks longer than N times that ("least task"); and a
cluster of N, which takes start + work / N seconds, beats c cores of one machine once the work in one process exceeds start * c * N / (N - c)
(last column). "Gain" is measured with two workers, start left out, on two cores that also run the dispatcher, and is of its number of
workers. 3300 kB is a network of Appendix E with its data and record.
"""
