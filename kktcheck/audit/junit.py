"""The audit as JUnit XML: a test case per claim, so that a continuous integration shows which verdict has changed."""

import re
from xml.etree import ElementTree

#: Characters that XML 1.0 has no way to write.
_IMPOSSIBLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(audit, ledger):
    """The XML text of an `Audit`: failed where a verdict contradicts the ledger, skipped where nothing was run."""
    agreements = audit.against(ledger)
    failures = sum(agreement.word == "contradicts" for agreement in agreements)
    skipped = sum(verdict.verdict == "not run" for verdict in audit)
    counts = {"tests": str(len(audit)), "failures": str(failures), "errors": "0", "skipped": str(skipped), "time": f"{audit.seconds:.3f}"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": f"kktcheck audit, {audit.budget} budget, seed {audit.seed}", **counts})
    for verdict, agreement in zip(audit, agreements, strict=True):
        names = {"classname": f"kktcheck.{verdict.kind.replace(' ', '-')}", "name": _clean(verdict.id), "time": f"{verdict.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", names)
        if agreement.word == "contradicts":
            failure = ElementTree.SubElement(case, "failure", {"type": "verdict", "message": f"{verdict.verdict}; {agreement.sentence}"})
            failure.text = _clean(verdict.note)
        elif verdict.verdict == "not run":
            ElementTree.SubElement(case, "skipped", {"message": _clean(verdict.note)})
        out = ElementTree.SubElement(case, "system-out")
        out.text = _clean(f"{verdict.verdict}: {verdict.note} (worst ratio {verdict.worst_ratio}; ledger: {agreement.word})")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True).decode() + "\n"


def _clean(text):
    return _IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", str(text))
