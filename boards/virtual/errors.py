"""The one kind of error that a user of a virtual board has to expect."""

from __future__ import annotations

from weft.boards.errors import BoardError


class VirtualBoardError(BoardError):
    """A virtual board could not be had, or could not go on; the message says what to do."""
