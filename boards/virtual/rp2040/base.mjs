// The one door to the npm package rp2040js, whose peripherals this chip is built from.
//
// The package's exports map hides most of its modules, so they are imported by file URL, all from
// one folder: two copies of a class would not be the same class. The folder with node_modules comes
// in WEFT_NODE_MODULES, because Node looks for packages beside the importing file only.

import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = process.env.WEFT_NODE_MODULES;
if (!root) throw new Error('WEFT_NODE_MODULES is not set: start this through boards/virtual/pico.py');

const load = (name) =>
  import(pathToFileURL(path.join(root, 'rp2040js', 'dist', 'esm', `${name}.js`)).href);

export const { RP2040, FIFO, USBCDC, RPPIO, RPUSBController } = await load('index');
export const { IRQ } = await load('irq');
export const { RPSIO } = await load('sio');
export const { BasePeripheral } = await load('peripherals/peripheral');
export const { RPIO } = await load('peripherals/io');
export const { RPPADS } = await load('peripherals/pads');
export const { RPPSM } = await load('peripherals/psm');
export const { RPReset } = await load('peripherals/reset');
export const { RPTimer } = await load('peripherals/timer');
export const { RPWatchdog } = await load('peripherals/watchdog');
export const { DREQChannel } = await load('peripherals/dma');
