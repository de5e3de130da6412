// The boot ROM's floating-point functions (datasheet 2.8.3.2), by the host's own arithmetic.
//
// The order of each table is the ABI that pico_float and pico_double rely on
// (pico/bootrom/sf_table.h). Results are IEEE 754, rounded to nearest; as in the ROM, denormals
// count as zero, and conversions to integers round down and saturate.

const ARITHMETIC_CYCLES = 70;
const FUNCTION_CYCLES = 500;

const view = new DataView(new ArrayBuffer(8));

const SINGLE = {
  words: 1,
  smallest: 2 ** -126,
  read(r, at) {
    view.setInt32(0, r[at], true);
    return flush(view.getFloat32(0, true), this.smallest);
  },
  write(r, value, at = 0) {
    view.setFloat32(0, flush(Math.fround(value), this.smallest), true);
    r[at] = view.getInt32(0, true);
  },
};

const DOUBLE = {
  words: 2,
  smallest: 2 ** -1022,
  read(r, at) {
    view.setInt32(0, r[at], true);
    view.setInt32(4, r[at + 1], true);
    return flush(view.getFloat64(0, true), this.smallest);
  },
  write(r, value, at = 0) {
    view.setFloat64(0, flush(value, this.smallest), true);
    r[at] = view.getInt32(0, true);
    r[at + 1] = view.getInt32(4, true);
  },
};

function flush(value, smallest) {
  return Math.abs(value) < smallest ? value * 0 : value;
}

function readInt64(r, signed) {
  view.setInt32(0, r[0], true);
  view.setInt32(4, r[1], true);
  return Number(signed ? view.getBigInt64(0, true) : view.getBigUint64(0, true));
}

function saturate(value, low, high) {
  if (Number.isNaN(value)) return 0;
  return Math.min(Math.max(Math.floor(value), low), high);
}

function writeInt64(r, value, signed) {
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  let result = 0n;
  if (value >= Number(high)) result = high;
  else if (value <= Number(low)) result = low;
  else if (!Number.isNaN(value)) result = BigInt(Math.floor(value));
  view.setBigUint64(0, BigInt.asUintN(64, result), true);
  r[0] = view.getInt32(0, true);
  r[1] = view.getInt32(4, true);
}

function compare(a, b) {
  if (a < b) return -1;
  return a > b ? 1 : 0;
}

/** The table for one of the two formats: entries of {cycles, run(r)}, in the ABI's order. */
function table(format, other) {
  const second = format.words;
  const binary = (operation) => ({
    cycles: ARITHMETIC_CYCLES,
    run: (r) => format.write(r, operation(format.read(r, 0), format.read(r, second))),
  });
  const unary = (operation, cycles = FUNCTION_CYCLES) => ({
    cycles,
    run: (r) => format.write(r, operation(format.read(r, 0))),
  });
  const comparison = {
    cycles: ARITHMETIC_CYCLES,
    run: (r) => { r[0] = compare(format.read(r, 0), format.read(r, second)); },
  };
  const toInteger = (low, high, scaled) => ({
    cycles: ARITHMETIC_CYCLES,
    run: (r) => {
      const scale = scaled ? 2 ** r[second] : 1;
      r[0] = saturate(format.read(r, 0) * scale, low, high);
    },
  });
  const toInteger64 = (signed, scaled) => ({
    cycles: ARITHMETIC_CYCLES,
    run: (r) => writeInt64(r, format.read(r, 0) * (scaled ? 2 ** r[second] : 1), signed),
  });
  const fromInteger = (signed, scaled) => ({
    cycles: ARITHMETIC_CYCLES,
    run: (r) => {
      const value = signed ? r[0] : r[0] >>> 0;
      format.write(r, scaled ? value / 2 ** r[1] : value);
    },
  });
  const fromInteger64 = (signed, scaled) => ({
    cycles: ARITHMETIC_CYCLES,
    run: (r) => format.write(r, readInt64(r, signed) / (scaled ? 2 ** r[2] : 1)),
  });
  const sincos = {
    cycles: 2 * FUNCTION_CYCLES,
    run: (r) => {
      const angle = format.read(r, 0);
      format.write(r, Math.sin(angle));
      format.write(r, Math.cos(angle), format.words);
    },
  };
  const INT = [-(2 ** 31), 2 ** 31 - 1];
  const UINT = [0, 2 ** 32 - 1];
  return [
    binary((a, b) => a + b),
    binary((a, b) => a - b),
    binary((a, b) => a * b),
    binary((a, b) => a / b),
    comparison, // fast
    comparison, // fast, with flags
    unary(Math.sqrt, ARITHMETIC_CYCLES),
    toInteger(...INT, false),
    toInteger(...INT, true),
    toInteger(...UINT, false),
    toInteger(...UINT, true),
    fromInteger(true, false),
    fromInteger(true, true),
    fromInteger(false, false),
    fromInteger(false, true),
    unary(Math.cos),
    unary(Math.sin),
    unary(Math.tan),
    sincos,
    unary(Math.exp),
    unary(Math.log),
    comparison,
    binary(Math.atan2),
    fromInteger64(true, false),
    fromInteger64(true, true),
    fromInteger64(false, false),
    fromInteger64(false, true),
    toInteger64(true, false),
    toInteger64(true, true),
    toInteger64(false, false),
    toInteger64(false, true),
    { cycles: ARITHMETIC_CYCLES, run: (r) => other.write(r, format.read(r, 0)) },
  ];
}

export const SINGLE_TABLE = table(SINGLE, DOUBLE);
export const DOUBLE_TABLE = table(DOUBLE, SINGLE);
