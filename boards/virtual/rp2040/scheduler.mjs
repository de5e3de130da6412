// Decides which core runs, for how long, and when time passes. The same seed and the same inputs give
// the same run, cycle for cycle.
//
//   exact       one instruction at a time, of the core that is behind
//   fixed:N     each core in turn for N cycles
//   random:N    each turn 1 to N cycles, and which core goes first, by the seed
//
// Fixed turns hide races, because the cores keep in step; random turns show them, differently for
// each seed. While one core sleeps the other runs on until an alarm is due or something wakes it;
// while both sleep, time jumps to the next alarm.

const LONG_TURN = 4096; // cycles that a core may run while the other one sleeps

export function parseTurns(text) {
  const match = /^(?:(exact)|(fixed|random):([1-9]\d{0,3}))$/.exec(text);
  if (match === null) throw new Error(`turns are exact, fixed:N or random:N (N up to 9999), not ${text}`);
  return { kind: match[1] ?? match[2], cycles: Number(match[3] ?? 1) };
}

export class Scheduler {
  constructor(turns, random) {
    this.turns = parseTurns(turns);
    this.random = random;
  }

  /**
   * Runs a chip up to cycle `end`, or until it stops itself, which it does at the end of a turn.
   * Returns false if nothing can ever happen again without the outside.
   */
  run(chip, end) {
    const { clock } = chip;
    const [a, b] = chip.cores;
    chip.stopped = false;
    while (clock.cycles < end && !chip.stopped) {
      if (a.waiting && b.waiting) {
        if (clock.dueCycle === Infinity) return false;
        clock.advance(Math.min(end, Math.max(clock.cycles + 1, clock.dueCycle)));
        continue;
      }
      if (a.waiting) this.runAlone(b, clock, end);
      else if (b.waiting) this.runAlone(a, clock, end);
      else this.runBoth(a, b, clock, end);
      if (a.resetRequested) restart(a);
      if (b.resetRequested) restart(b);
    }
    return true;
  }

  runAlone(core, clock, end) {
    const until = Math.min(end, clock.dueCycle, Math.max(core.time, clock.cycles) + LONG_TURN);
    core.runUntil(until);
    // A turn that ended early leaves time where this core is; a stall may have taken it past an alarm.
    clock.advance(Math.min(end, clock.dueCycle, core.time));
  }

  runBoth(a, b, clock, end) {
    const { kind, cycles } = this.turns;
    const now = clock.cycles;
    if (kind === 'exact') {
      const core = a.time <= b.time ? a : b;
      if (core.time <= now) core.runUntil(now + 1);
      clock.advance(Math.min(end, Math.max(now, Math.min(a.time, b.time))));
      return;
    }
    let length = cycles;
    let first = a;
    if (kind === 'random') {
      const chance = this.random.next();
      length = 1 + ((chance >>> 1) % cycles);
      if (chance & 1) first = b;
    }
    const until = Math.min(end, now + length);
    first.runUntil(until);
    (first === a ? b : a).runUntil(until);
    clock.advance(until);
  }
}

function restart(core) {
  core.resetRequested = false;
  core.hold();
  core.release();
}
