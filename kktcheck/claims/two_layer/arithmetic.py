"""The arithmetic in the printed proofs of Theorems 4.1 and C.1: constants plugged in, over the whole box that the theorems allow."""

from fractions import Fraction

from ...instances import Constants, root
from ...instances.constants_family import ConstantBoxes
from ..claim import Claim, Part
from ..hypotheses import at_most
from .theorems import LIMITS

BOX = ConstantBoxes(epsilon=1.0, delta=1.0, epsilon_d=0.01, points=2)
_SMALL_EPSILON = ConstantBoxes(epsilon=0.12, delta=1.0, epsilon_d=0.01, points=2)


def _step(id, statement, left, right, derivation, **about):
    about = {"kind": "proof step", "family": BOX, "hypotheses": LIMITS, **about}
    return Claim(id=id, statement=statement, left=left, right=right, derivation=derivation, **about)


def _size(p):
    return p.q("1") * p.points


def _one(p):
    return 1


def _forgotten(p):
    return p.forgotten


def _gap(p, k):
    """g = 9 k epsilon_d / (m n); the scale is 1 / (1 - g)."""
    return 9 * k * p.epsilon_d / (_size(p) * p.neurons)


def _middle(p, k):
    """1 + 9 epsilon_d / (m / k - 9 epsilon_d)."""
    return 1 + 9 * p.epsilon_d / (_size(p) / k - 9 * p.epsilon_d)


def _rescaled_delta(k_of):
    """After Lemma B.3 as printed: C (delta + 184 k epsilon_d / m) + 20.4 n C g."""
    return lambda p: (p.delta + 184 * k_of(p) * p.epsilon_d / p.points + p.q("20.4") * p.neurons * _gap(p, k_of(p))) / (1 - _gap(p, k_of(p)))


def _allowed_delta(k_of, constant):
    return lambda p: _middle(p, k_of(p)) * p.delta + p.q(constant) * k_of(p) * p.epsilon_d / p.points


def _rescaled_epsilon(k_of):
    return lambda p: (p.epsilon + 22 * k_of(p) * p.epsilon_d / root(_size(p))) / (1 - _gap(p, k_of(p)))


def _allowed_epsilon(k_of, constant):
    return lambda p: _middle(p, k_of(p)) * p.epsilon + p.q(constant) * k_of(p) * p.epsilon_d / root(_size(p))


def factor(p):
    """A = 0.9 - 4.64 epsilon_d / n - 1.92 epsilon."""
    return p.q("0.9") - p.q("4.64") * p.epsilon_d / p.neurons - p.q("1.92") * p.epsilon


def norm_factor(p):
    """0.9 A^2 - 5.1 epsilon_d / n A."""
    return p.q("0.9") * factor(p) ** 2 - p.q("5.1") * p.epsilon_d / p.neurons * factor(p)


def expanded(p):
    """0.72 - 12.2 epsilon_d / n - 0.2 epsilon."""
    return p.q("0.72") - p.q("12.2") * p.epsilon_d / p.neurons - p.q("0.2") * p.epsilon


def without_cross(p):
    """0.009 - 2.9104 epsilon + 3.31776 epsilon^2: `norm_factor` - `expanded` for epsilon_d / n = 0."""
    return p.q("0.009") - p.q("2.9104") * p.epsilon + p.q("3.31776") * p.epsilon**2


def _share(p, k):
    """s = k epsilon_d / m."""
    return k * p.epsilon_d / _size(p)


def _scale_parts(k_of, added, constant):
    """C x + ``added`` C y <= (1 + 9 s / (1 - 9 s)) x + ``constant`` y for all x, y >= 0, C = 1 / (1 - 9 s / n)."""
    return (
        Part(
            lambda p: p.q("1") / p.neurons,
            lambda p: 1,
            "the terms with epsilon or delta: 1 taken off C and off the middle term, divided by 9 s, times both denominators, 9 s / n taken off",
        ),
        Part(lambda p: p.q(added), lambda p: p.q(constant) * (1 - _gap(p, k_of(p))), "the others, divided by their common factor and by C"),
    )


def _ratio(k_of):
    return lambda p: 22 * k_of(p) * p.epsilon_d / root(_size(p) * p.q("0.3") * (p.points - k_of(p)))


def _smallest_sizes():
    """Two points and one neuron, at the end of the box: where rescaling costs most."""
    for epsilon in ("0.001", "1"):
        yield Constants(*map(Fraction, (epsilon, "0.001", "0.01", "0.1", "0")), 2, 1, 1)


