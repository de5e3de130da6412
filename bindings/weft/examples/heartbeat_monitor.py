"""A heartbeat: a daemon beats until an Event stops it, and a monitor notices when it stops."""

import threading

BEAT = 0.2

stop = threading.Event()
beat = threading.Event()


def keep_beating():
    while not stop.wait(BEAT):
        beat.set()


def monitor():
    beats = 0
    while beat.wait(5 * BEAT):
        beat.clear()
        beats += 1
        print("beat", beats)
        if beats == 5:
            print("stopping the heart")
            stop.set()
            heart.join()
            beat.clear()
    print("no beat for", 5 * BEAT, "s: the service is down")


heart = threading.Thread(name="heart", target=keep_beating, daemon=True)
heart.start()
watcher = threading.Thread(name="monitor", target=monitor)
watcher.start()
watcher.join()
