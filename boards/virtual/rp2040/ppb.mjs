// A core's private peripheral bus: SysTick, NVIC, system control and MPU (ARM DDI 0419, B3; datasheet
// 2.4.8). Each core has one.

import { Mpu } from './mpu.mjs';

const SYST_CSR = 0x010;
const SYST_RVR = 0x014;
const SYST_CVR = 0x018;
const SYST_CALIB = 0x01c;
const NVIC_ISER = 0x100;
const NVIC_ICER = 0x180;
const NVIC_ISPR = 0x200;
const NVIC_ICPR = 0x280;
const NVIC_IPR0 = 0x400;
const NVIC_IPR7 = 0x41c;
const CPUID = 0xd00;
const ICSR = 0xd04;
const VTOR = 0xd08;
const AIRCR = 0xd0c;
const SCR = 0xd10;
const CCR = 0xd14;
const SHPR2 = 0xd1c;
const SHPR3 = 0xd20;
const SHCSR = 0xd24;
const MPU_TYPE = 0xd90;
const MPU_RASR = 0xda0;

const ENABLE = 1;
const TICKINT = 2;
const CLKSOURCE = 4; // clk_sys; otherwise the watchdog's tick of 1 microsecond
const COUNTFLAG = 1 << 16;
const NANOS_PER_TICK = 1000;

const SVCALL = 11;
const PENDSV = 14;
const SYSTICK = 15;

const PENDSVSET = 1 << 28;
const PENDSVCLR = 1 << 27;
const PENDSTSET = 1 << 26;
const PENDSTCLR = 1 << 25;
const ISRPENDING = 1 << 22;
const SYSRESETREQ = 4;
const VECTKEY = 0x05fa;

/** The 24-bit down counter. Its value is computed from the clock when somebody asks. */
class SysTick {
  constructor(core, clock) {
    this.core = core;
    this.clock = clock;
    this.alarm = clock.createAlarm(() => this.reachedZero());
    this.reset();
  }

  reset() {
    this.control = 0;
    this.reload = 0;
    this.startValue = 0; // the counter at tick startTick
    this.startTick = 0;
    this.counted = false; // COUNTFLAG
    this.alarm.cancel();
  }

  get now() {
    if (this.control & CLKSOURCE) return this.clock.cycles;
    return Math.floor(this.clock.nanos / NANOS_PER_TICK);
  }

  get value() {
    if (!(this.control & ENABLE)) return this.startValue;
    const elapsed = this.now - this.startTick;
    if (elapsed <= this.startValue) return this.startValue - elapsed;
    return this.reload - ((elapsed - this.startValue - 1) % (this.reload + 1));
  }

  /** Applies a change from this moment on. */
  change(apply) {
    const value = this.value;
    apply();
    this.startFrom(value);
  }

  startFrom(value) {
    this.startValue = value;
    this.startTick = this.now;
    this.alarm.cancel();
    if (!(this.control & ENABLE) || (value === 0 && this.reload === 0)) return;
    const zero = this.startTick + (value === 0 ? this.reload + 1 : value);
    this.alarm.scheduleAt(
      this.control & CLKSOURCE ? this.clock.nanosAt(zero) : zero * NANOS_PER_TICK,
    );
    this.zeroTick = zero;
  }

  reachedZero() {
    this.counted = true;
    if (this.control & TICKINT) {
      this.core.pendingSystick = true;
      this.core.review();
    }
    // From the exact tick, though the alarm may have fired a few cycles late.
    const late = this.now - this.zeroTick;
    this.startFrom(0);
    if (late > 0 && this.reload > late) {
      this.startFrom(this.reload + 1 - late);
    }
  }

  readControl() {
    const value = this.control | (this.counted ? COUNTFLAG : 0);
    this.counted = false;
    return value;
  }

  clear() {
    this.counted = false;
    this.startFrom(0);
  }
}

export class PrivatePeripherals {
  constructor(core, chip) {
    this.core = core;
    this.chip = chip;
    this.systick = new SysTick(core, chip.clock);
    this.mpu = new Mpu(core);
  }

  reset() {
    this.systick.reset();
    this.mpu.reset();
  }

  /** clk_sys has changed, and with it when the counter reaches zero. */
  clockChanged() {
    this.systick.change(() => {});
  }

