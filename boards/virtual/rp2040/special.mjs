// The special registers of ARMv6-M (ARM DDI 0419, B1.4): flags, stack pointers, PRIMASK, CONTROL.

import { SP, ThumbInterpreter } from './thumb.mjs';

const THUMB = 1 << 24;

export class SpecialRegisters extends ThumbInterpreter {
  get flags() {
    return (this.n & 0x80000000) | (this.z === 0 ? 1 << 30 : 0) | (this.c << 29) | (this.v << 28);
  }

  set flags(value) {
    this.n = value;
    this.z = ~value & (1 << 30);
    this.c = (value >>> 29) & 1;
    this.v = (value >>> 28) & 1;
  }

  get programStatus() {
    return this.flags | THUMB | this.exception;
  }

  selectStack(process) {
    if (this.usesProcessStack === process) return;
    const { r } = this;
    [r[SP], this.otherStack] = [this.otherStack, r[SP]];
    this.usesProcessStack = process;
  }

  setPrimask(masked) {
    this.primask = masked;
    if (!masked) this.attention = 1;
  }

  readSpecial(number) {
    switch (number) {
      case 0: return this.flags; // APSR
      case 1: return this.flags | this.exception; // IAPSR
      case 2: return this.flags; // EAPSR
      case 3: return this.flags | this.exception; // XPSR
      case 5: case 7: return this.exception; // IPSR, IEPSR
      case 6: return 0; // EPSR
      case 8: return this.usesProcessStack ? this.otherStack : this.r[SP]; // MSP
      case 9: return this.usesProcessStack ? this.r[SP] : this.otherStack; // PSP
      case 16: return this.primask ? 1 : 0;
      case 20: return (this.usesProcessStack ? 2 : 0) | (this.unprivileged ? 1 : 0); // CONTROL
      default: return 0;
    }
  }

  writeSpecial(number, value) {
    switch (number) {
      case 0: case 1: case 2: case 3: this.flags = value; break;
      case 8: // MSP
        if (this.usesProcessStack) this.otherStack = value & ~3;
        else this.r[SP] = value & ~3;
        break;
      case 9: // PSP
        if (this.usesProcessStack) this.r[SP] = value & ~3;
        else this.otherStack = value & ~3;
        break;
      case 16: this.setPrimask((value & 1) !== 0); break;
      case 20: // CONTROL
        this.unprivileged = (value & 1) !== 0;
        if (!this.handlerMode) this.selectStack((value & 2) !== 0);
        break;
      default: // the others ignore writes
    }
  }
}
