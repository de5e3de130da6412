// The one source of chance in a run: xorshift32, so that a seed repeats a run on every host.

export class Random {
  constructor(seed) {
    this.state = (seed >>> 0) ^ 0x9e3779b9 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** A whole number from 0 to 2^32 - 1. */
  next() {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x >>> 0;
  }
}
