// One Cortex-M0+: what ARMv6-M adds to the instructions. Exceptions, the NVIC's state, sleeping and
// waking. (ARM DDI 0419, chapters B1 and B3.)
//
// Always holds: `time` is the cycle at which this core's next turn starts; while `waiting`, it is of
// no meaning and wake() sets it. An interrupt is latched in `pending` when its line rises, is
// cleared when its handler is entered, and is latched again at the handler's end if the line is
// still high.

import { GuestFault } from './bus.mjs';
import { SpecialRegisters } from './special.mjs';
import { CYCLES, LR, SP } from './thumb.mjs';

export const AWAKE = 0;
export const WFI = 1;
export const WFE = 2;
export const HELD = 3; // in reset, by the power-on state machine
export const LOCKUP = 4; // a fault inside the fault handler

const NMI = 2;
const HARD_FAULT = 3;
const SVCALL = 11;
const PENDSV = 14;
const SYSTICK = 15;
const FIRST_IRQ = 16;
const THREAD_PRIORITY = 4; // lower than any that can be configured
const ENTRY_CYCLES = 15;

// EXC_RETURN values (ARM DDI 0419, B1.5.8)
const RETURN_TO_HANDLER = 0xfffffff1 | 0;
const RETURN_TO_MAIN_STACK = 0xfffffff9 | 0;
const RETURN_TO_PROCESS_STACK = 0xfffffffd | 0;

const STACK_ALIGNED = 1 << 9; // in the stacked xPSR: the frame was moved to a multiple of 8

export class Core extends SpecialRegisters {
  constructor(bus) {
    super(bus);
    this.id = bus.id;
    this.time = 0;
    this.lines = 0; // interrupt lines that are high now
    this.resetState();
  }

  resetState() {
    this.r.fill(0);
    this.r[LR] = -1;
    this.n = 0;
    this.z = 1;
    this.c = 0;
    this.v = 0;
    this.exception = 0; // IPSR: the exception being handled, 0 in thread mode
    this.handlerMode = false;
    this.primask = false;
    this.usesProcessStack = false;
    this.unprivileged = false;
    this.otherStack = 0; // the stack pointer that is not in r[SP]
    this.vectorTable = 0;
    this.pending = this.lines;
    this.enabled = 0;
    this.priorities = new Uint8Array(32);
    this.activeExceptions = [];
    this.pendingSvcall = false;
    this.pendingPendsv = false;
    this.pendingSystick = false;
    this.priorityOf = { [SVCALL]: 0, [PENDSV]: 0, [SYSTICK]: 0 };
    this.systemControl = 0; // SCR
    this.event = false;
    this.sleep = AWAKE;
    this.waiting = false;
    this.attention = 1;
    this.atMark = false; // where it may be held: stalls.mjs
    this.wasHeld = false;
    this.lockup = null;
    this.bus.ppb?.reset();
  }

  /** Runs until `until` (a cycle), or until the core sleeps or ends the turn. */
  runUntil(until) {
    const { r } = this;
    const watch = this.bus.chip.watch;
    this.endTurn = false;
    while (this.time < until && !this.waiting && !this.endTurn) {
      if (this.attention !== 0) {
        this.attention = 0;
        if (this.atMark) {
          this.passMark();
          continue;
        }
        this.takeException();
      }
      r[CYCLES] = 0;
      if (watch === null) this.interpret(until - this.time);
      else {
        watch.executing(this);
        this.interpret(1);
      }
      this.time += r[CYCLES];
      r[CYCLES] = 0;
      if (this.pc >>> 0 < 0x4000 && !this.waiting) this.time += this.bus.chip.rom.call(this);
    }
  }

  /** Ends this core's turn after the instruction that it is at. */
  yieldTurn() {
    this.endTurn = true;
    this.attention = 1;
  }

  // Stalls

  comesToMark(address) {
    this.atMark = this.bus.chip.stalls?.has(address >>> 0) ?? false;
    if (this.atMark) this.attention = 1;
    return this.atMark;
  }