  read(offset) {
    const { core, systick } = this;
    if (offset >= NVIC_IPR0 && offset <= NVIC_IPR7) return this.readPriorities(offset - NVIC_IPR0);
    switch (offset) {
      case SYST_CSR: return systick.readControl();
      case SYST_RVR: return systick.reload;
      case SYST_CVR: return systick.value;
      case SYST_CALIB: return 0xc000270f; // no reference clock; 10 ms would be 9999 ticks of 1 us
      case NVIC_ISER: case NVIC_ICER: return core.enabled >>> 0;
      case NVIC_ISPR: case NVIC_ICPR: return core.pending >>> 0;
      case CPUID: return 0x410cc601; // Cortex-M0+ r0p1
      case ICSR: return this.readInterruptState();
      case VTOR: return core.vectorTable >>> 0;
      case AIRCR: return VECTKEY << 16;
      case SCR: return core.systemControl;
      case CCR: return 0x208; // STKALIGN and UNALIGN_TRP, both fixed
      case SHPR2: return (core.priorityOf[SVCALL] << 30) >>> 0;
      case SHPR3: return ((core.priorityOf[PENDSV] << 22) | (core.priorityOf[SYSTICK] << 30)) >>> 0;
      case SHCSR: return core.pendingSvcall ? 1 << 15 : 0;
      case MPU_TYPE: return 0x800; // 8 regions
      default: return this.mpu.read(offset);
    }
  }

  write(offset, value) {
    const { core, systick } = this;
    if (offset >= NVIC_IPR0 && offset <= NVIC_IPR7) {
      this.writePriorities(offset - NVIC_IPR0, value);
      return;
    }
    switch (offset) {
      case SYST_CSR: systick.change(() => { systick.control = value & 7; }); break;
      case SYST_RVR: systick.change(() => { systick.reload = value & 0xffffff; }); break;
      case SYST_CVR: systick.clear(); break;
      case NVIC_ISER: core.enabled |= value; core.review(); break;
      case NVIC_ICER: core.enabled &= ~value; break;
      case NVIC_ISPR: core.pend(value | 0); break;
      case NVIC_ICPR: this.clearPending(value); break;
      case ICSR: this.writeInterruptState(value); break;
      case VTOR: core.vectorTable = value & 0xffffff00; break;
      case AIRCR:
        if (value >>> 16 === VECTKEY && value & SYSRESETREQ) this.chip.requestCoreReset(core);
        break;
      case SCR: core.systemControl = value & 0x16; break;
      case SHPR2: core.priorityOf[SVCALL] = value >>> 30; core.review(); break;
      case SHPR3:
        core.priorityOf[PENDSV] = (value >>> 22) & 3;
        core.priorityOf[SYSTICK] = value >>> 30;
        core.review();
        break;
      default:
        if (offset > MPU_TYPE && offset <= MPU_RASR) this.mpu.write(offset, value);
    }
  }

  /** A line that is high stays pending, unless its handler is running. */
  clearPending(value) {
    const { core } = this;
    let held = core.lines;
    for (const exception of core.activeExceptions) {
      if (exception >= 16) held &= ~(1 << (exception - 16));
    }
    core.pending &= ~value | held;
  }

  readPriorities(first) {
    let value = 0;
    for (let i = 0; i < 4; i++) value |= this.core.priorities[first + i] << (8 * i + 6);
    return value >>> 0;
  }

  writePriorities(first, value) {
    for (let i = 0; i < 4; i++) this.core.priorities[first + i] = (value >>> (8 * i + 6)) & 3;
    this.core.review();
  }

  readInterruptState() {
    const { core } = this;
    let value = core.exception | (core.nextException << 12);
    if (core.pending & core.enabled) value |= ISRPENDING;
    if (core.pendingSystick) value |= PENDSTSET;
    if (core.pendingPendsv) value |= PENDSVSET;
    return value >>> 0;
  }

  writeInterruptState(value) {
    const { core } = this;
    if (value & PENDSVSET) core.pendingPendsv = true;
    if (value & PENDSVCLR) core.pendingPendsv = false;
    if (value & PENDSTSET) core.pendingSystick = true;
    if (value & PENDSTCLR) core.pendingSystick = false;
    core.review();
  }
}
