// A PL011 UART (datasheet 4.2): FIFOs, baud rate, interrupts as levels, and errors on the line.
//
// Bytes take their time: one frame to send, one to receive. The host's end of the line is `onByte`
// (a frame has been sent) and `receive` (queue a frame to be sent to the chip).

import { BasePeripheral, FIFO } from './base.mjs';

const DR = 0x000;
const RSR = 0x004;
const FR = 0x018;
const IBRD = 0x024;
const FBRD = 0x028;
const LCR_H = 0x02c;
const CR = 0x030;
const IFLS = 0x034;
const IMSC = 0x038;
const RIS = 0x03c;
const MIS = 0x040;
const ICR = 0x044;
const DMACR = 0x048;
const PERIPHID0 = 0xfe0;
const IDENTIFICATION = [0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1];

const FR_BUSY = 1 << 3;
const FR_RXFE = 1 << 4;
const FR_TXFF = 1 << 5;
const FR_RXFF = 1 << 6;
const FR_TXFE = 1 << 7;

const LCR_FEN = 1 << 4;
const LCR_STP2 = 1 << 3;
const LCR_PEN = 1 << 1;

const CR_UARTEN = 1 << 0;
const CR_LBE = 1 << 7;
const CR_TXE = 1 << 8;
const CR_RXE = 1 << 9;

const INT_RX = 1 << 4;
const INT_TX = 1 << 5;
const INT_RT = 1 << 6;
const INT_OVERRUN = 1 << 10;

const DMA_RX = 1;
const DMA_TX = 2;

// Error flags of a frame, as they lie above the data in DR.
export const FRAMING = 1 << 8;
export const PARITY = 1 << 9;
export const BREAK = 1 << 10;
const OVERRUN = 1 << 11;
const ERRORS_TO_INTERRUPTS = 1; // RIS has the same bits one lower

const FIFO_DEPTH = 32;
const LEVELS = [4, 8, 16, 24, 28]; // of 32, by the IFLS code
const RECEIVE_TIMEOUT_BITS = 32;

export class Uart extends BasePeripheral {
  constructor(chip, name, irq, dreq) {
    super(chip, name);
    this.irq = irq;
    this.dreq = dreq;
    this.transmit = new FIFO(FIFO_DEPTH);
    this.receiveFifo = new FIFO(FIFO_DEPTH);
    this.line = []; // frames on their way to the chip
    this.onByte = () => {};
    this.sent = chip.clock.createAlarm(() => this.frameSent());
    this.arrived = chip.clock.createAlarm(() => this.frameArrived());
    this.quiet = chip.clock.createAlarm(() => this.receiveTimeout());
    this.reset();
  }

  /** As the RESETS block does; what is on the line comes all the same. */
  reset() {
    this.transmit.reset();
    this.receiveFifo.reset();
    this.sent.cancel();
    this.quiet.cancel();
    this.shifting = null; // the frame being sent
    this.integerDivisor = 0;
    this.fractionDivisor = 0;
    this.control = CR_RXE | CR_TXE;
    this.lineControl = 0;
    this.levels = 0x12;
    this.mask = 0;
    this.raw = 0;
    this.dma = 0;
    this.overrun = false;
    this.status = 0;
  }

  // Host side

  /** Puts a frame on the line; `errors` is FRAMING, PARITY and BREAK or'ed. */
  receive(byte, errors = 0) {
    this.line.push(byte | errors);
    if (!this.arrived.scheduled) this.arrived.schedule(this.frameNanos);
  }

  /** Frames that have not reached the chip yet. */
  get backlog() {
    return this.line.length;
  }

  // Line

  get bitNanos() {
    const divisor = this.integerDivisor + this.fractionDivisor / 64;
    return divisor < 1 ? 8680 : (16e9 * divisor) / this.rp2040.clkPeri;
  }

  get frameNanos() {
    const data = 5 + ((this.lineControl >>> 5) & 3);
    const parity = this.lineControl & LCR_PEN ? 1 : 0;
    const stop = this.lineControl & LCR_STP2 ? 2 : 1;
    return (1 + data + parity + stop) * this.bitNanos;
  }

  get depth() {
    return this.lineControl & LCR_FEN ? FIFO_DEPTH : 1;
  }

  enabled(direction) {
    return (this.control & (CR_UARTEN | direction)) === (CR_UARTEN | direction);
  }

  startSending() {
    if (this.shifting !== null || this.transmit.empty || !this.enabled(CR_TXE)) return;
    const before = this.transmit.itemCount;
    this.shifting = this.transmit.pull();
    this.sent.schedule(this.frameNanos);
    // The interrupt comes when the level falls through its mark (PL011 manual, 3.4.3).
    const mark = this.depth === 1 ? 0 : LEVELS[this.levels & 7];
    if (before > mark && this.transmit.itemCount <= mark) this.raw |= INT_TX;
  }

