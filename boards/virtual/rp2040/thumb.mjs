// The ARMv6-M instruction set (ARM DDI 0419): runs Thumb instructions until it is told to stop.
//
// Always holds between two calls of interpret(): `pc` is the next instruction's address, r[13] the
// stack pointer in use, and the flags lie in n, z, c, v: N is the sign of n, Z means that z is 0,
// c and v are 0 or 1. During a call they are local variables, for speed, and written back at its end.
// r[CYCLES] counts the cycles of this turn; anything may add to it (a slow bus, a stall).
// Cycle counts are those of the Cortex-M0+ manual (ARM DDI 0484, 3.3), with zero-wait-state memory.
//
// One function holds all instructions, long as it is: its local variables are what makes it fast.
// Special registers are in special.mjs, sleep and exceptions in core.mjs, which extend this class.

import { GuestFault, FLASH_BASE, RAM_BASE, RAM_BYTES } from './bus.mjs';

export const SP = 13;
export const LR = 14;
export const CYCLES = 16;

const XIP_WINDOW = 0x4000000; // four aliases of the flash, 16 MB each
const ROM_BYTES = 0x4000;

export class ThumbInterpreter {
  constructor(bus) {
    this.bus = bus;
    this.r = new Int32Array(17);
    this.pc = 0;
    this.n = 0;
    this.z = 1;
    this.c = 0;
    this.v = 0;
    this.instructions = 0;
    // Not 0: stop after this instruction, because an interrupt, a sleep or a reset has to be seen to.
    this.attention = 0;
    this.handlerMode = false;
    // What the MPU protects lies between these offsets into RAM; mpu.mjs sets them.
    this.guardAt = 0;
    this.guardBytes = 0;
    this.adopt(bus);
  }

  adopt({ ram, flash }) {
    this.ram8 = ram;
    this.ram16 = new Uint16Array(ram.buffer);
    this.ram32 = new Int32Array(ram.buffer);
    this.flash8 = flash;
    this.flash16 = new Uint16Array(flash.buffer);
    this.flash32 = new Int32Array(flash.buffer);
    this.code16 = this.flash16; // what is fetched of it: stalls.mjs
    this.flashMask = flash.length - 1; // a power of two: addresses wrap at the flash's size
  }

  // Loads and stores: RAM and flash here, everything else by the bus.

