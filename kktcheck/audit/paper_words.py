"""The referee's report in sentences and tables of plain text, the same for a page, for reStructuredText and for the terminal."""

import math
import textwrap
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from . import readable
from .paper import WORDS
from .paper_chains import UNKNOWN
from .report import SIGNS, short

#: Width of a step's statement in a table.
_SHORT = 160
#: Relative width up to which an enclosure is shown by the end that is proved.
_NARROW = 1e-5
#: Parts of an instance that are told in a line, beside its numbers of points and neurons.
_SCALARS = ("epsilon", "delta", "epsilon_d", "psi", "free", "gamma", "forgotten", "dim", "alpha")


class Table(NamedTuple):
    """A table of plain text.

    Attributes
    ----------
    title, note : str
    header : tuple of str
    rows : tuple of tuple
        A cell is a text, or a tuple of texts, one below the other.
    """

    title: str
    note: str
    header: tuple
    rows: tuple


def summary_tables(paper):
    """What a reader wants to know in a minute; tuple of `Table`, empty ones left out."""
    tables = (_counts(paper), _refuted(paper), _broken(paper), sharpened_table(paper.statements), _not_judged(paper))
    return tuple(table for table in tables if table.rows)


def constants_table(constants):
    """Printed, proved and attained constants; `Table`."""
    rows = []
    for constant in constants:
        best = constant.best
        chain = best.chain if constant.word == "proved" else f"{best.chain} ({constant.word}: the constant is not proved)"
        gap = None if best.gap is None else f"{best.gap:.3g}"
        alarm = "; CONTRADICTED" if constant.is_contradicted else ""
        cells = (printed_constant(constant), proved_constant(constant), attained_constant(constant), gap or "-", chain + alarm)
        rows.append((best.claim, *cells))
    note = (
        "printed: the paper's constant, or ours where the statement is ours; proved: the most that the corrected argument gives, enclosed (for a "
        "bound from below the least); attained: at the worst instance in the ledger; open: what lies between those two, as a factor. Where a bound "
        "has no single constant, shares of the printed bound."
    )
    return Table("Printed, proved and attained", note, ("statement", "printed", "proved", "attained", "open", "chain"), tuple(rows))


def printed_constant(constant):
    """The printed constant, or 1 as a share."""
    return "1 (share)" if constant.best.value is None else f"{constant.best.value:g}"


def proved_constant(constant):
    """The proved constant, rounded to the side where it is still proved; both ends where the enclosure is wide."""
    low, high = sorted((constant.best.scaled(constant.best.low), constant.best.scaled(constant.best.high)))
    if not math.isfinite(high):
        return f"above {_rounded(low, 4, ROUND_FLOOR)}"
    if high - low < _NARROW * high:
        return _rounded(low, 6, ROUND_FLOOR) if constant.best.lower else _rounded(high, 6, ROUND_CEILING)
    return f"{_rounded(low, 4, ROUND_FLOOR)} to {_rounded(high, 4, ROUND_CEILING)}"


def _rounded(value, digits, side):
    """A number in a few digits, not beyond a side but for the last bits of a float."""
    return f"{float(Decimal(f'{value:.12g}').normalize(Context(prec=digits, rounding=side))):g}"


def attained_constant(constant):
    """The constant that the worst instance needs."""
    return "-" if constant.best.attained is None else f"{constant.best.scaled(constant.best.attained):.4g}"


def counted(paper):
    """How many statements have which word, and what speaks for those that are sound, in a sentence."""
    counts = "; ".join(f"{len(paper.of(word))} {word}" for word in WORDS)
    tagged = [tag for statement in paper.statements if statement.judged.is_true for tag in statement.tags]
    proved, sampled = tagged.count("proved"), tagged.count("sampled evidence")
    return f"{len(paper.statements)} statements: {counts}. Of the sound ones {proved} are proved, {sampled} rest on sampled evidence."


def witness_sentence(judged):
    """Both sides of a witness and the instance, in a line; empty if there is none."""
    witness = judged.witness
    if witness is None:
        return ""
    return f"{witness['left']} where {SIGNS[judged.claim.direction]} {witness['right']} is claimed: {_instance(witness['instance'])}"


def evidence_sentence(judged):
    """What speaks for a verdict."""
    if judged.verdict == "refuted":
        return f"refuted: {witness_sentence(judged)}"
    if judged.verdict in ("not run", UNKNOWN):
        return f"{judged.verdict}: {judged.claim.not_run or judged.note or 'no word on why'}"
    ratio = "" if judged.worst_ratio is None else f", worst ratio {short(judged.worst_ratio)}"
    sampled = f"{judged.instances} instances{ratio}" if judged.instances else ""
    note = judged.note if judged.verdict != "holds" or not sampled else ""
    return f"{judged.verdict}: {'; '.join(part for part in (note, sampled) if part) or 'no word on why'}"


def correction_sentence(corrected, printed):
    """The nearest true claim with its verdict and constant.

    Parameters
    ----------
    corrected : Judged
    printed : str
        The printed constant.
    """
    constant = corrected.claim.constant
    change = f"; constant {printed or 'none printed'} -> {constant}" if constant and constant != printed else ""
    return f"{corrected.id} ({corrected.verdict}{change}): {corrected.claim.statement}"


