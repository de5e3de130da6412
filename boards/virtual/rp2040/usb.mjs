// Both ends of the USB cable: the chip's controller, and a computer that enumerates the device and
// speaks CDC (a serial port) with it.
//
// The package's host answers every poll for data with an empty packet, so that a program never gets
// to sleep; this one answers only when it has data (a NAK, on the wire).

import { RPUSBController, USBCDC } from './base.mjs';

const SIE_STATUS = 0x50;
const SIE_SUSPENDED = 1 << 4;
const PACKET_BYTES = 64;

/** The device controller, whose SUSPENDED flag can be cleared, unlike the package's (4.1.4). */
export class UsbController extends RPUSBController {
  writeUint32(offset, value) {
    if (offset === SIE_STATUS) this.sieStatus &= ~(this.rawWriteValue & SIE_SUSPENDED);
    super.writeUint32(offset, value);
  }
}

export class UsbHost extends USBCDC {
  /**
   * `onData(bytes)` hears what the device sends on its serial port; `onPort(attached)` hears when the
   * computer finds the port and when it loses it.
   */
  constructor(controller, onData, onPort) {
    super(controller);
    this.controller = controller;
    this.onPort = onPort;
    this.plugged = true;
    this.ready = false; // enumerated, port open
    this.toSend = [];
    this.requested = null; // bytes that the device has room for now
    this.onDeviceConnected = () => {
      this.ready = true;
      onPort(true);
    };
    this.onSerialData = (bytes) => { if (this.plugged) onData(bytes); };
    const enabled = controller.onUSBEnabled;
    controller.onUSBEnabled = () => { if (this.plugged) enabled(); };
    controller.onEndpointRead = (endpoint, size) => {
      if (endpoint !== this.outEndpoint) return;
      this.requested = size;
      this.flush();
    };
  }

  send(bytes) {
    for (const byte of bytes) this.toSend.push(byte);
    this.flush();
  }

  /** Bytes that the device has not taken yet. */
  get backlog() {
    return this.toSend.length;
  }

  flush() {
    if (!this.plugged || this.requested === null || this.toSend.length === 0) return;
    const bytes = Uint8Array.from(this.toSend.splice(0, Math.min(this.requested, PACKET_BYTES)));
    this.requested = null;
    this.controller.endpointReadDone(this.outEndpoint, bytes);
  }

  /** The computer has lost the device, with all that it had not taken yet. */
  lose() {
    const attached = this.ready;
    this.ready = false;
    this.toSend = [];
    this.requested = null;
    if (attached) this.onPort(false);
  }

  /** Pulls the cable: the bus goes quiet, which the device sees as a suspend. */
  unplug() {
    this.plugged = false;
    this.lose();
    this.controller.sieStatus |= SIE_SUSPENDED;
    this.controller.sieStatusUpdated();
  }

  /** Puts it in again: a bus reset, and enumeration from the start. */
  plug() {
    this.plugged = true;
    this.initialized = false;
    this.descriptorsSize = null;
    this.descriptors = [];
    this.controller.resetDevice();
  }
}
