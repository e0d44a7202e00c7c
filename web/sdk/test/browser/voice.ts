// The audio of a telephone, without the signalling: a tone out, and what comes back.
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { muLawOf, ofMuLaw, shareOf, toneSamples } from './tone.js';

const frame = 160;

export class Voice {
  readonly #socket: Socket;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #heard: { readonly at: number; readonly samples: readonly number[] }[] = [];
  #to: RemoteInfo | undefined;
  #sent = 0;

  private constructor(socket: Socket, hz: number) {
    this.#socket = socket;
    socket.on('message', (packet, from) => {
      this.#to = from;
      if ((packet[1] ?? 0) % 128 !== 0) return;
      this.#heard.push({ at: Date.now(), samples: [...packet.subarray(12)].map(ofMuLaw) });
    });
    this.#timer = setInterval(() => this.#speak(hz), 20);
  }

  static async open(hz: number): Promise<Voice> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Voice(socket, hz);
  }

  /** For SIPp's `tone_port`. */
  get port(): number {
    return this.#socket.address().port;
  }

  // To where it is heard from: symmetric RTP.
  #speak(hz: number): void {
    if (!this.#to) return;
    const packet = new DataView(new ArrayBuffer(12 + frame));
    packet.setUint8(0, 0x80);
    packet.setUint16(2, this.#sent & 0xffff);
    packet.setUint32(4, this.#sent * frame);
    packet.setUint32(8, 77);
    toneSamples(hz, this.#sent * frame, frame).forEach((it, i) => {
      packet.setUint8(12 + i, muLawOf(it));
    });
    this.#sent += 1;
    this.#socket.send(new Uint8Array(packet.buffer), this.#to.port, this.#to.address);
  }

  /** Of the last half of a second. */
  #lately(): number[] {
    const since = Date.now() - 500;
    return this.#heard.filter((it) => it.at > since).flatMap((it) => it.samples);
  }
  /** How much of that is the tone. */
  share(hz: number): number {
    const samples = this.#lately();
    return samples.length < 3_000 ? 0 : shareOf(hz, samples);
  }
  get loudness(): number {
    const samples = this.#lately();
    return Math.sqrt(samples.reduce((sum, it) => sum + it * it, 0) / Math.max(1, samples.length));
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket.close();
  }
}
