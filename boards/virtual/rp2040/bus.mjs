// What one core sees: the memory map (datasheet 2.2), with the parts that each core has of its own.
//
// thumb.mjs reads RAM and flash itself and comes here for the rest. An address at which nothing
// answers, or that is not aligned, throws GuestFault, which the core turns into a HardFault.

export const RAM_BASE = 0x20000000;
export const RAM_BYTES = 264 * 1024;
export const FLASH_BASE = 0x10000000;
export const ROM_BYTES = 0x4000;

const FLASH_END = 0x14000000;
const SIO_BASE = 0xd0000000;
const USB_RAM_BASE = 0x50100000;
const USB_RAM_BYTES = 0x1000;
const PPB_PAGE = 0xe000e;

// Cycles on top of the two that every load or store takes: none is left of them for the single-cycle
// SIO, and a peripheral behind the APB bridge adds more.
const SIO_CYCLES = -1;
const APB_READ_CYCLES = 2;
const APB_WRITE_CYCLES = 3;
const CYCLES = 16; // the slot of the core's register file that counts them

/** The guest did something that ends in a HardFault. */
export class GuestFault extends Error {
  constructor(what, address) {
    super(what);
    this.address = address;
  }
}

export class CoreBus {
  constructor(chip, id) {
    this.chip = chip;
    this.id = id;
    this.ram = chip.sram;
    this.ramView = chip.sramView;
    this.flash = chip.flash;
    this.xipEnabled = true; // false while the flash is being erased or written
    this.core = null;
    this.sio = null;
    this.ppb = null;
  }

  unaligned(address) {
    throw new GuestFault('unaligned access', address >>> 0);
  }

  /** A store between the addresses that the MPU protects. */
  guarded(address) {
    if (!this.ppb.mpu.refuses(address)) return;
    throw new GuestFault('write to memory that the MPU protects', address >>> 0);
  }

  badBranch(address) {
    throw new GuestFault('branch to an ARM (not Thumb) address', address >>> 0);
  }

  undefinedInstruction(op) {
    throw new GuestFault(`undefined instruction 0x${op.toString(16)}`, undefined);
  }

  breakpoint(number) {
    // Where a Pico SDK program stops when main() returns, and after a panic.
    throw new GuestFault(`breakpoint ${number} (the program has ended, or given up)`, undefined);
  }

  unmapped(verb, address) {
    if (address >= FLASH_BASE && address < FLASH_END && verb !== 'write to') {
      throw new GuestFault('flash access while the flash is being written', address);
    }
    throw new GuestFault(`${verb} an address where nothing is`, address);
  }

  fetch16(address) {
    if (address >= FLASH_BASE && address < FLASH_END) this.unmapped('read from', address);
    throw new GuestFault('execution of an address that holds no code', address);
  }

  /** Brings emulated time up to this core's, for a device that looks at the clock. */
  observe() {
    const { core, chip } = this;
    chip.clock.observe(core.time + core.r[CYCLES]);
    chip.core = core;
  }

  read32(address) {
    const { core } = this;
    if (address >= SIO_BASE && address < SIO_BASE + 0x200) {
      core.r[CYCLES] += SIO_CYCLES;
      return this.sio.read(address & 0x1ff);
    }
    if (address >>> 12 === PPB_PAGE) {
      this.observe();
      return this.ppb.read(address & 0xfff);
    }
    if (address < ROM_BYTES) return this.chip.bootrom[address >>> 2];
    if (address >= USB_RAM_BASE && address < USB_RAM_BASE + USB_RAM_BYTES) {
      return this.chip.usbDPRAMView.getUint32(address - USB_RAM_BASE, true);
    }
    const device = this.device(address, 'read from');
    core.r[CYCLES] += APB_READ_CYCLES;
    this.observe();
    return device.readUint32(address & 0xfff) >>> 0;
  }

  read16(address) {
    const word = this.read32((address & ~3) >>> 0);
    return (address & 2) === 0 ? word & 0xffff : word >>> 16;
  }

  read8(address) {
    return (this.read32((address & ~3) >>> 0) >>> ((address & 3) * 8)) & 0xff;
  }

  write32(address, value) {
    const { core } = this;
    if (address >= SIO_BASE && address < SIO_BASE + 0x200) {
      core.r[CYCLES] += SIO_CYCLES;
      this.sio.write(address & 0x1ff, value);
      return;
    }
    if (address >>> 12 === PPB_PAGE) {
      this.observe();
      this.ppb.write(address & 0xfff, value);
      return;
    }
    if (address >= USB_RAM_BASE && address < USB_RAM_BASE + USB_RAM_BYTES) {
      this.observe();
      this.chip.writeUint32(address, value);
      return;
    }
    if (address < ROM_BYTES) return; // silicon ignores it; TinyUSB 0.18 does it
    const device = this.device(address, 'write to');
    core.r[CYCLES] += APB_WRITE_CYCLES;
    this.observe();
    // Each register has three aliases: XOR, set, clear (datasheet 2.1.2).
    device.writeUint32Atomic(address & 0xfff, value, (address >>> 12) & 3);
  }

  // Narrow writes: RAM-like memory takes them as they are; a peripheral sees the value on all byte
  // lanes of the whole register (datasheet 2.1.4).

  write16(address, value) {
    if (address >= USB_RAM_BASE && address < USB_RAM_BASE + USB_RAM_BYTES) {
      this.chip.writeUint16(address, value);
    } else this.write32((address & ~3) >>> 0, (value | (value << 16)) >>> 0);
  }

  write8(address, value) {
    if (address >= USB_RAM_BASE && address < USB_RAM_BASE + USB_RAM_BYTES) {
      this.chip.writeUint8(address, value);
    } else this.write32((address & ~3) >>> 0, (value * 0x01010101) >>> 0);
  }

  device(address, verb) {
    const device = address < SIO_BASE ? this.chip.findPeripheral(address) : undefined;
    if (device === undefined) this.unmapped(verb, address);
    return device;
  }
}
