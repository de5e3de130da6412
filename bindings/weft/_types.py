"""The types that are written in C: what weft's classes do often. See bindings/native/types.h.

_types.pyi lists them. ConditionBase, EventBase, LockBase and RLockBase are complete but for what is
asked of them rarely, which weft.threading's classes add in Python; SimpleQueue is all there.

What the C code in turn asks of Python it finds here: _deadline, called with the arguments of a
wait, checks them and returns the deadline; _empty is what get() raises.
"""

from queue import Empty

from weft import _types
from weft._native import lib
from weft._wait import acquire_deadline, simple_queue_deadline, wait_deadline

lib.define_types()

_types.ConditionBase._deadline = staticmethod(wait_deadline)
_types.EventBase._deadline = staticmethod(wait_deadline)
_types.LockBase._deadline = staticmethod(acquire_deadline)
_types.RLockBase._deadline = staticmethod(acquire_deadline)
_types.SimpleQueue._deadline = staticmethod(simple_queue_deadline)
_types.SimpleQueue._empty = Empty
