// A customer: SIPp does the signalling, the audio is ours.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Voice } from './voice.js';

const scenario = fileURLToPath(
  new URL('../../../../../test/scenario/sipp/customer.xml', import.meta.url),
);

export class Customer {
  readonly #voice: Voice;
  readonly #sipp: ChildProcess;
  readonly isGone: Promise<number | null>;

  private constructor(voice: Voice, sipp: ChildProcess) {
    this.#voice = voice;
    this.#sipp = sipp;
    this.isGone = once(sipp, 'exit').then(([code]) => code as number | null);
  }

  static async call(sipPort: number, number: string, hz: number): Promise<Customer> {
    const voice = await Voice.open(hz);
    const keys = ['-key', 'tone_port', String(voice.port), '-key', 'caller', '5551234'];
    const sipp = spawn(
      'sipp',
      ['-sf', scenario, '-m', '1', '-i', '127.0.0.1', '-nostdin', ...keys, '-s', number].concat(
        `127.0.0.1:${sipPort}`,
      ),
      { stdio: 'ignore' },
    );
    return new Customer(voice, sipp);
  }

  share(hz: number): number {
    return this.#voice.share(hz);
  }
  get loudness(): number {
    return this.#voice.loudness;
  }

  stop(): void {
    this.#voice.close();
    if (this.#sipp.exitCode === null) this.#sipp.kill('SIGKILL');
  }
}
