/* The pool of runtime/sync/worker.c: how a job reaches an idle worker, for spin.
 *
 * Checked: each job runs just once, though idle workers may time out at any moment; nobody gives a
 * job to a worker that is gone. What happens under idle_lock is one step here.
 *
 * -DNO_SECOND_LOOK is the mistake that proves that the model can fail: a worker that timed out ends
 * without asking whether somebody has taken it out of the list meanwhile.
 */
#define JOBS 4
#define IDLE_MAX 1

chan idle = [IDLE_MAX] of { byte }; /* the workers that wait for a job */

bool alive[JOBS];  /* worker n is the one that was made for job n */
bool called[JOBS]; /* worker.called */
byte job_of[JOBS];
byte ran[JOBS];
byte jobs_ended;

/* worker_main, with become_idle and wait_for_job */
proctype worker(byte self) {
    byte job = job_of[self];
    bool on_list;
    bool for_ever;

    do
    :: ran[job]++;
       atomic { on_list = nfull(idle); if :: on_list -> idle!self :: !on_list fi };
       jobs_ended++;
       if :: !on_list -> break :: else fi;
       for_ever = false;
       do
       :: called[self] -> break
       :: !for_ever -> /* the time-out */
           atomic {
               if
               :: idle??[eval(self)] -> idle??eval(self); on_list = false
               :: !idle??[eval(self)] ->
#ifdef NO_SECOND_LOOK
                   on_list = false
#else
                   for_ever = true
#endif
               fi
           };
           if :: !on_list -> break :: else fi
       od;
       if :: !on_list -> break :: else fi;
       called[self] = false;
       job = job_of[self]
    od;
    alive[self] = false
}

/* weft_worker_run */
proctype starter(byte job) {
    byte chosen = JOBS;

    atomic { if :: nempty(idle) -> idle?chosen :: empty(idle) fi };
    if
    :: chosen < JOBS ->
        atomic { assert(alive[chosen]); job_of[chosen] = job };
        atomic { assert(alive[chosen]); called[chosen] = true } /* the wake uses the address only */
    :: else ->
        atomic { alive[job] = true; job_of[job] = job; run worker(job) }
    fi
}

init {
    pid first = _nr_pr;
    byte job = 0;
    atomic { run starter(0); run starter(1) };
    (jobs_ended >= 1);
    atomic { run starter(2); run starter(3) };
    (_nr_pr == first);
    do
    :: job < JOBS -> assert(ran[job] == 1); assert(!alive[job]); job++
    :: else -> break
    od
}
