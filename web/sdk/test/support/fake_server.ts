// The server's end of a client's WebSockets, played by a test; with its clock, which only a test
// moves.
import assert from 'node:assert/strict';
import type { Timers, WebSocketLike } from '../../src/index.js';

interface Asked {
  readonly command: string;
  readonly target?: string;
  readonly data: Record<string, unknown>;
  readonly id?: string;
}

export class FakeSocket implements WebSocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly asked: Asked[] = [];
  isClosed = false;

  send(text: string): void {
    this.asked.push(JSON.parse(text) as Asked);
  }
  close(): void {
    this.isClosed = true;
  }

  /** The requests that were sent since, which are thereby taken. */
  take(): Asked[] {
    return this.asked.splice(0);
  }
  /** The one request that was sent since. */
  takeOne(command: string): Asked {
    const [one, ...more] = this.take();
    assert.equal(one?.command, command);
    assert.equal(more.length, 0);
    return one;
  }

  open(): void {
    this.onopen?.({} as never);
  }
  lose(code = 1006): void {
    this.onclose?.({ code } as never);
  }
  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never);
  }
  succeed({ command, target, id }: Asked, seq: number, data: object = {}): void {
    this.say({ command, target, id, result: 'success', data, seq });
  }
  fail(request: Asked, code: string): void {
    const { command, target, id } = request;
    const failure = { code, message: 'No.' };
    this.say({ command, target, id, result: 'failure', failure, original: request });
  }
  tell(seq: number, name: string, target: string, data: object = {}): void {
    const time = '2026-11-22T15:04:05.678Z';
    this.say({ messageType: 'objectEvent', target, name, data, seq, time });
  }
  /** An event without a number. */
  tellLive(name: string, target: string, data: object): void {
    const time = '2026-11-22T15:04:05.678Z';
    this.say({ messageType: 'objectEvent', target, name, data, time });
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];
  readonly #timers: { at: number; call: () => void }[] = [];
  #now = 0;

  /** To be given to a client as its WebSocket. */
  readonly WebSocket = ((server: FakeServer) =>
    class extends FakeSocket {
      constructor() {
        super();
        server.sockets.push(this);
      }
    })(this);

  readonly timers: Timers = {
    after: (ms, call) => {
      const timer = { at: this.#now + ms, call };
      this.#timers.push(timer);
      return () => {
        const at = this.#timers.indexOf(timer);
        if (at >= 0) this.#timers.splice(at, 1);
      };
    },
  };

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    assert(socket);
    return socket;
  }
  /** When the timers are due, from now on. */
  get due(): number[] {
    return this.#timers.map((it) => it.at - this.#now).sort((a, b) => a - b);
  }

  /** Lets time pass, and what is due happen in its order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#timers.filter((it) => it.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = next.at;
      next.call();
    }
    this.#now = end;
  }
}

/** Lets what waits for promises go on. */
export async function breathe(): Promise<void> {
  for (let i = 0; i < 10; ++i) await Promise.resolve();
}
