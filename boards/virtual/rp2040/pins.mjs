// GPIO: what level a pad has, and the interrupts of IO_BANK0 for each core (datasheet 2.19).
//
// A pad has the level that the outside drives; else the chip's own output; else that of its pull
// resistor. A pin that drives itself can therefore be read back, as in silicon.

import { RPIO, RPPADS } from './base.mjs';

const IO_IRQ_BANK0 = 13;
const PINS_PER_REGISTER = 8;

export class Pads {
  constructor(chip) {
    this.chip = chip;
    this.driven = new Array(chip.gpio.length).fill(null); // by the outside: true, false, null
    this.levels = new Array(chip.gpio.length).fill(false);
    for (const pin of chip.gpio) pin.addListener(() => this.update(pin));
  }

  /** The outside drives a pin (true, false), or lets go of it (null). */
  drive(index, level) {
    this.driven[index] = level;
    this.update(this.chip.gpio[index]);
  }

  update(pin) {
    const driven = this.driven[pin.index];
    const level = driven ?? (pin.outputEnable ? pin.outputValue : pin.pullupEnabled);
    if (level === this.levels[pin.index]) return;
    this.levels[pin.index] = level;
    pin.setInputValue(level);
  }
}

/** The package's pads, telling Pads of a pull resistor that was switched. */
export class BankPads extends RPPADS {
  writeUint32(offset, value) {
    super.writeUint32(offset, value);
    if (offset >= 4) {
      const pin = this.getPinFromOffset(offset);
      if (pin !== undefined) this.rp2040.pads.update(pin);
    }
  }
}

const INTR0 = 0x0f0;
const PROC1_INTE0 = 0x130;
const PROC1_INTF0 = 0x140;
const PROC1_INTS0 = 0x150;
const PROC1_END = 0x160;

/** The package's IO_BANK0, which knows core 0 only, with core 1's enables, forces and status. */
export class IoBank0 extends RPIO {
  constructor(chip) {
    super(chip, 'IO_BANK0');
    this.enable1 = new Uint32Array(4);
    this.force1 = new Uint32Array(4);
  }

  raw(index) {
    return super.readUint32(INTR0 + 4 * index);
  }

  status1(index) {
    return ((this.raw(index) & this.enable1[index]) | this.force1[index]) >>> 0;
  }

  readUint32(offset) {
    const index = (offset & 0xf) >> 2;
    if (offset < PROC1_INTE0 || offset >= PROC1_END) return super.readUint32(offset) >>> 0;
    if (offset < PROC1_INTF0) return this.enable1[index];
    if (offset < PROC1_INTS0) return this.force1[index];
    return this.status1(index);
  }

  writeUint32(offset, value) {
    const index = (offset & 0xf) >> 2;
    if (offset < PROC1_INTE0 || offset >= PROC1_END) {
      super.writeUint32(offset, value);
      if (offset < INTR0) this.rp2040.pads.update(this.rp2040.gpio[offset >> 3]);
    } else if (offset < PROC1_INTF0) this.enable1[index] = value;
    else if (offset < PROC1_INTS0) this.force1[index] = value;
    this.updateInterrupts();
  }

  /** The one interrupt that is wired to each core on its own. */
  updateInterrupts() {
    const { gpio, cores } = this.rp2040;
    cores[0].setLine(IO_IRQ_BANK0, gpio.some((pin) => pin.irqValue));
    let pending1 = false;
    for (let i = 0; i * PINS_PER_REGISTER < gpio.length; i++) pending1 ||= this.status1(i) !== 0;
    cores[1].setLine(IO_IRQ_BANK0, pending1);
  }
}
