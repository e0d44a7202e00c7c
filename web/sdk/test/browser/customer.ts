// A customer: SIPp does the signalling, the audio is ours: a tone out, and what comes back.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { muLawOf, ofMuLaw, shareOf, toneSamples } from './tone.js';

const scenario = fileURLToPath(
  new URL('../../../../../test/scenario/sipp/customer.xml', import.meta.url),
);
const frame = 160;

export class Customer {
  readonly #socket: Socket;
  readonly #sipp: ChildProcess;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #heard: { readonly at: number; readonly samples: readonly number[] }[] = [];
  readonly isGone: Promise<number | null>;
  #to: RemoteInfo | undefined;
  #sent = 0;

  private constructor(socket: Socket, sipp: ChildProcess, hz: number) {
    this.#socket = socket;
    this.#sipp = sipp;
    this.isGone = once(sipp, 'exit').then(([code]) => code as number | null);
    socket.on('message', (packet, from) => {
      this.#to = from;
      if ((packet[1] ?? 0) % 128 !== 0) return;
      this.#heard.push({ at: Date.now(), samples: [...packet.subarray(12)].map(ofMuLaw) });
    });
    this.#timer = setInterval(() => this.#speak(hz), 20);
  }

  static async call(sipPort: number, number: string, hz: number): Promise<Customer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const keys = ['-key', 'tone_port', String(socket.address().port), '-key', 'caller', '5551234'];
    const sipp = spawn(
      'sipp',
      ['-sf', scenario, '-m', '1', '-i', '127.0.0.1', '-nostdin', ...keys, '-s', number].concat(
        `127.0.0.1:${sipPort}`,
      ),
      { stdio: 'ignore' },
    );
    return new Customer(socket, sipp, hz);
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

  stop(): void {
    clearInterval(this.#timer);
    this.#socket.close();
    if (this.#sipp.exitCode === null) this.#sipp.kill('SIGKILL');
  }
}
