// The small devices that the package lacks, or has too simple for two cores and for resets: power,
// resets, oscillator, timer, watchdog.

import { BasePeripheral, RPPSM, RPReset, RPTimer, RPWatchdog } from './base.mjs';

const PSM_FRCE_OFF = 0x04;
const PSM_PROC1 = 1 << 16;

/** The power-on state machine: programs use it to reset core 1 (datasheet 2.13). */
export class PowerOnStateMachine extends RPPSM {
  writeUint32(offset, value) {
    const before = this.frceOff & PSM_PROC1;
    super.writeUint32(offset, value);
    if (offset !== PSM_FRCE_OFF) return;
    const after = this.frceOff & PSM_PROC1;
    const core1 = this.rp2040.cores[1];
    if (after && !before) core1.hold();
    else if (before && !after) core1.release();
  }
}

const RESETS_RESET = 0x0;
const RESETS_DONE = 0x8;
const ALL_BLOCKS = 0x1ffffff;
const UART_BITS = [1 << 22, 1 << 23];

/** RESETS: says truly what is out of reset, and resets the UARTs (datasheet 2.14). */
export class Resets extends RPReset {
  readUint32(offset) {
    return offset === RESETS_DONE ? ~this.reset & ALL_BLOCKS : super.readUint32(offset);
  }

  writeUint32(offset, value) {
    const before = this.reset;
    super.writeUint32(offset, value);
    if (offset !== RESETS_RESET) return;
    const entered = this.reset & ~before;
    this.rp2040.uart.forEach((uart, i) => {
      if (entered & UART_BITS[i]) uart.reset();
    });
  }
}

const ROSC_RANDOMBIT = 0x1c;
const ROSC_STATUS = 0x18;
const ROSC_STABLE_ENABLED = (1 << 31) | (1 << 12);

/** The ring oscillator; its random bit comes from the run's seed, so that runs repeat. */
export class RingOscillator extends BasePeripheral {
  constructor(chip, random) {
    super(chip, 'ROSC');
    this.random = random;
    this.registers = new Map([[0x00, 0xaa0], [0x10, 16]]);
  }

  readUint32(offset) {
    if (offset === ROSC_RANDOMBIT) return this.random.next() & 1;
    if (offset === ROSC_STATUS) return ROSC_STABLE_ENABLED >>> 0;
    return this.registers.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    this.registers.set(offset, value);
  }
}

const CHIP_RESET = 0x08;
const HAD_POR = 1 << 8;
const HAD_RUN = 1 << 16;
const VREG_REGULATED = 1 << 12;

/** VREG_AND_CHIP_RESET: why the chip last started, apart from the watchdog (datasheet 2.12.8). */
export class ChipReset extends BasePeripheral {
  constructor(chip, cause) {
    super(chip, 'VREG_AND_CHIP_RESET');
    this.cause = cause === 'run' ? HAD_RUN : HAD_POR;
    this.regulator = 0xb1;
  }

  readUint32(offset) {
    if (offset === 0) return this.regulator | VREG_REGULATED;
    return offset === CHIP_RESET ? this.cause : 0x9;
  }

  writeUint32(offset, value) {
    if (offset === 0) this.regulator = value & 0xff;
  }
}

const TIMEHW = 0x00;
const TIMELW = 0x04;
const TIMEHR = 0x08;
const TIMELR = 0x0c;
const ALARM0 = 0x10;
const ALARM3 = 0x1c;
const TIMERAWH = 0x24;
const TIMERAWL = 0x28;
const MICROSECONDS = 1000;

/**
 * The 64-bit timer (4.6); an alarm fires when the counter reaches it, not within the microsecond
 * before. The counter can be set, low half first: it then runs `ahead` of the clock.
 */
export class Timer extends RPTimer {
  ahead = 0; // whole microseconds
  low = 0;

  get micros() {
    return Math.floor(this.clock.micros) + this.ahead;
  }

  readUint32(offset) {
    const { micros } = this;
    if (offset === TIMELR) this.latchedTimeHigh = Math.floor(micros / 2 ** 32);
    if (offset === TIMEHR) return this.latchedTimeHigh;
    if (offset === TIMERAWH) return Math.floor(micros / 2 ** 32);
    if (offset === TIMELR || offset === TIMERAWL) return micros >>> 0;
    return super.readUint32(offset);
  }

  writeUint32(offset, value) {
    if (offset === TIMELW) this.low = value >>> 0;
    else if (offset === TIMEHW) this.set((value >>> 0) * 2 ** 32 + this.low);
    else if (offset >= ALARM0 && offset <= ALARM3) this.arm(this.alarms[(offset - ALARM0) >> 2], value);
    else super.writeUint32(offset, value);
  }

  set(micros) {
    this.ahead += micros - this.micros;
    for (const alarm of this.alarms) if (alarm.armed) this.arm(alarm, alarm.targetMicros);
  }

  arm(alarm, target) {
    const wait = (target - this.micros) >>> 0 || 2 ** 32; // the counter has to come round again
    alarm.armed = true;
    alarm.targetMicros = target;
    alarm.clockAlarm.scheduleAt((Math.floor(this.clock.micros) + wait) * MICROSECONDS);
  }
}

/** The watchdog; REASON and the scratch registers outlive the resets that it causes (4.7). */
export class Watchdog extends RPWatchdog {
  constructor(chip, survivor) {
    super(chip, 'WATCHDOG');
    if (survivor) {
      this.reason = survivor.reason;
      this.scratchData.set(survivor.scratchData);
    }
    this.onWatchdogTrigger = () => chip.requestReset('watchdog');
  }

  /** What the next chip takes over after a reset by this watchdog. */
  get remains() {
    return { reason: this.reason, scratchData: this.scratchData };
  }
}
