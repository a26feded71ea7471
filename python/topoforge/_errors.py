"""What goes wrong beyond wrong arguments, which raise `ValueError`."""

__all__ = ["LimitExceededError", "NotReadyError", "TopoForgeError"]


class TopoForgeError(Exception):
    """A failure that is no wrong argument."""


class LimitExceededError(TopoForgeError, MemoryError):
    """A documented bound was met: too many points, or a diagram that asks for more than `max_stored_simplices`."""


class NotReadyError(TopoForgeError, RuntimeError):
    """There is no answer yet: the first window of a `DataProcessor` is still filling."""