  load32(address) {
    if ((address & 3) !== 0) this.bus.unaligned(address);
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) return this.ram32[ram >>> 2];
    const xip = (address - FLASH_BASE) >>> 0;
    if (xip < XIP_WINDOW && this.bus.xipEnabled) return this.flash32[(xip & this.flashMask) >>> 2];
    return this.bus.read32(address >>> 0) | 0;
  }

  load16(address) {
    if ((address & 1) !== 0) this.bus.unaligned(address);
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) return this.ram16[ram >>> 1];
    const xip = (address - FLASH_BASE) >>> 0;
    if (xip < XIP_WINDOW && this.bus.xipEnabled) return this.flash16[(xip & this.flashMask) >>> 1];
    return this.bus.read16(address >>> 0);
  }

  load8(address) {
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) return this.ram8[ram];
    const xip = (address - FLASH_BASE) >>> 0;
    if (xip < XIP_WINDOW && this.bus.xipEnabled) return this.flash8[xip & this.flashMask];
    return this.bus.read8(address >>> 0);
  }

  store32(address, value) {
    if ((address & 3) !== 0) this.bus.unaligned(address);
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) {
      if ((ram - this.guardAt) >>> 0 < this.guardBytes) this.bus.guarded(address);
      this.ram32[ram >>> 2] = value;
    } else this.bus.write32(address >>> 0, value >>> 0);
  }

  store16(address, value) {
    if ((address & 1) !== 0) this.bus.unaligned(address);
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) {
      if ((ram - this.guardAt) >>> 0 < this.guardBytes) this.bus.guarded(address);
      this.ram16[ram >>> 1] = value;
    } else this.bus.write16(address >>> 0, value & 0xffff);
  }

  store8(address, value) {
    const ram = (address - RAM_BASE) >>> 0;
    if (ram < RAM_BYTES) {
      if ((ram - this.guardAt) >>> 0 < this.guardBytes) this.bus.guarded(address);
      this.ram8[ram] = value;
    } else this.bus.write8(address >>> 0, value & 0xff);
  }

  /** Runs instructions until r[CYCLES] reaches `limit`, or something needs attention. */
  interpret(limit) {
    const { r, ram16, code16, flashMask } = this;
    const xipBytes = this.bus.xipEnabled ? XIP_WINDOW : 0;
    let { pc, n, z, c, v } = this;
    let at = pc; // the instruction that is being executed
    let count = 0;
    let fault = null;
    try {
      do {
        at = pc;
        let op;
        let offset = (at - FLASH_BASE) >>> 0;
        if (offset < xipBytes) op = code16[(offset & flashMask) >>> 1];
        else if ((offset = (at - RAM_BASE) >>> 0) < RAM_BYTES) op = ram16[offset >>> 1];
        else if (at >>> 0 < ROM_BYTES) break; // the boot ROM is not made of instructions
        else op = this.bus.fetch16(at >>> 0);
        pc = (at + 2) | 0;
        count++;
        let cycles = 1;
        switch (op >>> 11) {
          case 0x00: { // LSLS Rd, Rm, #imm5 (MOVS Rd, Rm if it is 0)
            const shift = (op >>> 6) & 31;
            const m = r[(op >>> 3) & 7];
            if (shift !== 0) c = (m >>> (32 - shift)) & 1;
            n = z = r[op & 7] = m << shift;
            break;
          }
          case 0x01: { // LSRS Rd, Rm, #imm5 (0 means 32)
            const shift = (op >>> 6) & 31;
            const m = r[(op >>> 3) & 7];
            c = (m >>> (shift === 0 ? 31 : shift - 1)) & 1;
            n = z = r[op & 7] = shift === 0 ? 0 : m >>> shift;
            break;
          }
          case 0x02: { // ASRS Rd, Rm, #imm5 (0 means 32)
            const shift = (op >>> 6) & 31;
            const m = r[(op >>> 3) & 7];
            c = (m >>> (shift === 0 ? 31 : shift - 1)) & 1;
            n = z = r[op & 7] = m >> (shift === 0 ? 31 : shift);
            break;
          }
          case 0x03: { // ADDS/SUBS Rd, Rn, Rm or #imm3
            const a = r[(op >>> 3) & 7];
            let b = (op >>> 6) & 7;
            if ((op & 0x400) === 0) b = r[b];
            let result;
            if ((op & 0x200) === 0) {
              result = (a + b) | 0;
              c = result >>> 0 < a >>> 0 ? 1 : 0;
              v = ((a ^ result) & (b ^ result)) >>> 31;
            } else {
              result = (a - b) | 0;
              c = a >>> 0 >= b >>> 0 ? 1 : 0;
              v = ((a ^ b) & (a ^ result)) >>> 31;
            }
            n = z = r[op & 7] = result;
            break;
          }
          case 0x04: // MOVS Rd, #imm8
            n = z = r[(op >>> 8) & 7] = op & 0xff;
            break;
          case 0x05: { // CMP Rn, #imm8
            const a = r[(op >>> 8) & 7];
            const b = op & 0xff;
            n = z = (a - b) | 0;
            c = a >>> 0 >= b ? 1 : 0;
            v = ((a ^ b) & (a ^ n)) >>> 31;
            break;
          }
          case 0x06: { // ADDS Rdn, #imm8
            const a = r[(op >>> 8) & 7];
            const b = op & 0xff;
            n = z = r[(op >>> 8) & 7] = (a + b) | 0;
            c = n >>> 0 < a >>> 0 ? 1 : 0;
            v = ((a ^ n) & (b ^ n)) >>> 31;
            break;
          }
          case 0x07: { // SUBS Rdn, #imm8
            const a = r[(op >>> 8) & 7];
            const b = op & 0xff;
            n = z = r[(op >>> 8) & 7] = (a - b) | 0;
            c = a >>> 0 >= b ? 1 : 0;
            v = ((a ^ b) & (a ^ n)) >>> 31;
            break;
          }
          case 0x08: {
            if ((op & 0x400) === 0) {
              // Data processing, two low registers
              const d = op & 7;
              const m = r[(op >>> 3) & 7];
              const a = r[d];
              switch ((op >>> 6) & 15) {
                case 0x0: n = z = r[d] = a & m; break; // ANDS
                case 0x1: n = z = r[d] = a ^ m; break; // EORS
                case 0x2: { // LSLS
                  const shift = m & 0xff;
                  if (shift !== 0) c = shift > 32 ? 0 : (shift === 32 ? a : a >>> (32 - shift)) & 1;
                  n = z = r[d] = shift < 32 ? a << shift : 0;
                  break;
                }
                case 0x3: { // LSRS
                  const shift = m & 0xff;
                  if (shift !== 0) c = shift > 32 ? 0 : (a >>> (shift - 1)) & 1;
                  n = z = r[d] = shift < 32 ? (a >>> shift) | 0 : 0;
                  break;
                }
                case 0x4: { // ASRS
                  const shift = m & 0xff;
                  if (shift !== 0) c = (a >> (shift > 32 ? 31 : shift - 1)) & 1;
                  n = z = r[d] = a >> (shift < 32 ? shift : 31);
                  break;
                }
                case 0x5: { // ADCS
                  const sum = (a >>> 0) + (m >>> 0) + c;
                  const result = sum | 0;
                  v = ((a ^ result) & (m ^ result)) >>> 31;
                  c = sum > 0xffffffff ? 1 : 0;
                  n = z = r[d] = result;
                  break;
                }
                case 0x6: { // SBCS
                  const sum = (a >>> 0) + (~m >>> 0) + c;
                  const result = sum | 0;
                  v = ((a ^ m) & (a ^ result)) >>> 31;
                  c = sum > 0xffffffff ? 1 : 0;
                  n = z = r[d] = result;
                  break;
                }
                case 0x7: { // RORS
                  const shift = m & 31;
                  const result = shift === 0 ? a : (a >>> shift) | (a << (32 - shift));
                  if ((m & 0xff) !== 0) c = result >>> 31;
                  n = z = r[d] = result;
                  break;
                }
                case 0x8: n = z = a & m; break; // TST
                case 0x9: // RSBS Rd, Rm, #0
                  n = z = r[d] = -m | 0;
                  c = m === 0 ? 1 : 0;
                  v = m === -0x80000000 ? 1 : 0;
                  break;
                case 0xa: // CMP
                  n = z = (a - m) | 0;
                  c = a >>> 0 >= m >>> 0 ? 1 : 0;
                  v = ((a ^ m) & (a ^ n)) >>> 31;
                  break;
                case 0xb: // CMN
                  n = z = (a + m) | 0;
                  c = n >>> 0 < a >>> 0 ? 1 : 0;
                  v = ((a ^ n) & (m ^ n)) >>> 31;
                  break;
                case 0xc: n = z = r[d] = a | m; break; // ORRS
                case 0xd: n = z = r[d] = Math.imul(a, m); break; // MULS
                case 0xe: n = z = r[d] = a & ~m; break; // BICS
                default: n = z = r[d] = ~m; // MVNS
              }
            } else {
              // ADD, CMP, MOV with high registers; BX, BLX
              const source = (op >>> 3) & 15;
              const m = source === 15 ? (at + 4) | 0 : r[source];
              const d = ((op >>> 4) & 8) | (op & 7);
              switch ((op >>> 8) & 3) {
                case 0: // ADD
                  if (d === 15) {
                    pc = (at + 4 + m) & ~1;
                    cycles = 2;
                  } else r[d] = d === SP ? (r[SP] + m) & ~3 : r[d] + m;
                  break;
                case 1: { // CMP
                  const a = r[d];
                  n = z = (a - m) | 0;
                  c = a >>> 0 >= m >>> 0 ? 1 : 0;
                  v = ((a ^ m) & (a ^ n)) >>> 31;
                  break;
                }
                case 2: // MOV
                  if (d === 15) {
                    pc = m & ~1;
                    cycles = 2;
                  } else r[d] = d === SP ? m & ~3 : m;
                  break;
                default: // BX, BLX
                  cycles = 2;
                  if ((op & 0x80) !== 0) {
                    r[LR] = pc | 1;
                    if ((m & 1) === 0) this.bus.badBranch(m);
                    pc = m & ~1;
                  } else if (m >>> 28 === 15 && this.handlerMode) {
                    ({ pc, n, z, c, v } = this.exceptionReturn(m));
                  } else {
                    if ((m & 1) === 0) this.bus.badBranch(m);
                    pc = m & ~1;
                  }
              }
            }
            break;
          }
          case 0x09: // LDR Rt, [PC, #imm8 * 4]
            r[(op >>> 8) & 7] = this.load32((((at + 4) & ~3) + ((op & 0xff) << 2)) | 0);
            cycles = 2;
            break;
          case 0x0a:
          case 0x0b: { // loads and stores, [Rn, Rm]
            const address = (r[(op >>> 3) & 7] + r[(op >>> 6) & 7]) | 0;
            const t = op & 7;
            cycles = 2;
            switch ((op >>> 9) & 7) {
              case 0: this.store32(address, r[t]); break; // STR
              case 1: this.store16(address, r[t]); break; // STRH
              case 2: this.store8(address, r[t]); break; // STRB
              case 3: r[t] = (this.load8(address) << 24) >> 24; break; // LDRSB
              case 4: r[t] = this.load32(address); break; // LDR
              case 5: r[t] = this.load16(address); break; // LDRH
              case 6: r[t] = this.load8(address); break; // LDRB
              default: r[t] = (this.load16(address) << 16) >> 16; // LDRSH
            }
            break;
          }
          case 0x0c: // STR Rt, [Rn, #imm5 * 4]
            this.store32((r[(op >>> 3) & 7] + ((op >>> 4) & 0x7c)) | 0, r[op & 7]);
            cycles = 2;
            break;
          case 0x0d: // LDR Rt, [Rn, #imm5 * 4]
            r[op & 7] = this.load32((r[(op >>> 3) & 7] + ((op >>> 4) & 0x7c)) | 0);
            cycles = 2;
            break;
          case 0x0e: // STRB Rt, [Rn, #imm5]
            this.store8((r[(op >>> 3) & 7] + ((op >>> 6) & 31)) | 0, r[op & 7]);
            cycles = 2;
            break;
          case 0x0f: // LDRB Rt, [Rn, #imm5]
            r[op & 7] = this.load8((r[(op >>> 3) & 7] + ((op >>> 6) & 31)) | 0);
            cycles = 2;
            break;
          case 0x10: // STRH Rt, [Rn, #imm5 * 2]
            this.store16((r[(op >>> 3) & 7] + ((op >>> 5) & 0x3e)) | 0, r[op & 7]);
            cycles = 2;
            break;
          case 0x11: // LDRH Rt, [Rn, #imm5 * 2]
            r[op & 7] = this.load16((r[(op >>> 3) & 7] + ((op >>> 5) & 0x3e)) | 0);
            cycles = 2;
            break;
          case 0x12: // STR Rt, [SP, #imm8 * 4]
            this.store32((r[SP] + ((op & 0xff) << 2)) | 0, r[(op >>> 8) & 7]);
            cycles = 2;
            break;
          case 0x13: // LDR Rt, [SP, #imm8 * 4]
            r[(op >>> 8) & 7] = this.load32((r[SP] + ((op & 0xff) << 2)) | 0);
            cycles = 2;
            break;
          case 0x14: // ADR Rd, #imm8 * 4
            r[(op >>> 8) & 7] = ((at + 4) & ~3) + ((op & 0xff) << 2);
            break;
          case 0x15: // ADD Rd, SP, #imm8 * 4
            r[(op >>> 8) & 7] = r[SP] + ((op & 0xff) << 2);
            break;
          case 0x16:
          case 0x17:
            switch ((op >>> 8) & 15) {
              case 0x0: // ADD/SUB SP, #imm7 * 4
                r[SP] += (op & 0x80) === 0 ? (op & 0x7f) << 2 : -((op & 0x7f) << 2);
                break;
              case 0x2: { // SXTH, SXTB, UXTH, UXTB
                const m = r[(op >>> 3) & 7];
                switch ((op >>> 6) & 3) {
                  case 0: r[op & 7] = (m << 16) >> 16; break;
                  case 1: r[op & 7] = (m << 24) >> 24; break;
                  case 2: r[op & 7] = m & 0xffff; break;
                  default: r[op & 7] = m & 0xff;
                }
                break;
              }
              case 0x4:
              case 0x5: { // PUSH
                let saved = 0;
                for (let list = op & 0x1ff; list !== 0; list &= list - 1) saved++;
                const base = (r[SP] - 4 * saved) | 0;
                let address = base;
                for (let i = 0; i < 8; i++) {
                  if ((op & (1 << i)) === 0) continue;
                  this.store32(address, r[i]);
                  address += 4;
                }
                if ((op & 0x100) !== 0) this.store32(address, r[LR]);
                r[SP] = base;
                cycles = 1 + saved;
                break;
              }
              case 0xc:
              case 0xd: { // POP
                let address = r[SP];
                for (let i = 0; i < 8; i++) {
                  if ((op & (1 << i)) === 0) continue;
                  r[i] = this.load32(address);
                  address = (address + 4) | 0;
                  cycles++;
                }
                if ((op & 0x100) === 0) {
                  r[SP] = address;
                  break;
                }
                const target = this.load32(address);
                r[SP] = address + 4;
                cycles += 3;
                if (target >>> 28 === 15 && this.handlerMode) {
                  ({ pc, n, z, c, v } = this.exceptionReturn(target));
                } else {
                  if ((target & 1) === 0) this.bus.badBranch(target);
                  pc = target & ~1;
                }
                break;
              }
              case 0xa: { // REV, REV16, REVSH
                const m = r[(op >>> 3) & 7];
                const swapped = ((m & 0x00ff00ff) << 8) | ((m >>> 8) & 0x00ff00ff);
                switch ((op >>> 6) & 3) {
                  case 0: r[op & 7] = (swapped << 16) | (swapped >>> 16); break;
                  case 1: r[op & 7] = swapped; break;
                  case 3: r[op & 7] = (swapped << 16) >> 16; break;
                  default: this.bus.undefinedInstruction(op);
                }
                break;
              }
              case 0xf: // hints
                cycles = this.hint((op >>> 4) & 15);
                break;
              case 0x6: // CPSIE, CPSID
                this.setPrimask((op & 0x10) !== 0);
                break;
              case 0xe:
                this.bus.breakpoint(op & 0xff);
                break;
              default:
                this.bus.undefinedInstruction(op);
            }
            break;
          case 0x18: { // STM Rn!, {list}
            const base = (op >>> 8) & 7;
            let address = r[base];
            for (let i = 0; i < 8; i++) {
              if ((op & (1 << i)) === 0) continue;
              this.store32(address, r[i]);
              address = (address + 4) | 0;
              cycles++;
            }
            r[base] = address;
            break;
          }
          case 0x19: { // LDM Rn{!}, {list}; no write-back if Rn is in the list
            const base = (op >>> 8) & 7;
            let address = r[base];
            for (let i = 0; i < 8; i++) {
              if ((op & (1 << i)) === 0) continue;
              r[i] = this.load32(address);
              address = (address + 4) | 0;
              cycles++;
            }
            if ((op & (1 << base)) === 0) r[base] = address;
            break;
          }
          case 0x1a:
          case 0x1b: { // B<cond>, UDF, SVC
            let taken;
            switch ((op >>> 8) & 15) {
              case 0x0: taken = z === 0; break; // EQ
              case 0x1: taken = z !== 0; break; // NE
              case 0x2: taken = c !== 0; break; // CS
              case 0x3: taken = c === 0; break; // CC
              case 0x4: taken = n < 0; break; // MI
              case 0x5: taken = n >= 0; break; // PL
              case 0x6: taken = v !== 0; break; // VS
              case 0x7: taken = v === 0; break; // VC
              case 0x8: taken = c !== 0 && z !== 0; break; // HI
              case 0x9: taken = c === 0 || z === 0; break; // LS
              case 0xa: taken = n < 0 === (v !== 0); break; // GE
              case 0xb: taken = n < 0 !== (v !== 0); break; // LT
              case 0xc: taken = z !== 0 && n < 0 === (v !== 0); break; // GT
              case 0xd: taken = z === 0 || n < 0 !== (v !== 0); break; // LE
              case 0xe: this.bus.undefinedInstruction(op); break;
              default:
                taken = false;
                this.supervisorCall();
            }
            if (taken) {
              pc = (at + 4 + ((op << 24) >> 23)) | 0;
              cycles = 2;
            }
            break;
          }
          case 0x1c: // B
            pc = (at + 4 + ((op << 21) >> 20)) | 0;
            cycles = 2;
            break;
          case 0x1d: // of ARMv7-M, or a mark in place of an instruction
            if (!this.comesToMark(at)) this.bus.undefinedInstruction(op);
            pc = at;
            count--;
            cycles = 0;
            break;
          case 0x1e: { // the 32-bit instructions
            const low = this.load16(pc);
            pc = (at + 4) | 0;
            if ((low & 0xd000) === 0xd000) { // BL
              const sign = (op >>> 10) & 1;
              const i1 = 1 ^ sign ^ ((low >>> 13) & 1);
              const i2 = 1 ^ sign ^ ((low >>> 11) & 1);
              r[LR] = pc | 1;
              pc += (-sign << 24) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) | ((low & 0x7ff) << 1);
              pc |= 0;
              cycles = 3;
            } else if ((op & 0xfff0) === 0xf380 && (low & 0xff00) === 0x8800) { // MSR
              this.n = n;
              this.z = z;
              this.c = c;
              this.v = v;
              this.writeSpecial(low & 0xff, r[op & 15]);
              ({ n, z, c, v } = this);
              cycles = 3;
            } else if (op === 0xf3ef && (low & 0xf000) === 0x8000) { // MRS
              this.n = n;
              this.z = z;
              this.c = c;
              this.v = v;
              r[(low >>> 8) & 15] = this.readSpecial(low & 0xff);
              cycles = 3;
            } else if (op === 0xf3bf && (low & 0xff00) === 0x8f00) cycles = 3; // DSB, DMB, ISB
            else this.bus.undefinedInstruction(op);
            break;
          }
          default:
            this.bus.undefinedInstruction(op);
        }
        r[CYCLES] += cycles;
      } while (r[CYCLES] < limit && this.attention === 0);
    } catch (error) {
      if (!(error instanceof GuestFault)) throw error;
      fault = error;
      pc = at;
    }
    this.pc = pc;
    this.n = n;
    this.z = z;
    this.c = c;
    this.v = v;
    this.instructions += count;
    if (fault !== null) this.hardFault(fault);
  }
}
