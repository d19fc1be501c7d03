"""Proofs in words: chains with a mark per link, the table of inequalities between constants, and printed / proved / attained side by side."""

import textwrap
from collections import Counter

from ..claims.sharper import comparison
from ..tables import table
from .chains import MARKS
from .paper_constants import Constant
from .paper_words import constants_table
from .report import COMPARED

_WIDTH, _NOTE = 118, 80
_LEGEND = "+ proved   . argued by hand, elementary   ~ instances only   x refuted   ? open"


def proved_text(found, agreements, ledger, seconds, reasons=False):
    """All of a `kktcheck.audit.prover.Proved`: chains, other inequalities, constants, counts.

    Parameters
    ----------
    found : Proved
    agreements : sequence of Agreement
        Of its proofs with the ledger.
    ledger : Ledger
    seconds : float
    reasons : bool, optional
        The reason below each link, and the conclusion below each chain.
    """
    where = {proof.id: [str(threshold) for threshold in proof.thresholds] for proof in found.proofs}
    parts = []
    if found.chains:
        parts += [f"chains, a mark per link: {_LEGEND}", ""]
        parts += [text for verdict in found.chains for text in (chain_text(verdict, where, reasons), "")]
    in_chains = {link.claim for verdict in found.chains for link in verdict.links}
    pairs = [(proof, agreement) for proof, agreement in zip(found.proofs, agreements, strict=True) if proof.word != "not run"]
    others = [pair for pair in pairs if pair[0].id not in in_chains]
    parts += [_proofs_table(others, ledger), ""] if others else []
    parts += [constants_text(found), ""] if found.constants else []
    parts += [comparison_table(ledger), ""] if any(proof.id.startswith("sharper/") for proof in found.proofs) else []
    return "\n".join([*parts, *_counts(found, pairs, seconds)])


def chain_text(verdict, thresholds, reasons=False):
    """A chain: what it proves, its word, a line per link with its mark, and where a refuted link holds after all."""
    chain = verdict.chain
    author = "as printed" if chain.author == "printed" else "ours"
    lines = [_wrapped(f"{chain.id} ({author}), for {', '.join(chain.proves)}: {verdict.word}; {verdict.method}", "", "    ")]
    for link, found in zip(chain.links, verdict.links, strict=True):
        note = f" [{found.claim}]" if found.mark in ("refuted", "sampled", "open") and found.claim else ""
        lines.append(_wrapped(f"{MARKS[found.mark]} {link.formula}{note}", "  ", "      "))
        lines += [_wrapped(link.reason, "      ", "      ")] if reasons else []
        lines += [_wrapped(sentence, "      ", "      ") for sentence in thresholds.get(found.claim, ())]
    return "\n".join([*lines, _wrapped(chain.conclusion, "  so: ", "      ")] if reasons else lines)


def constants_text(found):
    """Printed, proved and attained constants of a `kktcheck.audit.prover.Proved`."""
    words = {verdict.chain.id: verdict.word for verdict in found.chains}
    constants = constants_table([Constant(best, words[best.chain]) for best in found.constants])
    return f"{table(constants.header, constants.rows, left=1, notes=True)}\n{_wrapped(constants.note, '', '')}"


def comparison_table(ledger):
    """Our bounds beside the paper's, at small parameters, with what the worst instance in the ledger reaches."""
    rows = []
    for row in comparison.rows(ledger.worst_ratio):
        if tuple(row[name] for name in ("epsilon", "delta", "epsilon_d")) == comparison.SMALL:
            attained = None if row["attained"] is None else f"{row['attained']:.3g}"
            numbers = (None if row[name] is None else f"{row[name]:.3g}" for name in ("ours", "paper", "factor"))
            rows.append((row["name"], row["m"], *numbers, attained))
    header = ("bound", "m (= n)", "ours", "paper's", "times as sharp", "share of ours attained")
    at = "epsilon_1 = {}, delta_1 = {}, epsilon_d = {}".format(*comparison.SMALL)
    return table(header, rows, left=1) + f"\nat {at}, one point forgotten; a dash: the paper gives no number, or nothing was measured."


def _proofs_table(pairs, ledger):
    rows = []
    for proof, agreement in pairs:
        before = ledger.entries.get(proof.id, {}).get("verdict")
        sizes = ", ".join(map(str, proof.sizes)) or None
        note = "; ".join(map(str, proof.thresholds))
        if proof.word == "undecided" and not proof.boxes:
            note = textwrap.shorten(proof.method, _NOTE, placeholder=" ...")
        rows.append((proof.id, proof.word, proof.boxes, proof.corners, sizes, f"{proof.seconds:.2f}", before, agreement.word, note))
    header = ("claim", "verdict", "boxes", "corners", "sizes apart", "seconds", "ledger's", "compared", "note")
    return table(header, rows, left=2, notes=True)


def _counts(found, pairs, seconds):
    def counted(words):
        return ", ".join(f"{number} {word}" for word, number in Counter(words).items())

    between = [proof for proof, _ in pairs if proof.is_between_constants]
    statements = [proof for proof, _ in pairs if not proof.is_between_constants]
    lines = [f"{len(between)} inequalities between constants: {counted(proof.word for proof in between)}. {seconds:.1f} s."] if between else []
    lines += [f"{len(found.chains)} chains: {counted(verdict.word for verdict in found.chains)}."] if found.chains else []
    lines += [f"{len(statements)} statements about instances: proved by chains."] if statements else []
    lines += ["proved: for every point of the box and all sizes m, n and k; refuted: at a point re-checked exactly; undecided: says nothing."]
    others = Counter(proof.method.split(" (")[0].split(";")[0] for proof in found.proofs if proof.word == "not run")
    lines += [f"{number} other claim{'s' if number > 1 else ''}: {method}; evidence: sampled (kktcheck audit)." for method, number in others.items()]
    compared = Counter(agreement.word for _, agreement in pairs)
    return [*lines, "against the ledger: " + ", ".join(f"{compared[word]} {what}" for word, what in COMPARED.items() if compared[word])]


def _wrapped(text, first, rest):
    return textwrap.fill(" ".join(text.split()), _WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
