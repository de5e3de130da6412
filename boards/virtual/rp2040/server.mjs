// The emulator's process: `node server.mjs FLASH SEED TURNS [keep]`, spoken to by
// boards/virtual/pico.py. FLASH is read at the start; with `keep`, changes are written to it.
//
// Standard input takes one JSON request a line, {"id", "op", ...}; standard output gives one JSON line
// for each answer, {"id", "ok": ...} or {"id", "error"}, and for each event, {"event", ...}. Bytes are
// strings of characters 0 to 255. When standard input ends, so does the process: it cannot outlive
// whoever started it.
//
// Nothing runs until `run` (up to a time or a text, exactly repeatable) or `go` (live, until `halt`).

import fs from 'node:fs';
import readline from 'node:readline';
import { Machine } from './machine.mjs';

const SLICE_NANOS = 2e6; // of emulated time between two looks at standard input
const SLICE_MS = 8; // of the host's time
const NANOS_PER_US = 1000;
const GATHER_NANOS = 1e6; // so precise is the time of each byte of output

const [flashPath, seed, turns, keep] = process.argv.slice(2);
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const latin1 = (bytes) => Buffer.from(bytes).toString('latin1');

const machine = new Machine({
  flash: new Uint8Array(fs.readFileSync(flashPath)),
  seed: Number(seed),
  turns,
  onEvent: report,
});

let flashChanged = false;
machine.onFlashChange = () => { flashChanged = true; };

// Output is gathered for a millisecond at most, and keeps the time of its first byte.
let gathered = new Map();

function report({ nanos, bytes, ...event }) {
  if (event.event !== 'output') {
    flushOutput();
    answer({ ...event, us: nanos === undefined ? undefined : nanos / NANOS_PER_US });
    return;
  }
  if (nanos - gathered.get(event.port)?.nanos > GATHER_NANOS) flushOutput();
  if (!gathered.has(event.port)) gathered.set(event.port, { text: '', nanos });
  gathered.get(event.port).text += latin1(bytes);
}

function flushOutput() {
  for (const [port, { text, nanos }] of gathered) {
    answer({ event: 'output', port, text, us: nanos / NANOS_PER_US });
  }
  gathered = new Map();
}

/** Whole or not at all: a flash file that was cut short must not be found later. */
function saveFlash() {
  if (!flashChanged || keep !== 'keep') return;
  flashChanged = false;
  fs.writeFileSync(`${flashPath}.new`, machine.flash);
  fs.renameSync(`${flashPath}.new`, flashPath);
}

/** Runs until a time, one of some texts on a port, a halt, or `real_s` seconds of the host's time have passed. */
class Run {
  constructor({ id, until_us: until, texts, port, real_s: realSeconds }) {
    this.id = id;
    this.end = until * NANOS_PER_US;
    this.deadline = Date.now() + realSeconds * 1000;
    this.reason = null;
    if (texts !== undefined) this.waitFor(port, texts);
  }

  waitFor(port, texts) {
    const longest = Math.max(...texts.map((text) => text.length));
    let seen = '';
    machine.watcher = (from, bytes) => {
      if (from !== port) return false;
      seen = (seen + latin1(bytes)).slice(-longest - bytes.length);
      return texts.some((text) => seen.includes(text));
    };
  }

  /** One slice; true when the run is over. */
  slice() {
    const sliceEnd = Date.now() + SLICE_MS;
    do {
      const alive = machine.run(Math.min(this.end, machine.nanos + SLICE_NANOS));
      this.reason = this.whyOver(alive);
    } while (this.reason === null && Date.now() < sliceEnd);
    return this.reason !== null;
  }

  whyOver(alive) {
    if (machine.found) return 'text';
    if (machine.halted !== null) return machine.halted;
    if (!alive) return 'idle';
    if (machine.reached(this.end)) return 'time';
    return Date.now() >= this.deadline ? 'real-time' : null;
  }

  finish() {
    machine.watcher = null;
    machine.found = false;
    answer({ id: this.id, ok: { reason: this.reason, ...machine.state() } });
  }
}

