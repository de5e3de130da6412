"""join() with a time-out: it returns in time, and is_alive() tells that the thread goes on."""

import logging
import threading
import time

logging.basicConfig(level=logging.DEBUG, format="(%(threadName)-10s) %(message)s")


def daemon():
    logging.debug("Starting")
    time.sleep(2)
    logging.debug("Exiting")


def non_daemon():
    logging.debug("Starting")
    logging.debug("Exiting")


d = threading.Thread(name="daemon", target=daemon, daemon=True)
t = threading.Thread(name="non-daemon", target=non_daemon)

d.start()
t.start()

d.join(1)
print("d.isAlive()", d.is_alive())
t.join()