_RESCALE = """\
184 epsilon_d / m alone is more than the 22.6 epsilon_d / m allowed; 20.4 n g = 183.6 epsilon_d / m is added to it. Together 367.6, times
C <= 1 / (1 - 9 epsilon_d / m) <= 1 / 0.955 for one point, at most 1 / 0.91 for k < m of them, per forgotten point. (Lemma B.3 as printed keeps lambda
where it scales to C lambda: what is then true of the network itself is {0}/delta/proof/corrected-model/corrected.)"""
_EXPANSION = """\
In a lower bound epsilon^2 (coefficient 0.9 * 1.92^2 = 3.3) has been replaced by epsilon, which is larger. At epsilon = 0.46 the left side is about
zero and the right side 0.5. (From epsilon = 0.47 on A is even negative and may not be multiplied into the sum.)"""
_SMALL = """\
The left side falls in epsilon and in epsilon_d / n while A > 5.1 epsilon_d / (1.8 n); at epsilon = 0.12, epsilon_d = 0.01, n = 1: A = 0.6232 and
0.9 A^2 - 0.051 A = 0.317."""


def _rescalings(theorem, k_of, source, constant):
    letter = "" if k_of is _one else "k"
    total = rf"C\big(\delta + \frac{{184{letter}\epsilon_d}}m\big) + 20.4nCg \le \ldots + \frac{{%s{letter}\epsilon_d}}m"
    yield _step(
        f"{theorem}/delta/proof/rescale",
        f"Rescaling (Lemma B.3) turns the slackness of the corrected network, at most delta_1 + 184 {letter}epsilon_d / m, into the stated delta.",
        _rescaled_delta(k_of), _allowed_delta(k_of, "22.6"), _RESCALE.format(theorem), source=source, constant="22.6", latex=total % "22.6",
        corrected_by=f"{theorem}/delta/proof/rescale/corrected",
    )  # fmt: skip
    yield _step(
        f"{theorem}/delta/proof/rescale/corrected",
        f"Rescaling turns it into the stated delta with {constant} in place of 22.6.", _rescaled_delta(k_of),
        _allowed_delta(k_of, constant), _RESCALE.format(theorem), source="ours", kind="corrected", constant=constant, latex=total % constant,
        parts=_scale_parts(k_of, "367.6", constant),
    )  # fmt: skip


_TOTAL = r"C\big(\epsilon + \frac{22\epsilon_d}{\sqrt m}\big) \le \epsilon"
_TOTAL += r" + \frac{9\epsilon_d\epsilon}{m - 9\epsilon_d} + \frac{%s\epsilon_d}{\sqrt m}"
_SET_TOTAL = r"C\big(\epsilon + \frac{22k\epsilon_d}{\sqrt m}\big) \le \epsilon"
_SET_TOTAL += r" + \frac{9\epsilon_d\epsilon}{\frac mk - 9\epsilon_d} + \frac{%sk\epsilon_d}{\sqrt m}"
_NORM = r"0.9A^2 - \frac{5.1\epsilon_d}nA \ge %s,\ A = 0.9 - \frac{4.64\epsilon_d}n - 1.92\epsilon"
_QUOTIENT = r"\frac{22\epsilon_d}{\sqrt m\sqrt{0.3(m - 1)}} \le \frac{%s\epsilon_d}m"