  /** Holds the core at a mark; the next time, executes the instruction that stands there. */
  passMark() {
    const { r } = this;
    const { stalls } = this.bus.chip;
    this.attention = 1;
    this.wasHeld = !this.wasHeld;
    if (this.wasHeld) {
      this.time += stalls.reached(this);
      return;
    }
    this.atMark = false;
    r[CYCLES] = 0;
    stalls.lift(this.pc >>> 0, () => {
      this.attention = 0;
      this.interpret(1);
      this.attention = 1;
    });
    this.time += r[CYCLES];
    r[CYCLES] = 0;
  }

  // Interrupts

  setLine(irq, high) {
    const bit = 1 << irq;
    if (!high) this.lines &= ~bit;
    else if ((this.lines & bit) === 0) {
      this.lines |= bit;
      this.pend(bit);
    }
  }

  pend(mask) {
    const fresh = mask & ~this.pending;
    if (fresh === 0) return;
    this.pending |= mask;
    if (this.systemControl & 0x10) this.setEvent(); // SEVONPEND
    this.review();
  }

  /** Something that decides which exception is next has changed. */
  review() {
    this.attention = 1;
    if (this.waiting) this.wakeForException();
  }

  priority(exception) {
    if (exception === 0) return THREAD_PRIORITY;
    if (exception >= FIRST_IRQ) return this.priorities[exception - FIRST_IRQ];
    if (exception === HARD_FAULT) return -1;
    if (exception === NMI) return -2;
    return this.priorityOf[exception];
  }

  get executionPriority() {
    let priority = THREAD_PRIORITY;
    for (const exception of this.activeExceptions) {
      priority = Math.min(priority, this.priority(exception));
    }
    return priority;
  }

  /** The pending, enabled exception of the highest priority (ties: the lowest number), or 0. */
  get nextException() {
    let best = 0;
    let bestPriority = THREAD_PRIORITY;
    const consider = (exception) => {
      const priority = this.priority(exception);
      if (priority < bestPriority) {
        best = exception;
        bestPriority = priority;
      }
    };
    if (this.pendingSvcall) consider(SVCALL);
    if (this.pendingPendsv) consider(PENDSV);
    if (this.pendingSystick) consider(SYSTICK);
    for (let set = this.pending & this.enabled; set !== 0; set &= set - 1) {
      consider(FIRST_IRQ + 31 - Math.clz32(set & -set));
    }
    return best;
  }

  takeException() {
    if (this.primask) return;
    const exception = this.nextException;
    if (exception === 0 || this.priority(exception) >= this.executionPriority) return;
    if (exception === SVCALL) this.pendingSvcall = false;
    else if (exception === PENDSV) this.pendingPendsv = false;
    else if (exception === SYSTICK) this.pendingSystick = false;
    else this.pending &= ~(1 << (exception - FIRST_IRQ));
    try {
      this.enter(exception);
    } catch (error) {
      if (!(error instanceof GuestFault)) throw error;
      this.hardFault(error);
    }
    this.attention = 1; // one of a higher priority may have come meanwhile
  }

  /** Stacks a frame and goes to the handler (ARM DDI 0419, B1.5.6). */
  enter(exception) {
    const { r } = this;
    const returnTo = this.handlerMode
      ? RETURN_TO_HANDLER
      : this.usesProcessStack ? RETURN_TO_PROCESS_STACK : RETURN_TO_MAIN_STACK;
    const aligned = (r[SP] & 4) !== 0 ? STACK_ALIGNED : 0;
    const frame = (r[SP] - 0x20) & ~7;
    try {
      this.pushFrame(frame, aligned);
    } catch (error) {
      // A stack that takes no frame is what HardFault reports: its handler runs all the same, and
      // does not lock up, with no frame to be read (ARM DUI 0662, 2.4.1: what locks up).
      if (exception !== HARD_FAULT || !(error instanceof GuestFault)) throw error;
    }
    r[SP] = frame;
    this.selectStack(false);
    r[LR] = returnTo;
    this.handlerMode = true;
    this.exception = exception;
    this.activeExceptions.push(exception);
    this.event = true;
    const vector = this.load32((this.vectorTable + 4 * exception) | 0);
    if ((vector & 1) === 0) throw new GuestFault(`no handler for exception ${exception}`, vector >>> 0);
    this.pc = vector & ~1;
    this.time += ENTRY_CYCLES;
  }

