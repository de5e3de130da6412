// A powered board: a chip at a time, its flash, its cables, and what has been observed of it.
//
// The machine outlives the chip's resets; its time, in nanoseconds, starts at power-on and never goes
// back. Inputs happen at a given time, as alarms of the chip's clock, so that they repeat exactly.

import { Chip } from './chip.mjs';
import { Random } from './random.mjs';
import { Scheduler } from './scheduler.mjs';
import { Stalls } from './stalls.mjs';
import { BREAK, FRAMING, PARITY } from './uart.mjs';
import { UsbHost } from './usb.mjs';

const MAX_FAULTS = 100; // since the last reset; then the program loops in a fault
const SLEEP_NAMES = ['awake', 'wfi', 'wfe', 'held in reset', 'locked up'];
const LINE_ERRORS = { framing: FRAMING, parity: PARITY, break: BREAK | FRAMING };

export class Machine {
  /** `onEvent(event)` hears of output and of what goes wrong, with the time in nanoseconds. */
  constructor({ flash, seed, turns, onEvent }) {
    this.flash = flash;
    this.random = new Random(seed);
    this.scheduler = new Scheduler(turns, this.random);
    this.stalls = new Stalls(flash, seed);
    this.onEvent = onEvent;
    this.baseNanos = 0;
    this.baseCounts = [0, 1].map(() => ({ cycles: 0, instructions: 0 }));
    this.inputs = []; // {at, apply}, not yet happened
    this.onFlashChange = () => {};
    this.gpioWatched = new Set();
    this.driven = new Map(); // GPIO: the level that the outside gives it
    this.watch = null;
    this.watcher = null; // sees output, and says whether a run has found what it waits for
    this.found = false;
    this.resets = 0;
    this.power('power');
  }

  get nanos() {
    return this.baseNanos + this.chip.clock.nanos;
  }

  reached(nanos) {
    return this.chip.clock.cycles >= this.chip.clock.cycleAt(nanos - this.baseNanos);
  }

  /** Starts a new chip, as a reset of this cause does. */
  power(cause) {
    const watchdog = cause === 'watchdog' ? this.chip.watchdog.remains : null;
    // The watchdog does not touch what says how the chip was started (datasheet 2.12.8).
    if (cause !== 'watchdog') this.chipResetCause = cause;
    this.resetCause = null;
    this.faults = [];
    this.lockups = [];
    this.bootsel = null;
    this.chip = new Chip({
      flash: this.flash,
      random: this.random,
      cause: this.chipResetCause,
      watchdog,
      events: {
        onReset: (why) => { this.resetCause = why; },
        onCoreReset: (core) => {
          this.onEvent({ event: 'core-reset', core: core.id, nanos: this.nanos });
        },
        onBootsel: (why) => { this.bootsel = why; },
        onFault: (core, fault) => this.noteFault(core, fault),
        onLockup: (core) => this.noteLockup(core),
        onUart: (index, byte) => this.output(`uart${index}`, [byte]),
      },
    });
    this.chip.flashMemory.onChange = () => {
      this.stalls.flashChanged();
      this.onFlashChange();
    };
    this.chip.watch = this.watch;
    this.chip.stalls = this.stalls;
    this.stalls.adopt(this.chip);
    const plugged = this.usb?.plugged ?? true;
    this.usb = new UsbHost(
      this.chip.usbCtrl,
      (bytes) => this.output('usb', bytes),
      (attached) => this.onEvent({ event: 'usb', attached, nanos: this.nanos }),
    );
    this.usb.plugged = plugged;
    for (const [index, level] of this.driven) this.chip.pads.drive(index, level);
    for (const index of this.gpioWatched) this.listen(index);
    for (const input of this.inputs) this.arm(input);
  }

  restart() {
    const cause = this.resetCause;
    this.onEvent({ event: 'reset', cause, nanos: this.nanos });
    this.usb.lose(); // a chip in reset does not pull the bus up
    this.baseNanos = this.nanos;
    this.chip.cores.forEach((core, i) => {
      this.baseCounts[i].cycles += core.time;
      this.baseCounts[i].instructions += core.instructions;
    });
    this.resets += 1;
    this.power(cause);
  }

  // Running

  /**
   * Runs to `end` (machine time), through resets, unless it halts or finds what `watcher` waits for.
   * Returns false if nothing can happen any more without the outside.
   */
  run(end) {
    for (;;) {
      if (this.resetCause !== null) this.restart();
      if (this.halted !== null || this.found || this.reached(end)) return true;
      const endCycle = this.chip.clock.cycleAt(end - this.baseNanos);
      const alive = this.scheduler.run(this.chip, endCycle);
      if (!alive && this.resetCause === null) return false;
    }
  }

  /** Why running on makes no sense, or null. */
  get halted() {
    if (this.bootsel !== null) return 'bootsel';
    if (this.faults.length >= MAX_FAULTS) return 'fault-loop';
    if (this.chip.cores[0].lockup !== null) return 'lockup';
    return null;
  }

