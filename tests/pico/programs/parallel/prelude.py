# Before each program here: share(work, n) runs work(0) ... work(n - 1) in as many threads, check()
# notes what does not hold, and meet(t, r) waits in thread t, 0 or 1, until both are at round r. What is
# wrong at the end is printed after the program.
import _thread, gc, sys, time

wrong, ended = [], 0
counts = _thread.allocate_lock()
at = [0, 0]  # the round at which each thread is


def check(is_right, what):
    if not is_right and len(wrong) < 8:
        wrong.append(what)


def run(n, function):
    global ended
    try:
        function(n)
    except BaseException as error:
        sys.print_exception(error)
        wrong.append(repr(error))
    with counts:
        ended += 1


def share(function, threads):
    _thread.stack_size(8192)
    for n in range(1, threads):
        _thread.start_new_thread(run, (n, function))
    run(0, function)
    while ended < threads:
        time.sleep_ms(1)


def meet(t, r):
    at[t] = r
    while at[1 - t] < r:
        pass