def repairs(statement):
    """What repairs a broken proof, in sentences: a chain of ours, one that is not finished, or nothing but the steps one by one."""
    if statement.repairs:
        return tuple(f"our chain {chain.id} proves it ({chain.summary})" for chain in statement.repairs)
    started = tuple(_unfinished(chain) for chain in statement.chains if chain.author == "ours")
    if statement.judged.verdict == "proved":
        return (*started, statement.judged.note)
    if all(step.corrected is not None and step.corrected.is_true for step in statement.broken):
        return (*started, "each refuted step has a true one beside it; that these carry the statement is not proved yet")
    return (*started, "nothing yet: only instances speak for the statement")


def _unfinished(chain):
    return f"our chain {chain.id} has no marks in the ledger" if chain.word == UNKNOWN else f"our chain {chain.id} is {chain.word} ({chain.summary})"


def broken_sentence(step, statement):
    """A refuted step, the sides of its witness, and the true one beside it."""
    witness = step.judged.witness
    fails = "" if witness is None else f" [{witness['left']} where {SIGNS[step.judged.claim.direction]} {witness['right']} is claimed]"
    literal = " (read word for word)" if step.judged.claim.kind == "version" else ""
    instead = "" if step.corrected is None else f" -> {within(step.corrected.id, statement.id)} ({step.corrected.verdict})"
    return f"{within(step.judged.id, statement.id)}{literal}: {textwrap.shorten(step.formula, _SHORT, placeholder=' ...')}{fails}{instead}"


def within(id, statement):
    """An id without that of the statement that it belongs to."""
    return id.removeprefix(f"{statement}/")


def proof_sentence(statement):
    """What is known of the printed proof."""
    printed = [chain for chain in statement.chains if chain.author == "printed"]
    if printed:
        return "; ".join(f"{chain.id} is {chain.word}: {chain.summary}" for chain in printed if chain.word != UNKNOWN) or printed[0].note
    if not statement.steps:
        return "no step of it has a verdict: the statement alone was judged"
    steps = f"{statement.steps} step{'s' if statement.steps > 1 else ''} of it judged"
    return f"{steps}, {len(statement.broken)} refuted; it is not followed link by link"


def sharpened_table(statements):
    """What is sharper than the statements, or than what is true instead; `Table`."""
    rows = tuple(row for statement in statements for row in _sharpened(statement))
    note = "Bounds of ours beside the printed ones, their constants in the order of each; a verdict of holds is evidence from instances."
    return Table("Sharpened", note, ("sharper than", "printed", "ours", "how much", "from", "verdict"), rows)


def _sharpened(statement):
    for constant in statement.constants:
        if constant.is_sharper:
            factor = f"by a factor {1 / constant.best.high:.3g}" if constant.best.high else "to 0"
            yield statement.id, printed_constant(constant), proved_constant(constant), factor, constant.best.chain, "proved"
    for version in statement.sharpened:
        printed, ours = version.than.constant, version.judged.claim.constant
        if version.judged.is_true and (ours != printed or version.same_hypotheses):
            yield version.than.id, printed or "-", ours or "-", hypotheses_sentence(version), version.judged.id, version.judged.verdict


def hypotheses_sentence(version):
    """How the hypotheses of a version differ from the statement's; empty if they do not."""
    if version.more and version.fewer:
        return f"under {', '.join(version.more)} instead of {', '.join(version.fewer)}"
    if version.more:
        return f"under {', '.join(version.more)} as well"
    return f"without {', '.join(version.fewer)}" if version.fewer else ""


def _counts(paper):
    rows = [(word, str(len(paper.of(word))), meaning) for word, meaning in WORDS.items()]
    return Table("Verdicts", "", ("word", "statements", "meaning"), tuple(rows))


def _refuted(paper):
    rows = []
    for statement in paper.of("refuted"):
        corrected = "none known" if statement.corrected is None else correction_sentence(statement.corrected, statement.judged.claim.constant)
        rows.append((statement.id, statement.judged.claim.source, witness_sentence(statement.judged), corrected))
    note = "Each witness meets every hypothesis; its numbers stand below, with the statement."
    return Table("Refuted", note, ("statement", "source", "witness", "nearest true claim"), tuple(rows))


def _broken(paper):
    rows = []
    for statement in paper.of("sound, printed proof broken"):
        steps = tuple(broken_sentence(step, statement) for step in statement.broken)
        rows.append((statement.id, statement.judged.verdict, steps, repairs(statement)))
    header = ("statement", "verdict", "refuted steps -> true ones", "what repairs it")
    return Table("True, but the printed proof is broken", "A proved statement has a proof that works beside it.", header, tuple(rows))


def _not_judged(paper):
    reasons = {}
    for statement in paper.of("not judged"):
        steps = tuple(broken_sentence(step, statement) for step in statement.broken)
        reasons.setdefault((evidence_sentence(statement.judged), steps), []).append(statement.id)
    rows = tuple((", ".join(ids), reason, steps or "-") for (reason, steps), ids in reasons.items())
    return Table("Not judged", "", ("statements", "why", "refuted steps of the printed proof -> true ones"), rows)


def _instance(instance):
    """Kind, sizes and numbers of an instance."""
    sizes = [f"{name} = {len(instance[key])}" for name, key in (("m", "labels"), ("n", "signs")) if isinstance(instance.get(key), list)]
    sizes += [f"{name} = {instance[key]}" for name, key in (("m", "points"), ("n", "neurons")) if key in instance]
    numbers = [(name, instance[name]) for name in _SCALARS if name in instance]
    scalars = [f"{name} = {readable.number(value)}" for name, value in numbers if not isinstance(value, list)]
    return ", ".join([str(instance.get("kind", "instance")), *sizes, *scalars])
