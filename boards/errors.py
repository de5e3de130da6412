"""The errors of weft.boards. Each message is a sentence that says what happened and what to do."""


class BoardError(Exception):
    """Something between this computer and a board went wrong."""


class PortError(BoardError):
    """The port can't be opened."""


class Disconnected(BoardError):
    """The port vanished, or its other end was closed."""


class TimedOut(BoardError):
    """The board did not do within its limit what was asked."""


class BoardReset(BoardError):
    """The board restarted while a program was running on it."""


class StillRunning(TimedOut):
    """The program on the board did not end within its limit."""


class VirtualBoardError(BoardError):
    """A virtual board could not be had, or could not go on; the message says what to do."""


class ImageError(BoardError):
    """A file of firmware is damaged, or not for the board."""
