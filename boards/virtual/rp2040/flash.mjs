// The Pico's flash chip (a Winbond W25Q16JV, 2 MB) and how the RP2040 reaches it: the SSI, the XIP
// block's control registers, and the chip select in IO_QSPI (datasheet 4.10, 2.6.3, 2.19.6.2).
//
// Erasing and writing are done here when the boot ROM is asked for them; they take the typical times
// of the flash's data sheet, during which the core that asked does nothing and the flash cannot be
// read. Bits only go from 1 to 0 without an erase, as in silicon.

import { BasePeripheral } from './base.mjs';

const PAGE_BYTES = 256;
const SECTOR_BYTES = 4096;
const BLOCK_BYTES = 65536;
const PAGE_PROGRAM_S = 0.0004;
const SECTOR_ERASE_S = 0.045;
const BLOCK_ERASE_S = 0.15;

export class FlashMemory {
  /** `hertz()` is clk_sys; `onChange` hears of every erase and write. */
  constructor(bytes, hertz) {
    this.bytes = bytes;
    this.hertz = hertz;
    this.onChange = () => {};
  }

  /** Erases whole sectors; returns the cycles that it takes. */
  erase(address, count) {
    const start = this.offset(address, SECTOR_BYTES);
    const length = Math.ceil(count / SECTOR_BYTES) * SECTOR_BYTES;
    this.bytes.fill(0xff, start, start + length);
    this.onChange();
    const blocks = Math.floor(length / BLOCK_BYTES);
    const sectors = (length - blocks * BLOCK_BYTES) / SECTOR_BYTES;
    return Math.round((blocks * BLOCK_ERASE_S + sectors * SECTOR_ERASE_S) * this.hertz());
  }

  /** Writes whole pages; returns the cycles that it takes. */
  program(address, data) {
    const start = this.offset(address, PAGE_BYTES);
    for (let i = 0; i < data.length; i++) this.bytes[start + i] &= data[i];
    this.onChange();
    return Math.round(Math.ceil(data.length / PAGE_BYTES) * PAGE_PROGRAM_S * this.hertz());
  }

  offset(address, granule) {
    return address & (this.bytes.length - 1) & ~(granule - 1);
  }
}

const SSIENR = 0x08;
const TXFLR = 0x20;
const RXFLR = 0x24;
const SR = 0x28;
const IDR = 0x58;
const VERSION = 0x5c;
const DR0 = 0x60;
const DR35 = 0xec;

const SR_TFNF = 2; // transmit FIFO not full
const SR_TFE = 4; // transmit FIFO empty
const SR_RFNE = 8; // receive FIFO not empty

// The flash's answers, by command byte: what it sends from the second byte on.
const DUMMIES = [0, 0, 0, 0];
const UNIQUE_ID = [0xe6, 0x60, 0x77, 0x65, 0x66, 0x74, 0x00, 0x01];
const ANSWERS = {
  0x05: [0x00], // status 1: not busy
  0x35: [0x02], // status 2: quad mode is on
  0x4b: [...DUMMIES, ...UNIQUE_ID],
  0x9f: [0xef, 0x40, 0x15], // Winbond, W25Q16JV
};

/** The SPI port to the flash, for what programs send past the XIP block: status and ids. */
export class Ssi extends BasePeripheral {
  constructor(chip) {
    super(chip, 'SSI');
    this.registers = new Map();
    this.received = [];
    this.endCommand();
  }

  endCommand() {
    this.answer = null; // null: the next byte is a command
    this.position = 0;
  }

  readUint32(offset) {
    if (offset >= DR0 && offset <= DR35) return this.received.shift() ?? 0;
    switch (offset) {
      case SR:
        if (!this.rp2040.ioQspi.chipSelectForcedLow) this.endCommand();
        return SR_TFNF | SR_TFE | (this.received.length > 0 ? SR_RFNE : 0);
      case TXFLR: return 0;
      case RXFLR: return this.received.length;
      case IDR: return 0x51535049;
      case VERSION: return 0x3430312a;
      default: return this.registers.get(offset) ?? 0;
    }
  }

  writeUint32(offset, value) {
    if (offset >= DR0 && offset <= DR35) {
      this.transfer(value & 0xff);
      return;
    }
    this.registers.set(offset, value);
    if (offset === SSIENR) {
      this.received = [];
      this.endCommand();
      if (value & 1) this.rp2040.setXip(true); // the second stage has set it up again
    }
  }

  transfer(byte) {
    if (this.answer === null) {
      this.answer = ANSWERS[byte] ?? [];
      this.received.push(0xff);
    } else this.received.push(this.answer[this.position++] ?? 0);
  }
}

/** XIP_CTRL: the cache is not modelled; flushing it takes no time. */
export class XipControl extends BasePeripheral {
  constructor(chip) {
    super(chip, 'XIP_CTRL');
    this.registers = new Map([[0x00, 3]]); // CTRL: enabled, faults on bad writes
  }

  readUint32(offset) {
    if (offset === 0x08) return 6; // STAT: FIFO empty, flush done
    if (offset === 0x04) return 0; // FLUSH
    return this.registers.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    this.registers.set(offset, value);
  }
}

const SS_CTRL = 0x0c;
const OUTOVER_SHIFT = 8;
const OUTOVER_LOW = 2;

/** IO_QSPI: keeps what is written; the flash asks whether its chip select is forced low. */
export class IoQspi extends BasePeripheral {
  constructor(chip) {
    super(chip, 'IO_QSPI');
    this.registers = new Map();
  }

  get chipSelectForcedLow() {
    return ((this.readUint32(SS_CTRL) >>> OUTOVER_SHIFT) & 3) === OUTOVER_LOW;
  }

  readUint32(offset) {
    return this.registers.get(offset) ?? 0;
  }

  writeUint32(offset, value) {
    if (offset === SS_CTRL) this.rp2040.ssi.endCommand();
    this.registers.set(offset, value);
  }
}