  frameSent() {
    const byte = this.shifting;
    this.shifting = null;
    this.startSending();
    if (this.control & CR_LBE) this.accept(byte);
    else this.onByte(byte);
    this.update();
  }

  frameArrived() {
    const frame = this.line.shift();
    if (this.line.length > 0) this.arrived.schedule(this.frameNanos);
    if (this.control & CR_LBE) return;
    this.accept(frame);
  }

  accept(frame) {
    if (!this.enabled(CR_RXE)) return;
    if (this.receiveFifo.itemCount >= this.depth) {
      this.overrun = true;
      this.raw |= INT_OVERRUN;
    } else {
      this.receiveFifo.push(frame | (this.overrun ? OVERRUN : 0));
      this.overrun = false;
      this.raw |= (frame >>> ERRORS_TO_INTERRUPTS) & (7 << 7);
      if (this.receiveFifo.itemCount >= this.receiveMark) this.raw |= INT_RX;
      this.restartTimeout();
    }
    this.update();
  }

  get receiveMark() {
    return this.depth === 1 ? 1 : LEVELS[(this.levels >>> 3) & 7];
  }

  receiveTimeout() {
    if (!this.receiveFifo.empty) this.raw |= INT_RT;
    this.update();
  }

  update() {
    this.rp2040.setInterrupt(this.irq, (this.raw & this.mask) !== 0);
    this.request(this.dreq.rx, this.dma & DMA_RX && !this.receiveFifo.empty);
    this.request(this.dreq.tx, this.dma & DMA_TX && this.transmit.itemCount < this.depth);
  }

  request(channel, wanted) {
    const { dma } = this.rp2040;
    if (wanted) dma.setDREQ(channel);
    else dma.clearDREQ(channel);
  }

  /** The package calls this when clk_peri changes; the frame under way keeps its length. */
  clkPeriChanged() {}

  // Registers

  get flags() {
    return (
      (this.shifting !== null || !this.transmit.empty ? FR_BUSY : 0) |
      (this.receiveFifo.empty ? FR_RXFE : 0) |
      (this.transmit.itemCount >= this.depth ? FR_TXFF : 0) |
      (this.receiveFifo.itemCount >= this.depth ? FR_RXFF : 0) |
      (this.transmit.empty ? FR_TXFE : 0)
    );
  }

  readData() {
    const frame = this.receiveFifo.pull();
    this.status = (frame >>> 8) & 0xf;
    if (this.receiveFifo.itemCount < this.receiveMark) this.raw &= ~INT_RX;
    if (this.receiveFifo.empty) this.raw &= ~INT_RT;
    this.restartTimeout();
    this.update();
    return frame;
  }

  restartTimeout() {
    if (this.receiveFifo.empty) this.quiet.cancel();
    else this.quiet.schedule(RECEIVE_TIMEOUT_BITS * this.bitNanos);
  }

  clearInterrupts(mask) {
    this.raw &= ~mask;
    if (mask & INT_RT) this.restartTimeout();
  }

  writeData(value) {
    if (this.transmit.itemCount < this.depth) this.transmit.push(value & 0xff);
    const mark = this.depth === 1 ? 0 : LEVELS[this.levels & 7];
    if (this.transmit.itemCount > mark) this.raw &= ~INT_TX;
    this.startSending();
    this.update();
  }

  readUint32(offset) {
    if (offset >= PERIPHID0) return IDENTIFICATION[(offset - PERIPHID0) >> 2] ?? 0;
    switch (offset) {
      case DR: return this.readData();
      case RSR: return this.status;
      case FR: return this.flags;
      case IBRD: return this.integerDivisor;
      case FBRD: return this.fractionDivisor;
      case LCR_H: return this.lineControl;
      case CR: return this.control;
      case IFLS: return this.levels;
      case IMSC: return this.mask;
      case RIS: return this.raw;
      case MIS: return this.raw & this.mask;
      case DMACR: return this.dma;
      default: return 0;
    }
  }

  writeUint32(offset, value) {
    switch (offset) {
      case DR: this.writeData(value); return;
      case RSR: this.status = 0; break;
      case IBRD: this.integerDivisor = value & 0xffff; break;
      case FBRD: this.fractionDivisor = value & 0x3f; break;
      case LCR_H: this.lineControl = value & 0xff; break;
      case CR: this.control = value & 0xffff; this.startSending(); break;
      case IFLS: this.levels = value & 0x3f; break;
      case IMSC: this.mask = value & 0x7ff; break;
      case ICR: this.clearInterrupts(this.rawWriteValue); break;
      case DMACR: this.dma = value & 7; break;
      default: return;
    }
    this.update();
  }
}