  pushFrame(frame, aligned) {
    const { r } = this;
    for (let i = 0; i < 4; i++) this.store32(frame + 4 * i, r[i]);
    this.store32(frame + 0x10, r[12]);
    this.store32(frame + 0x14, r[LR]);
    this.store32(frame + 0x18, this.pc);
    this.store32(frame + 0x1c, this.programStatus | aligned);
  }

  /** Unstacks a frame (ARM DDI 0419, B1.5.8); returns this, with pc and the flags set. */
  exceptionReturn(value) {
    const { r } = this;
    const ended = this.activeExceptions.pop();
    if (value === RETURN_TO_HANDLER) this.exception = this.activeExceptions.at(-1) ?? 0;
    else if (value === RETURN_TO_MAIN_STACK || value === RETURN_TO_PROCESS_STACK) {
      this.handlerMode = false;
      this.exception = 0;
      this.selectStack(value === RETURN_TO_PROCESS_STACK);
    } else throw new GuestFault('exception return to an unknown state', value >>> 0);
    const frame = r[SP];
    for (let i = 0; i < 4; i++) r[i] = this.load32(frame + 4 * i);
    r[12] = this.load32(frame + 0x10);
    r[LR] = this.load32(frame + 0x14);
    this.pc = this.load32(frame + 0x18) & ~1;
    const status = this.load32(frame + 0x1c);
    r[SP] = (frame + 0x20) | ((status & STACK_ALIGNED) !== 0 ? 4 : 0);
    this.flags = status;
    this.event = true;
    if (ended >= FIRST_IRQ) {
      const bit = 1 << (ended - FIRST_IRQ);
      if ((this.lines & bit) !== 0) this.pend(bit);
    }
    this.attention = 1;
    if (!this.handlerMode && this.systemControl & 2) this.goToSleep(WFI); // SLEEPONEXIT
    return this;
  }

  hardFault(fault) {
    this.bus.chip.onFault(this, fault);
    if (this.executionPriority <= -1) return this.lockUp(fault);
    try {
      this.enter(HARD_FAULT);
      this.attention = 1;
    } catch (error) {
      if (!(error instanceof GuestFault)) throw error;
      this.lockUp(error);
    }
    return undefined;
  }

  lockUp(fault) {
    this.lockup = { what: fault.message, address: fault.address, pc: this.pc >>> 0 };
    this.waiting = true;
    this.sleep = LOCKUP;
    this.attention = 1;
    this.bus.chip.onLockup(this);
  }

  supervisorCall() {
    this.pendingSvcall = true;
    if (this.primask || this.priority(SVCALL) >= this.executionPriority) {
      this.pendingSvcall = false;
      throw new GuestFault('supervisor call where it cannot be taken', undefined);
    }
    this.attention = 1;
  }

  // Sleeping and waking

  hint(number) {
    if (number === 2) {
      if (this.event) this.event = false;
      else this.goToSleep(WFE);
      return 2;
    }
    if (number === 3) {
      this.goToSleep(WFI);
      return 2;
    }
    if (number === 4) this.bus.chip.sendEvent(this);
    return 1;
  }

  goToSleep(kind) {
    this.waiting = true;
    this.sleep = kind;
    this.attention = 1;
    this.wakeForException();
  }

  setEvent() {
    if (this.sleep === WFE) this.wake();
    else this.event = true;
  }

  wakeForException() {
    if (this.sleep !== WFI && this.sleep !== WFE) return;
    const exception = this.nextException;
    if (exception === 0 || this.priority(exception) >= this.executionPriority) return;
    // PRIMASK does not keep WFI from ending (ARM DDI 0419, B1.5.17); for WFE it does.
    if (this.sleep === WFI || !this.primask) this.wake();
  }

  wake() {
    this.waiting = false;
    this.sleep = AWAKE;
    this.attention = 1;
    const { cycles } = this.bus.chip.clock;
    if (this.time < cycles) this.time = cycles;
    this.bus.chip.endTurns();
  }

  /** Holds the core in reset; release() starts it in the boot ROM. */
  hold() {
    this.resetState();
    this.waiting = true;
    this.sleep = HELD;
    this.lockup = null;
  }

  release() {
    this.resetState();
    const { cycles } = this.bus.chip.clock;
    if (this.time < cycles) this.time = cycles;
    this.bus.chip.rom.start(this);
    this.bus.chip.endTurns();
  }
}
