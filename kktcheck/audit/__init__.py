"""The referee: engines that try to break claims, exact re-checks, verdicts, the ledger.

The package can be called: ``kktcheck.audit(...)`` is `kktcheck.audit.audit`, in whatever order its modules were imported.
"""

import functools
import sys
import types

from .referee import judge
from .result import Audit
from .run import audit
from .verdict import Verdict
from .witness import Refutation, read_witness

__all__ = ["Audit", "Refutation", "Verdict", "audit", "judge", "read_witness"]


class _Callable(types.ModuleType):
    @functools.wraps(audit)
    def __call__(self, *arguments, **options):
        return audit(*arguments, **options)


sys.modules[__name__].__class__ = _Callable
