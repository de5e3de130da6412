"""An Event that one thread waits for without a time limit and another with one."""

import logging
import threading
import time

logging.basicConfig(level=logging.DEBUG, format="(%(threadName)-10s) %(message)s")


def wait_for_event(event):
    logging.debug("wait_for_event starting")
    is_set = event.wait()
    logging.debug("event set: %s", is_set)


def wait_for_event_timeout(event, timeout):
    while not event.is_set():
        logging.debug("wait_for_event_timeout starting")
        is_set = event.wait(timeout)
        logging.debug("event set: %s", is_set)
        if is_set:
            logging.debug("processing event")
        else:
            logging.debug("doing other work")


event = threading.Event()
threading.Thread(name="block", target=wait_for_event, args=(event,)).start()
threading.Thread(name="non-block", target=wait_for_event_timeout, args=(event, 2)).start()

logging.debug("Waiting before calling Event.set()")
time.sleep(3)
event.set()
logging.debug("Event is set")
