"""The part of `typing` that code needs while it runs, without the ten milliseconds it costs.

A type checker sees `typing` itself. It must not hold anything that is not a stand-in for
a name of the standard library, nor behave otherwise than the original as used here.

``import typing`` takes about as long as starting the interpreter, which every command
line pays before it answers. Names that only annotations use are imported under
``TYPE_CHECKING``; what is left is here.
"""

from __future__ import annotations

from collections import namedtuple

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
    from typing import Protocol as Protocol
    from typing import overload as overload
else:

    class _NamedTupleType(type):
        """Makes a class with annotated fields a named tuple, as ``typing.NamedTuple`` does."""

        def __new__(cls, name, bases, namespace):
            if not bases:
                return super().__new__(cls, name, bases, namespace)
            fields = list(namespace.pop("__annotations__", {}))
            defaults = [namespace.pop(field) for field in fields if field in namespace]
            base = namedtuple(name, fields, defaults=defaults, module=namespace["__module__"])
            return type(name, (base,), {"__slots__": (), **namespace})

    class NamedTuple(metaclass=_NamedTupleType):
        """An immutable tuple with named fields."""

    class Protocol:
        """A class that says what others look like."""

    def overload(function):
        """Marks a signature for type checkers."""
        return function
