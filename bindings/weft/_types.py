"""What is written in C (bindings/native): the types, and the functions that need the GIL.

_types.pyi lists them. ConditionBase, EventBase, LockBase, RLockBase and SemaphoreBase are complete
but for what is asked of them rarely, which weft.threading's classes add in Python; SimpleQueue and
ThreadHandle are all there.

The module lies in the shared library of weft._native, and an import finds by itself only the module
that a library is named after. So this one loads it, and it takes this one's place.
"""

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location

from weft import _native

_loader = ExtensionFileLoader(__name__, _native.__file__)
_spec = spec_from_file_location(__name__, _native.__file__, loader=_loader)
assert _spec is not None
sys.modules[__name__] = module_from_spec(_spec)
_loader.exec_module(sys.modules[__name__])