/** Runs until it is told to halt; at the pace of real time if `pace`. */
class Live {
  constructor({ pace }) {
    this.pace = pace;
    this.startedReal = performance.now();
    this.startedNanos = machine.nanos;
    this.quiet = false; // nothing left to do without the outside
  }

  get allowedNanos() {
    if (!this.pace) return Infinity;
    return this.startedNanos + (performance.now() - this.startedReal) * 1e6;
  }

  slice() {
    const sliceEnd = Date.now() + SLICE_MS;
    this.quiet = false;
    while (Date.now() < sliceEnd && machine.halted === null) {
      const end = Math.min(machine.nanos + SLICE_NANOS, this.allowedNanos);
      if (machine.reached(end)) return false;
      if (machine.run(end)) continue;
      // Asleep for good: time goes on all the same.
      this.quiet = true;
      machine.chip.clock.advance(machine.chip.clock.cycles + SLICE_NANOS / machine.chip.clock.nanosPerCycle);
      if (!this.pace) return false;
    }
    return machine.halted !== null;
  }

  finish() {
    answer({ event: 'halted', ...machine.state(), reason: machine.halted });
  }

  /** How long to leave the host's processor alone. */
  get pauseMs() {
    if (this.quiet && !this.pace) return 5;
    return this.pace && machine.reached(this.allowedNanos) ? 1 : 0;
  }
}

const OPERATIONS = {
  state: () => machine.state(),
  usage: () => ({ cpu_us: process.cpuUsage().user + process.cpuUsage().system }),
  go: ({ pace }) => {
    start(new Live({ pace }));
    return {};
  },
  halt: () => {
    job = null;
    flushOutput();
    return machine.state();
  },
  send: ({ port, text, at_us: at }) => {
    if (port !== 'usb') machine.uart(port);
    machine.schedule(atNanos(at), () => machine.send(port, Buffer.from(text, 'latin1')));
    return {};
  },
  inject: ({ port, kind, byte, at_us: at }) => {
    machine.checkInjection(port, kind);
    machine.schedule(atNanos(at), () => machine.inject(port, kind, byte ?? 0));
    return {};
  },
  gpio: ({ pin, level, at_us: at }) => {
    machine.pin(pin);
    machine.schedule(atNanos(at), () => machine.drive(pin, level));
    return {};
  },
  gpio_read: ({ pin }) => ({ level: machine.level(pin) }),
  gpio_watch: ({ pin }) => machine.watchGpio(pin) ?? {},
  watch: ({ addresses }) => machine.watchAddresses(addresses) ?? {},
  stall: ({ stalls }) => machine.stalls.set(stalls) ?? {},
  reset: ({ cause }) => machine.reset(cause) ?? {},
  quit: () => {
    stopServing();
    return {};
  },
};

function atNanos(at) {
  return at === undefined || at === null ? machine.nanos : at * NANOS_PER_US;
}

let job = null;
let pending = null;

function start(next) {
  job = next;
  if (pending === null) pending = setImmediate(turn);
}

function turn() {
  pending = null;
  if (job === null) return;
  const over = job.slice();
  flushOutput();
  if (over) {
    saveFlash();
    const done = job;
    job = null;
    done.finish();
    return;
  }
  const pause = job.pauseMs ?? 0;
  pending = pause > 0 ? setTimeout(turn, pause) : setImmediate(turn);
}

function handle(line) {
  const request = JSON.parse(line);
  try {
    if (request.op === 'run') {
      start(new Run(request));
      return;
    }
    const operation = OPERATIONS[request.op];
    if (operation === undefined) throw new Error(`there is no operation ${request.op}`);
    answer({ id: request.id, ok: operation(request) });
  } catch (error) {
    answer({ id: request.id, error: error.message });
  }
}

function stopServing() {
  job = null;
  saveFlash();
  process.stdin.pause();
  saving.unref();
}

const saving = setInterval(saveFlash, 500);
saving.unref();
process.stdout.on('error', () => process.exit(1)); // whoever started us is gone
const lines = readline.createInterface({ input: process.stdin });
lines.on('line', handle);
lines.on('close', stopServing);
answer({ event: 'ready', ...machine.state() });
