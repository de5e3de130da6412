// Emulated time, and the alarms that the peripherals set in it.
//
// Time advances in cycles of clk_sys; peripherals read it in nanoseconds. It never goes back: a core
// that reads a timer in the middle of its turn moves it forward, and the other core, which may be a
// few cycles behind, then sees that later time too. An alarm fires when a turn ends, so at most one
// turn late, and alarms due at one moment fire in the order in which they were set. One that is set
// from an alarm for "now" fires a cycle later: so time goes on whatever a peripheral does, and a DMA
// transfer, which the package would do in no time, takes a cycle.

class Alarm {
  constructor(clock, callback) {
    this.clock = clock;
    this.callback = callback;
    this.next = null;
    this.nanos = 0;
    this.scheduled = false;
  }

  schedule(deltaNanos) {
    this.scheduleAt(this.clock.nanos + deltaNanos);
  }

  scheduleAt(nanos) {
    this.cancel();
    const { clock } = this;
    const soonest = clock.advancing ? clock.nanosAt(clock.cycles + 1) : clock.nanos;
    this.nanos = Math.max(nanos, soonest);
    this.scheduled = true;
    clock.link(this);
  }

  cancel() {
    if (this.scheduled) this.clock.unlink(this);
    this.scheduled = false;
  }
}

export class Clock {
  // The ring oscillator's nominal frequency, from which the chip starts (datasheet 2.17).
  constructor(hertz = 6.5e6) {
    this.nextAlarm = null;
    this.cycles = 0; // of clk_sys, since power-on or reset
    this.baseCycles = 0; // where clk_sys last changed ...
    this.baseNanos = 0; // ... and what time it was
    this.nanosPerCycle = 1e9 / hertz;
    this.dueCycle = Infinity; // the first cycle at which an alarm is due
    this.advancing = false;
    this.onScheduled = () => {}; // the run loop ends a turn early for a new alarm
  }

  get nanos() {
    return this.nanosAt(this.cycles);
  }

  nanosAt(cycles) {
    return this.baseNanos + (cycles - this.baseCycles) * this.nanosPerCycle;
  }

  /** The first cycle at which it is `nanos` or later; a hundredth of a cycle absorbs rounding. */
  cycleAt(nanos) {
    return this.baseCycles + Math.ceil((nanos - this.baseNanos) / this.nanosPerCycle - 0.01);
  }

  get micros() {
    return this.nanos / 1000;
  }

  setFrequency(hertz) {
    this.baseNanos = this.nanos;
    this.baseCycles = this.cycles;
    this.nanosPerCycle = 1e9 / hertz;
    this.updateDue();
  }

  /** Moves time forward to `cycles`, if it is not later already; fires nothing. */
  observe(cycles) {
    if (cycles > this.cycles) this.cycles = cycles;
  }

  /** Moves time forward to `cycles` and fires the alarms that are due by then. */
  advance(cycles) {
    this.observe(cycles);
    this.advancing = true;
    while (this.dueCycle <= this.cycles) {
      const alarm = this.nextAlarm;
      this.nextAlarm = alarm.next;
      alarm.scheduled = false;
      this.updateDue();
      alarm.callback();
    }
    this.advancing = false;
  }

  updateDue() {
    if (this.nextAlarm === null) {
      this.dueCycle = Infinity;
      return;
    }
    this.dueCycle = this.cycleAt(this.nextAlarm.nanos);
  }

  createAlarm(callback) {
    return new Alarm(this, callback);
  }

  link(alarm) {
    let before = null;
    let after = this.nextAlarm;
    while (after !== null && after.nanos <= alarm.nanos) {
      before = after;
      after = after.next;
    }
    alarm.next = after;
    if (before === null) this.nextAlarm = alarm;
    else before.next = alarm;
    this.updateDue();
    this.onScheduled();
  }

  unlink(alarm) {
    let before = null;
    let item = this.nextAlarm;
    while (item !== null && item !== alarm) {
      before = item;
      item = item.next;
    }
    if (item === null) return;
    if (before === null) this.nextAlarm = alarm.next;
    else before.next = alarm.next;
    this.updateDue();
  }
}
