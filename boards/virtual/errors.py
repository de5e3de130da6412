"""The one kind of error that a user of a virtual board has to expect."""

from __future__ import annotations


class VirtualBoardError(Exception):
    """A virtual board could not be had, or could not go on; the message says what to do."""
