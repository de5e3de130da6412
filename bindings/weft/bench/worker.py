"""One side of a comparison: `python -m weft.bench.worker threading|weft`.

Reads the name of a row from standard input, a line each, times one round of it, and answers with
the seconds for one operation. A process of its own, because what weft sets for a thread (the
kernel's timer slack) would serve the other side too.
"""

from __future__ import annotations

import sys

from weft.bench import timings


def main() -> None:
    """Answer until the input ends."""
    if sys.argv[1] == "weft":
        import weft.queue
        import weft.threading

        api = timings.api(weft.threading, weft.queue)
    else:
        import queue
        import threading

        api = timings.api(threading, queue)
    for line in sys.stdin:
        row = timings.by_name(line.rstrip("\n"))
        print(row.time(api, row.count), flush=True)


if __name__ == "__main__":
    main()
