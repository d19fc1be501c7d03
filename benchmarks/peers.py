"""Which peers are installed: those that are not are left out of the benchmarks, with a line that says how to get them."""

import functools
import importlib.util
import sys

#: What stands in for a library whose module is named otherwise.
DISTRIBUTIONS = {"sklearn": "scikit-learn"}


@functools.cache
def there(module, extra="bench"):
    """Whether a module can be imported; if not, a line on standard error says so, once, and which extra of kktcheck brings it."""
    if importlib.util.find_spec(module) is not None:
        return True
    name = DISTRIBUTIONS.get(module, module)
    print(f"{name} is not installed, so it is left out: pip install 'kktcheck[{extra}]'", file=sys.stderr)
    return False
