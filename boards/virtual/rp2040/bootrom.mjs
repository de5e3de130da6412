// A boot ROM of our own (datasheet 2.8): no byte of Raspberry Pi's is here.
//
// What programs read of the ROM is laid out as they expect it: the magic, the version, the tables of
// functions and data. What they call is not code: each function is an address, and when a core comes
// to it, the JavaScript below does the work and returns to LR. A function that takes long, or waits,
// keeps its state in the core's registers and is called again, so that interrupts, the other core
// and resets meet it half-way, as they would meet code.

import { WFE } from './core.mjs';
import { DOUBLE_TABLE, SINGLE_TABLE } from './softfloat.mjs';
import { LR, SP } from './thumb.mjs';

const VERSION = 3; // of the ROM in the RP2040 B2
const STACK_TOP = 0x20041f00;
const BOOT2_COPY = 0x20041f00;
const BOOT2_BYTES = 256;
const FUNCTIONS = 0x0100; // where the functions' addresses start
const TABLES = 0x1000;
const COPY_BYTES_PER_CALL = 16;
const WATCHDOG_BOOT_MAGIC = 0xb007c0d3;
const BOOT_CYCLES = 2000; // about what the real ROM takes to copy and check the second stage

// What core 1 waits for: to begin, then these words; the vector table comes after ONE, then the stack.
const BEGIN = 0;
const ONE = 1;
const ENTRY = 4;

const code = (name) => name.charCodeAt(0) | (name.charCodeAt(1) << 8);

export class BootRom {
  constructor(chip) {
    this.chip = chip;
    this.bytes = new DataView(chip.bootrom.buffer);
    this.handlers = []; // of the function at FUNCTIONS + 2 * index
    this.free = TABLES;
    this.lookup = this.define(1, (core) => this.lookUp(core));
    this.resetVector = this.define(BOOT_CYCLES, (core) => this.reset(core));
    this.waitForCore0 = this.define(10, (core) => this.waitForLaunch(core));
    const functionTable = this.layTable(this.functions());
    const dataTable = this.layTable([
      ['SF', this.layFloatTable(SINGLE_TABLE)],
      ['SD', this.layFloatTable(DOUBLE_TABLE)],
      ['GR', this.layWord(0)],
    ]);
    this.bytes.setUint32(0x00, STACK_TOP, true);
    this.bytes.setUint32(0x04, this.resetVector, true);
    this.bytes.setUint32(0x10, 0x4d | (0x75 << 8) | (1 << 16) | (VERSION << 24), true); // "Mu", 1
    this.bytes.setUint16(0x14, functionTable, true);
    this.bytes.setUint16(0x16, dataTable, true);
    this.bytes.setUint16(0x18, this.lookup, true);
  }

  /** Executes the function at the core's pc; returns the cycles that it took. */
  call(core) {
    const handler = this.handlers[((core.pc >>> 0) - FUNCTIONS) >> 1];
    if (handler === undefined) return this.wander(core);
    const cycles = handler.run(core);
    return cycles ?? handler.cycles;
  }

  wander(core) {
    const address = core.pc >>> 0;
    core.hardFault({ message: 'execution of an address in the boot ROM that is no function', address });
    return 1;
  }

  /** Starts a core as reset does. */
  start(core) {
    core.r[SP] = STACK_TOP;
    core.r[LR] = -1;
    core.pc = this.resetVector & ~1;
  }

  // Laying out

  /** Gives a function an address; `run` sets the core's pc itself. Returns a Thumb pointer. */
  define(cycles, run) {
    this.handlers.push({ cycles, run });
    return FUNCTIONS + 2 * (this.handlers.length - 1) + 1;
  }

  /** The same for a function that does its work at once and returns. */
  defineSimple(cycles, work) {
    return this.define(cycles, (core) => {
      const taken = work(core.r, core);
      this.returnFrom(core);
      return taken;
    });
  }

  returnFrom(core) {
    core.pc = core.r[LR] & ~1;
  }

  layTable(entries) {
    const start = this.free;
    for (const [name, address] of entries) {
      this.bytes.setUint16(this.free, code(name), true);
      this.bytes.setUint16(this.free + 2, address, true);
      this.free += 4;
    }
    this.free += 4; // a zero ends it
    return start;
  }

  layWord(value) {
    this.free = (this.free + 3) & ~3;
    this.bytes.setUint32(this.free, value, true);
    this.free += 4;
    return this.free - 4;
  }

  /** Pointers to the functions; two bytes before the table is its length. */
  layFloatTable(entries) {
    this.layWord(0);
    this.layWord(entries.length << 16);
    const start = this.free;
    for (const { cycles, run } of entries) this.layWord(this.defineSimple(cycles, (r) => { run(r); }));
    return start;
  }

