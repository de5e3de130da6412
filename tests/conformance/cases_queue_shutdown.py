"""shutdown() of a queue, which came with Python 3.13. Every case is about `t.queue`."""


def case_put_raises(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind()
        t.same(queue.shutdown(), None)
        t.raises(t.queue.ShutDown, queue.put, 1)
        t.raises(t.queue.ShutDown, queue.put_nowait, 1)
        t.raises(t.queue.ShutDown, queue.put, 1, True, 0)


def case_get_takes_what_is_left(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind()
        queue.put(1)
        queue.put(2)
        queue.shutdown()
        t.equal(sorted([queue.get(), queue.get_nowait()]), [1, 2])
        t.raises(t.queue.ShutDown, queue.get)
        t.raises(t.queue.ShutDown, queue.get_nowait)


def case_immediate_drops_what_is_left(t):
    for kind in (t.queue.Queue, t.queue.LifoQueue, t.queue.PriorityQueue):
        queue = kind()
        queue.put(1)
        queue.put(2)
        queue.shutdown(immediate=True)
        t.equal(queue.qsize(), 0)
        t.raises(t.queue.ShutDown, queue.get)
        t.raises(t.queue.ShutDown, queue.put, 1)
        queue.join()


def case_who_waits_in_get_is_told(t):
    for immediate in (False, True):
        queue = t.queue.Queue()
        with t.start(3, lambda number, queue=queue: t.raises(t.queue.ShutDown, queue.get)):
            t.until_waiting(queue.not_empty, 3)
            queue.shutdown(immediate)


def case_who_waits_in_put_is_told(t):
    for immediate in (False, True):
        queue = t.queue.Queue(1)
        queue.put("there")
        with t.start(3, lambda number, queue=queue: t.raises(t.queue.ShutDown, queue.put, 1)):
            t.until_waiting(queue.not_full, 3)
            queue.shutdown(immediate)
        t.equal(queue.qsize(), 0 if immediate else 1)


def case_join_waits_for_the_tasks_all_the_same(t):
    queue = t.queue.Queue()
    queue.put(1)
    queue.shutdown()
    joined = [False]

    def join(number):
        queue.join()
        joined[number] = True

    with t.start(1, join):
        t.until_waiting(queue.all_tasks_done, 1)
        t.equal(joined, [False])
        queue.get()
        queue.task_done()
    t.equal(joined, [True])


def case_immediate_ends_join(t):
    queue = t.queue.Queue()
    queue.put(1)
    queue.put(2)
    with t.start(2, lambda number: queue.join()):
        t.until_waiting(queue.all_tasks_done, 2)
        queue.shutdown(immediate=True)


def case_immediate_after_a_get(t):
    queue = t.queue.Queue()
    queue.put(1)
    queue.put(2)
    queue.get()
    with t.start(1, lambda number: queue.join()):
        t.until_waiting(queue.all_tasks_done, 1)
        queue.shutdown(True)
        queue.task_done()


def case_twice(t):
    queue = t.queue.Queue()
    queue.put(1)
    queue.shutdown()
    queue.shutdown()
    t.equal(queue.get(), 1)
    queue.shutdown(True)
    t.raises(t.queue.ShutDown, queue.get)


def case_failed_put_leaves_no_task(t):
    queue = t.queue.Queue()
    queue.shutdown()
    t.raises(t.queue.ShutDown, queue.put, 1)
    queue.join()
    t.raises(ValueError, queue.task_done)
