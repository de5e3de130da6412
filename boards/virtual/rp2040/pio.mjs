// Runs the package's PIO state machines in emulated time: the package would step them from host
// timers, as fast as they go and with no regard to clock dividers.
//
// A state machine has a next cycle. It is stepped once the clock has come to it; the step's cycles
// (1, and the instruction's delay) times its divider give the one after. One that waits for its FIFO,
// a pin or a flag costs nothing until it is let go by the package's own call. Machines are stepped in
// batches, so a pin moves up to BATCH_CYCLES late; before a core's access all are brought up to date.

import { RPPIO } from './base.mjs';

const FRACTION = 256;
const BATCH_CYCLES = 16;

class PioRunner {
  constructor(pio, clock) {
    this.pio = pio;
    this.clock = clock;
    this.alarm = clock.createAlarm(() => this.run());
    this.next = new Array(pio.machines.length).fill(Infinity);
  }

  /** Something may have started or let go a state machine. */
  refresh() {
    this.pio.machines.forEach((machine, i) => {
      const runs = machine.enabled && !machine.waiting;
      if (!runs) this.next[i] = Infinity;
      else if (this.next[i] === Infinity) this.next[i] = this.clock.cycles + 1;
    });
    this.schedule();
  }

  schedule() {
    const first = Math.min(...this.next);
    if (first === Infinity) this.alarm.cancel();
    else this.alarm.scheduleAt(this.clock.nanosAt(Math.max(first, this.clock.cycles + BATCH_CYCLES)));
  }

  run() {
    this.catchUp();
    this.refresh();
  }

  catchUp() {
    const { pio, next, clock } = this;
    const now = clock.cycles;
    for (;;) {
      const index = next.indexOf(Math.min(...next));
      if (next[index] > now) break;
      const machine = pio.machines[index];
      if (!machine.enabled || machine.waiting) {
        next[index] = Infinity;
        continue;
      }
      const before = machine.cycles;
      machine.step();
      const divider = (machine.clockDivInt || 0x10000) + machine.clockDivFrac / FRACTION;
      next[index] += Math.max(1, machine.cycles - before) * divider;
      pio.checkChangedPins();
    }
  }
}

/** Puts the PIO blocks of a chip under its clock. */
export function adoptPios(chip) {
  for (const pio of chip.pio) {
    const runner = new PioRunner(pio, chip.clock);
    pio.run = () => runner.refresh();
    pio.writeUint32 = function writeUint32(offset, value) {
      runner.catchUp();
      RPPIO.prototype.writeUint32.call(pio, offset, value);
      runner.refresh();
    };
    pio.readUint32 = function readUint32(offset) {
      runner.catchUp();
      const value = RPPIO.prototype.readUint32.call(pio, offset);
      runner.refresh(); // reading a FIFO lets a machine go
      return value;
    };
    pio.irqUpdated = function irqUpdated() {
      RPPIO.prototype.irqUpdated.call(pio);
      runner.refresh();
    };
  }
  for (const pin of chip.gpio) {
    const inner = pin.setInputValue.bind(pin);
    pin.setInputValue = (value) => {
      inner(value);
      for (const pio of chip.pio) pio.run();
    };
  }
}
