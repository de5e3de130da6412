// Decides which core runs, for how long, and when time passes. The same seed and the same inputs give
// the same run, cycle for cycle.
//
//   exact       one instruction at a time, of the core that is behind
//   fixed:N     each core in turn for N cycles
//   random:N    each turn 1 to N cycles, and which core goes first, by the seed
//   mix:N       the same, but turns of 1, of 2 or 3, of 4 to 7 cycles ... and of N are as likely
//
// Fixed turns hide races, because the cores keep in step. So do random ones, of what lies further
// apart than a turn, and of two loops that are alike, since the cores meet at each turn's end. A mix
// has turns that are as short as an instruction and turns in which a core stands for a whole function
// of the other's. While one core sleeps the other runs on until an alarm is due or something wakes
// it; while both sleep, time jumps to the next alarm.

const LONG_TURN = 4096; // cycles that a core may run while the other one sleeps
const ALARM_CYCLES = 64; // so late may an alarm be

export function parseTurns(text) {
  const match = /^(?:(exact)|(fixed|random|mix):([1-9]\d{0,3}))$/.exec(text);
  if (match === null) {
    throw new Error(`turns are exact, fixed:N, random:N or mix:N (N up to 9999), not ${text}`);
  }
  return { kind: match[1] ?? match[2], cycles: Number(match[3] ?? 1) };
}

/** By 31 random bits: from 1 to `most`, each power of two and what follows it as likely. */
function mixedLength(chance, most) {
  const powers = 32 - Math.clz32(most);
  const least = 1 << (((chance & 0xff) * powers) >>> 8);
  return Math.min(most, least + ((chance >>> 8) & (least - 1)));
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
    let second = b;
    if (kind !== 'fixed') {
      const chance = this.random.next();
      length = kind === 'mix' ? mixedLength(chance >>> 1, cycles) : 1 + ((chance >>> 1) % cycles);
      if (chance & 1) [first, second] = [b, a];
    }
    let until = Math.min(end, now + length, Math.max(now + ALARM_CYCLES, clock.dueCycle));
    first.runUntil(until);
    // What ends a turn early, such as a new alarm, has to be seen to before much time passes.
    if (first.endTurn) until = Math.min(until, Math.max(now + ALARM_CYCLES, first.time));
    second.runUntil(until);
    if (second.endTurn) until = Math.min(until, Math.max(now + ALARM_CYCLES, second.time));
    clock.advance(until);
  }
}

function restart(core) {
  core.resetRequested = false;
  core.hold();
  core.release();
}