  // Observations

  output(port, bytes) {
    this.onEvent({ event: 'output', port, bytes, nanos: this.nanos });
    if (this.watcher === null || !this.watcher(port, bytes)) return;
    this.found = true;
    this.chip.stop();
  }

  noteFault(core, fault) {
    if (this.faults.length >= MAX_FAULTS) return;
    const report = {
      core: core.id,
      what: fault.message,
      address: fault.address ?? null,
      pc: core.pc >>> 0,
      lr: core.r[14] >>> 0,
      nanos: this.nanos,
    };
    this.faults.push(report);
    if (this.faults.length === MAX_FAULTS) this.chip.stop();
    if (this.faults.length <= 3) this.onEvent({ event: 'fault', ...report });
  }

  noteLockup(core) {
    const report = { core: core.id, ...core.lockup, nanos: this.nanos };
    this.lockups.push(report);
    this.onEvent({ event: 'lockup', ...report });
  }

  state() {
    return {
      nanos: Math.round(this.nanos),
      hertz: this.chip.clkSys,
      resets: this.resets,
      cores: this.chip.cores.map((core, i) => ({
        cycles: this.baseCounts[i].cycles + core.time,
        instructions: this.baseCounts[i].instructions + core.instructions,
        pc: core.pc >>> 0,
        exception: core.exception,
        sleep: SLEEP_NAMES[core.sleep],
      })),
      faults: this.faults,
      lockups: this.lockups,
      bootsel: this.bootsel,
      backlog: { uart0: this.chip.uart[0].backlog, uart1: this.chip.uart[1].backlog, usb: this.usb.backlog },
      usbReady: this.usb.ready,
      stalls: this.stalls.counts(),
    };
  }

  // Inputs

  /** Does `apply()` at machine time `at`, or now if that has passed. */
  schedule(at, apply) {
    const input = { at, apply };
    this.inputs.push(input);
    this.arm(input);
  }

  arm(input) {
    const alarm = this.chip.clock.createAlarm(() => {
      this.inputs.splice(this.inputs.indexOf(input), 1);
      input.apply();
    });
    alarm.scheduleAt(Math.max(this.chip.clock.nanos, input.at - this.baseNanos));
  }

  send(port, bytes) {
    if (port === 'usb') {
      // After a reset a computer has nowhere to send to until it has found the device again.
      if (this.usb.ready || this.resets === 0) this.usb.send(bytes);
    } else for (const byte of bytes) this.uart(port).receive(byte);
  }

  /** Damages the line: 'framing', 'parity', 'break' on a UART; 'disconnect', 'connect' on USB. */
  inject(port, kind, byte) {
    if (kind === 'disconnect') this.usb.unplug();
    else if (kind === 'connect') this.usb.plug();
    else this.uart(port).receive(byte, LINE_ERRORS[kind]);
  }

  checkInjection(port, kind) {
    if (port !== 'usb') this.uart(port);
    const kinds = port === 'usb' ? ['disconnect', 'connect'] : Object.keys(LINE_ERRORS);
    if (!kinds.includes(kind)) throw new Error(`${port} has no fault called ${kind}: ${kinds.join(', ')}`);
  }

  uart(port) {
    const uart = { uart0: this.chip.uart[0], uart1: this.chip.uart[1] }[port];
    if (uart === undefined) throw new Error(`there is no port ${port}: uart0, uart1, usb`);
    return uart;
  }

  reset(cause) {
    this.resetCause = cause;
    this.chip.stop();
  }

  // GPIO and traces

  pin(index) {
    const pin = this.chip.gpio[index];
    if (pin === undefined) throw new Error(`there is no GPIO ${index}: 0 to 29`);
    return pin;
  }

  drive(index, level) {
    this.pin(index);
    this.driven.set(index, level);
    this.chip.pads.drive(index, level);
  }

  level(index) {
    this.pin(index);
    return this.chip.pads.levels[index];
  }

  watchGpio(index) {
    this.pin(index);
    if (this.gpioWatched.has(index)) return;
    this.gpioWatched.add(index);
    this.listen(index);
  }

  listen(index) {
    let last = this.level(index);
    this.pin(index).addListener(() => {
      const level = this.level(index);
      if (level === last) return;
      last = level;
      this.onEvent({ event: 'gpio', pin: index, level, nanos: this.nanos });
    });
  }

  /** Reports which core executes which of these addresses, and when; an empty list ends it. */
  watchAddresses(addresses) {
    const wanted = new Set(addresses.map((address) => (address & ~1) >>> 0));
    this.watch = wanted.size === 0 ? null : {
      executing: (core) => {
        const pc = core.pc >>> 0;
        if (!wanted.has(pc)) return;
        this.onEvent({ event: 'execute', core: core.id, address: pc, cycle: core.time });
      },
    };
    this.chip.watch = this.watch;
  }
}
