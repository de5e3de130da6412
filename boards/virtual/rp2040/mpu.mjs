// A core's memory protection unit (ARM DDI 0419, B3.5): which stores to RAM it refuses.
//
// Always holds: the core's `guardAt` and `guardBytes` (offsets into RAM) span all protected addresses;
// without any, guardBytes is 0. So a store costs one comparison, and asks refuses() only inside.
// Loads and instruction fetches are never refused: guards below stacks need neither.

import { RAM_BASE } from './bus.mjs';

const CTRL = 0xd94;
const RNR = 0xd98;
const RBAR = 0xd9c;
const RASR = 0xda0;

const ENABLE = 1;
const HFNMIENA = 2; // in a HardFault and an NMI too
const VALID = 1 << 4; // RBAR names the region
const REGIONS = 8;
const SUBREGIONS = 8;
const SMALLEST_BYTES = 256;
const WRITABLE = 3; // AP: by privileged code; 1 and 2 are so too

export class Mpu {
  constructor(core) {
    this.core = core;
    this.reset();
  }

  reset() {
    this.control = 0;
    this.number = 0;
    this.bases = new Array(REGIONS).fill(0);
    this.attributes = new Array(REGIONS).fill(0);
    this.changed();
  }

  read(offset) {
    switch (offset) {
      case CTRL: return this.control;
      case RNR: return this.number;
      case RBAR: return (this.bases[this.number] | this.number) >>> 0;
      case RASR: return this.attributes[this.number];
      default: return 0;
    }
  }

  write(offset, value) {
    switch (offset) {
      case CTRL: this.control = value & 7; break;
      case RNR: this.number = value % REGIONS; break;
      case RBAR:
        if (value & VALID) this.number = (value & 15) % REGIONS;
        this.bases[this.number] = (value & ~(SMALLEST_BYTES - 1)) >>> 0;
        break;
      case RASR: this.attributes[this.number] = value >>> 0; break;
      default: return;
    }
    this.changed();
  }

  /** The region's first byte and size if no store may go there, or null. */
  protectedRegion(number) {
    const attributes = this.attributes[number];
    const access = (attributes >>> 24) & 7;
    if ((attributes & 1) === 0 || (access >= 1 && access <= WRITABLE)) return null;
    const bytes = Math.max(2 ** (((attributes >>> 1) & 31) + 1), SMALLEST_BYTES);
    return { low: this.bases[number] - (this.bases[number] % bytes), bytes };
  }

  changed() {
    let low = Infinity;
    let high = 0;
    if (this.control & ENABLE) {
      for (let number = 0; number < REGIONS; number++) {
        const region = this.protectedRegion(number);
        if (region === null) continue;
        low = Math.min(low, region.low);
        high = Math.max(high, region.low + region.bytes);
      }
    }
    this.core.guardAt = high === 0 ? 0 : (low - RAM_BASE) | 0;
    this.core.guardBytes = high === 0 ? 0 : (high - low) | 0;
  }

  /** Whether a store to an address between guardAt and its end is refused: the highest region decides. */
  refuses(address) {
    if (this.core.executionPriority < 0 && (this.control & HFNMIENA) === 0) return false;
    for (let number = REGIONS - 1; number >= 0; number--) {
      const attributes = this.attributes[number];
      const bytes = Math.max(2 ** (((attributes >>> 1) & 31) + 1), SMALLEST_BYTES);
      const offset = (address >>> 0) - (this.bases[number] - (this.bases[number] % bytes));
      if ((attributes & 1) === 0 || offset < 0 || offset >= bytes) continue;
      const disabled = (attributes >>> (8 + Math.floor((offset * SUBREGIONS) / bytes))) & 1;
      if (!disabled) return this.protectedRegion(number) !== null;
    }
    return false;
  }
}
