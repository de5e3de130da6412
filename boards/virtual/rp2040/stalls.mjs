// Holds a core when it comes to a chosen instruction: for so many cycles it does nothing, as if a bus
// did not answer, and the other core runs on. So a test stops a core where it is least expected.
//
// In the code that the cores fetch, a mark takes the place of each such instruction: an encoding that
// ARMv6-M leaves undefined. So what is not marked runs as fast as ever. Flash is marked in a copy, and
// who reads it as data sees what is there. RAM is marked itself: once the program has put its code
// there, and until the next reset.
//
// A stall is { addresses, cycles, core, every, chance, times }: of the times that a core comes to one
// of the addresses (core 0, core 1, or either if it is null), each `every`th counts; of those, one in
// `chance` holds it, by the run's seed; `times` at most, if that is not null.

import { FLASH_BASE, RAM_BASE, RAM_BYTES } from './bus.mjs';
import { Random } from './random.mjs';

const MARK = 0xe800; // the first half of a 32-bit instruction that only ARMv7-M has

export class Stalls {
  constructor(flash, seed) {
    this.flash16 = new Uint16Array(flash.buffer);
    this.random = new Random(seed ^ 0x57a11); // of its own: a stall leaves the order of turns alone
    this.stalls = [];
    this.at = new Map(); // address: what is to happen there
    this.ram = new Map(); // offset into RAM: the instruction that stood there
    this.code16 = this.flash16; // what the cores fetch
    this.chip = null;
  }

  /** Replaces all stalls. */
  set(stalls) {
    this.unmark();
    this.stalls = stalls.map((stall) => ({ ...stall, reached: 0, held: 0 }));
    this.at.clear();
    for (const stall of this.stalls) {
      for (const address of stall.addresses) {
        if (!this.at.has(address)) this.at.set(address, []);
        this.at.get(address).push(stall);
      }
    }
    this.mark();
  }

  /** Of each stall, how often a core came there and how often it was held. */
  counts() {
    return this.stalls.map(({ reached, held }) => ({ reached, held }));
  }

  /** A chip begins, with RAM that holds nothing. */
  adopt(chip) {
    this.chip = chip;
    this.ram.clear();
    this.handOut();
  }

  /** The flash has been erased or written. */
  flashChanged() {
    if (this.code16 !== this.flash16) this.markFlash();
  }

  /** Whether the instruction at an address is a mark, and not one that is undefined by itself. */
  has(address) {
    return this.at.has(address);
  }

  /** Counts that a core has come to a mark; returns the cycles for which it is held. */
  reached(core) {
    let cycles = 0;
    for (const stall of this.at.get(core.pc >>> 0) ?? []) {
      if (stall.core !== null && stall.core !== core.id) continue;
      stall.reached += 1;
      const counts = stall.reached % stall.every === 0 && stall.held !== stall.times;
      if (!counts || this.random.next() % stall.chance !== 0) continue;
      stall.held += 1;
      cycles += stall.cycles;
    }
    return cycles;
  }

  /** Does `execute()` with the instruction itself at an address. */
  lift(address, execute) {
    if (!this.has(address)) { // set() has taken it away meanwhile
      execute();
      return;
    }
    const { code, index, original } = this.place(address);
    const mark = code[index];
    code[index] = original;
    execute();
    // Unless it has written to itself.
    if (code[index] === original) code[index] = mark;
  }

  // Marking

  place(address) {
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) {
      return { code: this.chip.cores[0].ram16, index: ram >>> 1, original: this.ram.get(ram) };
    }
    const index = ((address - FLASH_BASE) & (2 * this.flash16.length - 1)) >>> 1;
    return { code: this.code16, index, original: this.flash16[index] };
  }

  mark() {
    this.code16 = this.at.size === 0 ? this.flash16 : this.flash16.slice();
    this.markFlash();
    for (const address of this.at.keys()) {
      const ram = (address - RAM_BASE) >>> 0;
      if (ram >= RAM_BYTES) continue;
      const { code, index } = this.place(address);
      this.ram.set(ram, code[index]);
      code[index] = MARK;
    }
    this.handOut();
  }

  markFlash() {
    if (this.code16 === this.flash16) return;
    this.code16.set(this.flash16);
    for (const address of this.at.keys()) {
      if ((address - RAM_BASE) >>> 0 < RAM_BYTES) continue;
      const { code, index } = this.place(address);
      code[index] = MARK;
    }
  }

  unmark() {
    for (const [ram, original] of this.ram) {
      const { code, index } = this.place(RAM_BASE + ram);
      if (code[index] === MARK) code[index] = original;
    }
    this.ram.clear();
  }

  handOut() {
    for (const core of this.chip.cores) core.code16 = this.code16;
  }
}