CLAIMS = (
    _step(
        "theorem-4.1/epsilon/proof/rescale", "Rescaling turns epsilon + 22 epsilon_d / sqrt(m) into the stated epsilon.", _rescaled_epsilon(_one),
        _allowed_epsilon(_one, "23"),
        "22 C <= 23 needs 9 epsilon_d / (m n) <= 1 / 23: it fails for m = 2, n = 1, epsilon_d > 0.00966, and nowhere else.",
        source="Appendix C.2.1", constant="23", extremes=_smallest_sizes, latex=_TOTAL % "23", parts=_scale_parts(_one, "22", "23"),
        corrected_by="theorem-4.1/epsilon/proof/rescale/corrected",
    ),
    _step(
        "theorem-4.1/epsilon/proof/rescale/corrected", "The same with 23.1.", _rescaled_epsilon(_one), _allowed_epsilon(_one, "23.1"),
        "m >= 2 and epsilon_d <= 0.01 give C <= 1 / 0.955 and 22 C <= 23.04; C <= m / (m - 9 epsilon_d).", source="ours", kind="corrected",
        constant="23.1", extremes=_smallest_sizes, latex=_TOTAL % "23.1", parts=_scale_parts(_one, "22", "23.1"),
    ),
    _step(
        "theorem-C.1/epsilon/proof/rescale", "Rescaling turns epsilon + 22 k epsilon_d / sqrt(m) into the stated epsilon.",
        _rescaled_epsilon(_forgotten), _allowed_epsilon(_forgotten, "23"),
        "22 C <= 23 needs 9 k epsilon_d / (m n) <= 1 / 23: at epsilon_d = 0.01 and n = 1 it fails where k is more than 0.484 m.",
        source="Appendix C.3", constant="23", latex=_SET_TOTAL % "23", parts=_scale_parts(_forgotten, "22", "23"),
        corrected_by="theorem-C.1/epsilon/proof/rescale/corrected",
    ),
    _step(
        "theorem-C.1/epsilon/proof/rescale/corrected", "The same with 24.2.", _rescaled_epsilon(_forgotten), _allowed_epsilon(_forgotten, "24.2"),
        "k < m and epsilon_d <= 0.01 give C <= 1 / 0.91 and 22 C <= 24.18.", source="ours", kind="corrected", constant="24.2",
        latex=_SET_TOTAL % "24.2", parts=_scale_parts(_forgotten, "22", "24.2"),
    ),
    *_rescalings("theorem-4.1", _one, "Appendix C.2.1", "385"),
    *_rescalings("theorem-C.1", _forgotten, "Appendix C.3", "404"),
    _step(
        "theorem-C.1/epsilon/proof/denominator",
        "The bound that the proof ends with, m / k - 9 epsilon_d below, implies the stated one, k - 9 epsilon_d below.",
        lambda p: _middle(p, p.forgotten) * p.epsilon,
        lambda p: (1 + 9 * p.epsilon_d / (p.forgotten - 9 * p.epsilon_d)) * p.epsilon,
        "True only for k^2 <= m; for larger k the statement asks for more than its proof gives. The projected network gives both.",
        source="Theorem C.1 and the end of its proof", corrected_by="theorem-C.1/epsilon/proof/projected",
        latex=r"\epsilon + \frac{9\epsilon_d\epsilon}{\frac mk - 9\epsilon_d} \le \epsilon + \frac{9\epsilon_d\epsilon}{k - 9\epsilon_d}",
        parts=(
            Part(
                lambda p: p.forgotten**2,
                _size,
                "equivalent: epsilon and 9 epsilon_d are above 0, both denominators too, so m / k has to be at least k",
            ),
        ),
    ),
    _step(
        "theorem-4.1/tau/proof/norm-expansion", "The lower bound of the norm, expanded.", norm_factor, expanded, _EXPANSION, direction="lower",
        constant="0.72, 12.2, 0.2", source="Appendix C.2.2", corrected_by="theorem-4.1/tau/proof/projected-norm",
        parts=(
            Part(
                lambda p: 0,
                without_cross,
                "multiplied out, the difference of the sides is this plus w (0.0932 + 25.82784 epsilon + 43.04064 w), w = epsilon_d / n above 0 and "
                "as small as one likes",
            ),
        ),
        latex=_NORM % r"0.72 - \frac{12.2\epsilon_d}n - 0.2\epsilon",
    ),
    _step(
        "theorem-4.1/tau/proof/norm-arithmetic", "The lower bound of the norm is at least 0.3 (m - 1).", norm_factor, lambda p: p.q("0.3"),
        "0.9 A^2 >= 0.3 needs A >= 0.577, that is epsilon below about 0.17.", direction="lower", constant="0.3", source="Appendix C.2.2",
        corrected_by="theorem-4.1/tau/proof/norm-arithmetic/corrected", latex=_NORM % "0.3",
    ),
    _step(
        "theorem-4.1/tau/proof/norm-arithmetic/corrected", "The same for epsilon at most 0.12.", norm_factor, lambda p: p.q("0.3"), _SMALL,
        direction="lower", constant="0.12", source="ours", kind="corrected", family=_SMALL_EPSILON,
        hypotheses=(at_most("epsilon", "0.12"), *LIMITS[1:]), latex=r"\epsilon \le 0.12 \Rightarrow 0.9A^2 - \frac{5.1\epsilon_d}nA \ge 0.3",
    ),
    _step(
        "theorem-4.1/tau/proof/ratio", "The ratio of the two norms.", _ratio(_one), lambda p: 41 * p.epsilon_d / p.points,
        "22 / sqrt(0.3) = 40.17, times sqrt(m / (m - 1)): above 41 for m <= 24.", constant="41", source="Appendix C.2.2", latex=_QUOTIENT % "41",
        corrected_by="theorem-4.1/tau/proof/ratio/corrected",
    ),
    _step(
        "theorem-4.1/tau/proof/ratio/corrected", "The same with 57.", _ratio(_one), lambda p: 57 * p.epsilon_d / p.points,
        "sqrt(m / (m - 1)) <= sqrt(2) for m >= 2: 40.17 * 1.4143 = 56.81.",
        parts=(
            Part(
                lambda p: 484 * _size(p),
                lambda p: p.q("974.7") * (_size(p) - 1),
                "both sides squared, times 0.3 m^2 (m - 1), divided by epsilon_d^2",
            ),
        ),
        constant="57", source="ours", kind="corrected", latex=_QUOTIENT % "57",
    ),
    _step(
        "theorem-C.1/tau/proof/ratio", "The ratio of the two norms, for k points.", _ratio(_forgotten),
        lambda p: 41 * p.forgotten * p.epsilon_d / (_size(p) - p.forgotten), "40.17 / sqrt(m (m - k)) <= 41 / (m - k), for m - k <= m.",
        parts=(
            Part(
                lambda p: 484 * (_size(p) - p.forgotten),
                lambda p: p.q("504.3") * _size(p),
                "both sides squared, times 0.3 m (m - k)^2, divided by (k epsilon_d)^2",
            ),
        ),
        constant="41", source="Appendix C.3", latex=r"\frac{22k\epsilon_d}{\sqrt m\sqrt{0.3(m - k)}} \le \frac{41k\epsilon_d}{m - k}",
    ),
)  # fmt: skip
