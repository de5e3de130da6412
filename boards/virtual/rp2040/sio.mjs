// The single-cycle IO block (datasheet 2.3.1): what each core has of its own (number, mailbox,
// divider, interpolators), and the way to what both share (GPIO, spinlocks), which is the package's.

import { FIFO, IRQ, RPSIO } from './base.mjs';

const CPUID = 0x000;
const FIFO_ST = 0x050;
const FIFO_WR = 0x054;
const FIFO_RD = 0x058;
const SPINLOCK_ST = 0x05c;
const DIV_UDIVIDEND = 0x060;
const DIV_UDIVISOR = 0x064;
const DIV_SDIVIDEND = 0x068;
const DIV_SDIVISOR = 0x06c;
const DIV_QUOTIENT = 0x070;
const DIV_REMAINDER = 0x074;
const DIV_CSR = 0x078;
const INTERP0_ACCUM0 = 0x080;
const SPINLOCK0 = 0x100;

const FIFO_DEPTH = 8;
const VLD = 1; // there is something to read
const RDY = 2; // there is room to write
const WOF = 4; // something was written when there was no room
const ROE = 8; // something was read when there was nothing

const DIV_READY = 1;
const DIV_DIRTY = 2;

/** The hardware divider. Its result is there at once, where silicon takes eight cycles. */
class Divider {
  constructor() {
    this.dividend = 0;
    this.divisor = 0;
    this.quotient = 0;
    this.remainder = 0;
    this.status = DIV_READY;
  }

  divide(signed) {
    const dividend = signed ? this.dividend | 0 : this.dividend >>> 0;
    const divisor = signed ? this.divisor | 0 : this.divisor >>> 0;
    if (divisor === 0) {
      // Datasheet 2.3.1.5: the remainder is the dividend; the quotient saturates.
      this.quotient = signed && dividend < 0 ? 1 : 0xffffffff;
      this.remainder = dividend >>> 0;
    } else {
      this.quotient = Math.trunc(dividend / divisor) >>> 0;
      this.remainder = (dividend % divisor) >>> 0;
    }
    this.status = DIV_READY | DIV_DIRTY;
  }

  read(offset) {
    switch (offset) {
      case DIV_UDIVIDEND: case DIV_SDIVIDEND: return this.dividend;
      case DIV_UDIVISOR: case DIV_SDIVISOR: return this.divisor;
      case DIV_QUOTIENT:
        this.status &= ~DIV_DIRTY;
        return this.quotient;
      case DIV_REMAINDER: return this.remainder;
      default: return this.status;
    }
  }

  write(offset, value) {
    switch (offset) {
      case DIV_UDIVIDEND: case DIV_SDIVIDEND: this.dividend = value; break;
      case DIV_UDIVISOR: case DIV_SDIVISOR: this.divisor = value; break;
      case DIV_QUOTIENT: this.quotient = value; this.status = DIV_READY | DIV_DIRTY; return;
      case DIV_REMAINDER: this.remainder = value; this.status = DIV_READY | DIV_DIRTY; return;
      default: return;
    }
    this.divide(offset === DIV_SDIVIDEND || offset === DIV_SDIVISOR);
  }
}

export class CoreSio {
  constructor(bus) {
    this.bus = bus;
    this.chip = bus.chip;
    this.id = bus.id;
    this.other = null; // the other core's
    this.divider = new Divider();
    this.interpolators = new RPSIO(bus.chip);
    this.inbox = new FIFO(FIFO_DEPTH);
    this.overflowed = false;
    this.underflowed = false;
  }

  read(offset) {
    if (offset >= SPINLOCK0 || (offset > CPUID && offset < FIFO_ST) || offset === SPINLOCK_ST) {
      return this.chip.sio.readUint32(offset) >>> 0;
    }
    if (offset >= INTERP0_ACCUM0) return this.interpolators.readUint32(offset) >>> 0;
    if (offset >= DIV_UDIVIDEND) return this.divider.read(offset);
    switch (offset) {
      case CPUID: return this.id;
      case FIFO_ST: return this.status;
      case FIFO_RD: return this.pop();
      default: return 0;
    }
  }

  write(offset, value) {
    if (offset >= SPINLOCK0 || (offset > CPUID && offset < FIFO_ST)) {
      this.chip.sio.writeUint32(offset, value);
    } else if (offset >= INTERP0_ACCUM0) this.interpolators.writeUint32(offset, value);
    else if (offset >= DIV_UDIVIDEND) this.divider.write(offset, value);
    else if (offset === FIFO_WR) this.push(value);
    else if (offset === FIFO_ST) this.clearErrors(value);
  }

  get status() {
    return (
      (this.inbox.empty ? 0 : VLD) |
      (this.other.inbox.full ? 0 : RDY) |
      (this.overflowed ? WOF : 0) |
      (this.underflowed ? ROE : 0)
    );
  }

  pop() {
    if (this.inbox.empty) this.underflowed = true;
    else this.last = this.inbox.pull();
    this.updateInterrupt();
    return this.last ?? 0;
  }

  push(value) {
    if (this.other.inbox.full) {
      this.overflowed = true;
      this.updateInterrupt();
    } else {
      this.bus.observe(); // the other core may wake: now, not at the start of this turn
      this.other.inbox.push(value);
      this.other.updateInterrupt();
    }
  }

  clearErrors(value) {
    if (value & WOF) this.overflowed = false;
    if (value & ROE) this.underflowed = false;
    this.updateInterrupt();
  }

  /** Core 0's line is 15 and core 1's 16; both lines reach both NVICs (datasheet 2.3.2). */
  updateInterrupt() {
    const line = this.id === 0 ? IRQ.SIO_PROC0 : IRQ.SIO_PROC1;
    const high = !this.inbox.empty || this.overflowed || this.underflowed;
    this.chip.setInterrupt(line, high);
  }
}
