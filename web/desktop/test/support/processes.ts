// Programs that a test starts, and ends by itself.
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export class Program {
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;
  #output = '';
  #onOutput: () => void = () => {};

  constructor(file: string, parameters: readonly string[], folder: string) {
    this.#child = spawn(file, parameters, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (part) => {
        this.#output += part;
        this.#onOutput();
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Waits until it has printed this; gives the first group of it. */
  async printed(pattern: RegExp): Promise<string> {
    const isGone = this.#exit.then(() => {
      throw new Error(`It has ended: ${this.#output}`);
    });
    isGone.catch(() => {});
    for (;;) {
      const found = pattern.exec(this.#output)?.[1];
      if (found !== undefined) return found;
      const more = new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
      await Promise.race([more, isGone]);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await this.#exit;
    }
  }
}

/** A UDP port that the system gives, and that is free when this returns. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** A UDP port that takes everything and says nothing: where the audio goes. */
export async function silentUdpPort(): Promise<{ port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}
