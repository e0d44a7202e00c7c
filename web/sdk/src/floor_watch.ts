// Watching the floor over however many connections: asked for again whenever the link is open
// again, because the server watches for a connection and not for a session.
import { CordboardError, type EndReason, SessionOverError, UsageError } from './errors.js';
import { type Floor, foldFloor } from './floor.js';
import type { LiveEvent } from './messages.js';
import type { Settled } from './pending.js';
import type { Status } from './session_link.js';

export interface FloorHost {
  ask(command: 'session.request.watch' | 'session.request.endwatch'): Promise<Settled>;
  onFloor(floor: Floor): void;
  onProblem(error: CordboardError): void;
}

interface Waiter {
  readonly resolve: (floor: Floor) => void;
  readonly reject: (error: Error) => void;
}

export class FloorWatch {
  readonly #host: FloorHost;
  #floor: Floor | undefined;
  #waiters: Waiter[] = [];
  #isWanted = false;

  constructor(host: FloorHost) {
    this.#host = host;
  }

  get floor(): Floor | undefined {
    return this.#floor;
  }

  begin(): Promise<Floor> {
    this.#isWanted = true;
    if (this.#floor) return Promise.resolve(this.#floor);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#ask();
    });
  }

  async end(): Promise<void> {
    if (!this.#isWanted) return;
    this.#stop(new UsageError('The floor is not watched any more.'));
    await this.#host.ask('session.request.endwatch');
  }

  /**
   * What was known may be old, and a new connection is told nothing unless it asks. That it may ask
   * twice, because the link sends again what was not answered, does no harm.
   */
  onStatus(status: Status): void {
    if (status === 'lost' || status === 'logging-in') this.#floor = undefined;
    if (status === 'open' && this.#isWanted && !this.#floor) this.#ask();
  }

  onLive(event: LiveEvent): void {
    if (!this.#isWanted || event.name !== 'floor.updated') return;
    const floor = foldFloor(this.#floor, event.data);
    if (!floor) return;
    this.#floor = floor;
    for (const { resolve } of this.#waiters.splice(0)) resolve(floor);
    this.#host.onFloor(floor);
  }

  onOver(reason: EndReason): void {
    this.#stop(new SessionOverError(reason, 'unknown'));
  }

  #ask(): void {
    this.#host.ask('session.request.watch').catch((error) => this.#onRefused(error));
  }

  #onRefused(error: Error): void {
    const isAwaited = this.#waiters.length > 0;
    // Nobody waits, and the session has ended: the next one is asked, if there is one.
    if (!this.#isWanted || (error instanceof SessionOverError && !isAwaited)) return;
    this.#stop(error);
    if (!isAwaited && error instanceof CordboardError) this.#host.onProblem(error);
  }

  #stop(error: Error): void {
    this.#isWanted = false;
    this.#floor = undefined;
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