  functions() {
    const bits = (name, work) => [name, this.defineSimple(10, (r) => { r[0] = work(r[0]); })];
    const flash = (name, work) => [name, this.defineSimple(100, work)];
    return [
      bits('P3', countOnes),
      bits('R3', reverse),
      bits('L3', Math.clz32),
      bits('T3', (x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x))),
      ['MC', this.defineMemory((core) => this.copy(core))],
      ['C4', this.defineMemory((core) => this.copy(core))],
      ['MS', this.defineMemory((core) => this.fill(core))],
      ['S4', this.defineMemory((core) => this.fill(core))],
      flash('IF', () => {}),
      flash('EX', () => this.chip.setXip(false)),
      flash('FC', () => {}),
      flash('CX', () => this.chip.setXip(true)),
      flash('RE', (r) => this.chip.flashMemory.erase(r[0] >>> 0, r[1] >>> 0)),
      flash('RP', (r, core) => {
        const data = Uint8Array.from({ length: r[2] >>> 0 }, (_, i) => core.load8(r[1] + i));
        return this.chip.flashMemory.program(r[0] >>> 0, data);
      }),
      ['UB', this.define(1, (core) => this.stop(core, 'the program asked for BOOTSEL mode'))],
      ['WV', this.define(10, (core) => this.holdCore1(core))],
    ];
  }

  // Tables

  /** void *rom_table_lookup(uint16_t *table, uint32_t code): 0 if there is none. */
  lookUp(core) {
    const { r } = core;
    let entry = r[0] >>> 0;
    const wanted = r[1] & 0xffff;
    let result = 0;
    for (; ; entry += 4) {
      const found = core.load16(entry);
      if (found === wanted) result = core.load16(entry + 2);
      if (found === wanted || found === 0) break;
    }
    r[0] = result;
    this.returnFrom(core);
    return 20;
  }

  // Memory: r0 destination (also the result), r1 source or byte, r2 count; r12 is where it has come to.

  defineMemory(work) {
    const again = this.define(1, (core) => {
      if (core.r[2] > 0) return work(core);
      this.returnFrom(core);
      return 4;
    });
    return this.define(8, (core) => {
      core.r[12] = core.r[0];
      core.pc = again & ~1;
    });
  }

  copy(core) {
    const { r } = core;
    const count = Math.min(r[2], COPY_BYTES_PER_CALL);
    for (let i = 0; i < count; i++) core.store8(r[12] + i, core.load8(r[1] + i));
    r[1] += count;
    r[12] += count;
    r[2] -= count;
    return count;
  }

  fill(core) {
    const { r } = core;
    const count = Math.min(r[2], COPY_BYTES_PER_CALL);
    for (let i = 0; i < count; i++) core.store8(r[12] + i, r[1] & 0xff);
    r[12] += count;
    r[2] -= count;
    return count;
  }

  // Boot

  reset(core) {
    if (core.id === 1) {
      this.holdCore1(core); // and its first 0 is what multicore_reset_core1() waits for
      return 100;
    }
    const { scratchData } = this.chip.watchdog;
    if (scratchData[4] === WATCHDOG_BOOT_MAGIC) {
      const [pc, sp] = [scratchData[7], scratchData[6]];
      scratchData[4] = 0;
      if ((scratchData[5] ^ -WATCHDOG_BOOT_MAGIC) >>> 0 === pc) {
        core.r[SP] = sp;
        core.pc = pc & ~1;
        return undefined;
      }
    }
    return this.bootFromFlash(core);
  }

  holdCore1(core) {
    core.r[4] = BEGIN;
    core.pc = this.waitForCore0 & ~1;
  }

  bootFromFlash(core) {
    const stage2 = this.chip.flash.subarray(0, BOOT2_BYTES);
    const stored = new DataView(stage2.buffer, 0).getUint32(BOOT2_BYTES - 4, true);
    if (crc32(stage2.subarray(0, BOOT2_BYTES - 4)) !== stored) {
      return this.stop(
        core,
        'the flash does not start with a second-stage boot loader (its checksum is wrong)',
      );
    }
    this.chip.sram.set(stage2, BOOT2_COPY - 0x20000000);
    core.r[LR] = 0; // tells the second stage to go on to the program
    core.pc = BOOT2_COPY;
    return undefined;
  }

  stop(core, why) {
    this.chip.onBootsel(why);
    core.hold();
    return 1;
  }

  /**
   * Core 1 waits for {0, 0, 1, vector table, stack, entry} and echoes each (datasheet 2.8.2). For a 0,
   * and for another word where the 1 has to come, it begins anew: it empties its mailbox and sends a 0.
   * So core 0, which begins anew at each wrong answer, finds its place whatever the two have missed.
   *
   * r4 is what it waits for (below), r5 to r7 is what has come.
   */
  waitForLaunch(core) {
    const { r, bus } = core;
    const { inbox } = bus.sio;
    if (bus.sio.other.inbox.full || (r[4] !== BEGIN && inbox.empty)) {
      if (core.event) core.event = false;
      else core.goToSleep(WFE);
      return 4;
    }
    if (r[4] === BEGIN) {
      while (!inbox.empty) bus.sio.pop();
      return this.answerCore0(core, 0, ONE);
    }
    const word = bus.sio.pop();
    if (word === 0 || (r[4] === ONE && word !== 1)) {
      r[4] = BEGIN;
      return 10;
    }
    if (r[4] !== ONE) r[3 + r[4]] = word;
    this.answerCore0(core, word, r[4] + 1);
    if (r[4] <= ENTRY) return 20;
    core.vectorTable = r[5] & 0xffffff00;
    r[SP] = r[6] & ~3;
    core.pc = r[7] & ~1;
    r[LR] = this.resetVector; // where the program goes if its entry returns: back to waiting
    return 20;
  }

  answerCore0(core, word, next) {
    core.r[4] = next;
    core.bus.sio.push(word);
    this.chip.sendEvent(core);
    return 20;
  }
}

function countOnes(x) {
  let count = 0;
  for (; x !== 0; x &= x - 1) count++;
  return count;
}

function reverse(x) {
  let result = 0;
  for (let i = 0; i < 32; i++) result |= ((x >>> i) & 1) << (31 - i);
  return result;
}

/** The ROM's checksum of the second stage: polynomial 0x04c11db7, not reflected, not inverted. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}
