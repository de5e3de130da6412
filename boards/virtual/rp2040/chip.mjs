// An RP2040 with both cores: the package's peripherals, and ours in place of those that do not serve.
//
// Not modelled: what memory costs (XIP cache, bus contention: every access takes the least time), the
// time of the divider, the MPU's protection, the unstriped aliases of the RAM, and what the package
// leaves out of its ADC, I2C, SPI, PWM and RTC.
//
// A chip lives from one reset to the next; machine.mjs makes a new one for each, with the same flash.
// What happens here that the outside wants to know goes to `events`: onReset, onCoreReset, onBootsel,
// onFault, onLockup, onUart(index, byte).

import { DREQChannel, IRQ, RP2040 } from './base.mjs';
import { BootRom } from './bootrom.mjs';
import { CoreBus } from './bus.mjs';
import { Clock } from './clock.mjs';
import { Core } from './core.mjs';
import {
  ChipReset, PowerOnStateMachine, Resets, RingOscillator, Timer, Watchdog,
} from './devices.mjs';
import { FlashMemory, IoQspi, Ssi, XipControl } from './flash.mjs';
import { BankPads, IoBank0, Pads } from './pins.mjs';
import { adoptPios } from './pio.mjs';
import { PrivatePeripherals } from './ppb.mjs';
import { CoreSio } from './sio.mjs';
import { Uart } from './uart.mjs';
import { UsbController } from './usb.mjs';

const ROSC_HERTZ = 6.5e6;

export class Chip extends RP2040 {
  /**
   * flash: the flash's bytes, a power of two of them, kept from chip to chip.
   * cause: what CHIP_RESET says, 'power' or 'run' (the RUN pin).
   * watchdog: what the last chip's left behind, if it was the watchdog that reset it.
   */
  constructor({ flash, random, events, cause = 'power', watchdog = null }) {
    super(new Clock(ROSC_HERTZ));
    this.events = events;
    this.clkSys = ROSC_HERTZ;
    this.clkPeri = ROSC_HERTZ;
    this.logger = { debug() {}, info() {}, warn() {}, error() {} };
    this.flash = flash;
    this.flashView = new DataView(flash.buffer);
    this.flashMemory = new FlashMemory(flash, () => this.clkSys);
    this.stopped = false; // something has happened that the machine has to look at
    this.watch = null; // what hears of every instruction, when somebody traces (machine.mjs)
    this.stalls = null; // what may hold a core, if somebody does (stalls.mjs)
    this.cores = [];
    this.buses = [0, 1].map((id) => new CoreBus(this, id));
    this.replaceDevices(random, cause, watchdog);
    this.rom = new BootRom(this);
    this.makeCores();
    this.addClockListener((hertz) => this.clockChanged(hertz));
  }

  replaceDevices(random, cause, watchdog) {
    const dreqs = [
      { rx: DREQChannel.DREQ_UART0_RX, tx: DREQChannel.DREQ_UART0_TX },
      { rx: DREQChannel.DREQ_UART1_RX, tx: DREQChannel.DREQ_UART1_TX },
    ];
    this.uart = dreqs.map((dreq, i) => new Uart(this, `UART${i}`, IRQ.UART0 + i, dreq));
    this.uart.forEach((uart, i) => {
      uart.onByte = (byte) => this.events.onUart(i, byte);
    });
    this.ssi = new Ssi(this);
    this.ioQspi = new IoQspi(this);
    this.ioBank0 = new IoBank0(this);
    this.pads = new Pads(this);
    this.usbCtrl = new UsbController(this, 'USB');
    this.watchdog = new Watchdog(this, watchdog);
    Object.assign(this.peripherals, {
      0x14000: new XipControl(this),
      0x18000: this.ssi,
      0x4000c: new Resets(this, 'RESETS'),
      0x40010: new PowerOnStateMachine(this, 'PSM'),
      0x40014: this.ioBank0,
      0x40018: this.ioQspi,
      0x4001c: new BankPads(this, 'PADS_BANK0', 'bank0'),
      0x40034: this.uart[0],
      0x40038: this.uart[1],
      0x40054: new Timer(this, 'TIMER'),
      0x40058: this.watchdog,
      0x40060: new RingOscillator(this, random),
      0x50110: this.usbCtrl,
      0x40064: new ChipReset(this, cause),
    });
    adoptPios(this);
    // The package lets a channel that is off count all the same, and wake the chip for it.
    for (const channel of this.pwm.channels) channel.updateEnable();
  }

  makeCores() {
    for (const bus of this.buses) {
      const core = new Core(bus);
      bus.core = core;
      bus.sio = new CoreSio(bus);
      bus.ppb = new PrivatePeripherals(core, this);
      this.cores.push(core);
      this.rom.start(core);
    }
    this.buses[0].sio.other = this.buses[1].sio;
    this.buses[1].sio.other = this.buses[0].sio;
    this.core = this.cores[0];
    this.clock.onScheduled = () => this.endTurns();
  }

  // What the package's peripherals call

  reset() {} // its constructor would fill a flash that is not ours

  setInterrupt(irq, high) {
    for (const core of this.cores) core.setLine(irq, high);
  }

  updateIOInterrupt() {
    if (this.cores.length > 0) this.ioBank0.updateInterrupts();
  }

  clockChanged(hertz) {
    this.clock.setFrequency(hertz);
    this.stop(); // where the machine wanted to stop is another cycle now
    for (const bus of this.buses) bus.ppb.clockChanged();
  }

  // What our own parts call

  /** An alarm or a waking core has to be looked at: no core goes on for long. */
  endTurns() {
    for (const core of this.cores) core.yieldTurn();
  }

  /** Ends the run under way, at the end of the current turns. */
  stop() {
    this.stopped = true;
    this.endTurns();
  }

  sendEvent(sender) {
    sender.bus.observe(); // the other core wakes now, not at the start of this turn
    for (const core of this.cores) core.setEvent();
  }

  setXip(enabled) {
    for (const bus of this.buses) bus.xipEnabled = enabled;
    this.endTurns(); // the interpreter looks at it once a turn
  }

  requestReset(cause) {
    this.events.onReset(cause);
    this.stop();
  }

  /** SYSRESETREQ resets the core that asks, and nothing else (datasheet 2.4.2.9). */
  requestCoreReset(core) {
    core.resetRequested = true;
    core.yieldTurn();
    this.events.onCoreReset(core);
  }

  onBootsel(why) {
    this.events.onBootsel(why);
    this.stop();
  }

  onFault(core, fault) {
    this.events.onFault(core, fault);
  }

  onLockup(core) {
    this.events.onLockup(core);
    this.stop();
  }
}
