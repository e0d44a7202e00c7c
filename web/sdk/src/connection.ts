// One WebSocket: opened, spoken over, and closed once. What comes after its end is not heard.
import type { Timers, WebSocketConstructor, WebSocketLike } from './surroundings.js';

export interface ConnectionListener {
  onOpen(): void;
  onText(text: unknown): void;
  /** Once, and nothing after it. `code` is the server's, or 1006: there was none. */
  onClose(code: number): void;
}

export interface ConnectionOptions {
  readonly url: string;
  readonly WebSocket: WebSocketConstructor;
  readonly timers: Timers;
  /** A connection that is not open by then is given up. */
  readonly openMs: number;
}

const subprotocol = 'cordboard.v1';
const noCode = 1006;

export class Connection {
  readonly #socket: WebSocketLike;
  readonly #listener: ConnectionListener;
  readonly #stopWaiting: () => void;
  #isOver = false;

  /** @throws what the WebSocket's constructor throws: the URL is none. */
  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#listener = listener;
    this.#socket = new options.WebSocket(options.url, subprotocol);
    this.#stopWaiting = options.timers.after(options.openMs, () => this.#end(noCode));
    this.#socket.onopen = () => {
      if (this.#isOver) return;
      this.#stopWaiting();
      listener.onOpen();
    };
    this.#socket.onmessage = (event: { data: unknown }) => {
      if (!this.#isOver) listener.onText(event.data);
    };
    this.#socket.onclose = (event: { code: number }) => this.#end(event.code);
    // onclose follows, and says all that a browser lets be known.
    this.#socket.onerror = () => {};
  }

  send(text: string): void {
    if (!this.#isOver) this.#socket.send(text);
  }

  /** Leaves without a word to the listener. */
  drop(): void {
    this.#isOver = true;
    this.#stopWaiting();
    this.#socket.close();
  }

  /** Gives the connection up as lost. */
  lose(): void {
    this.#end(noCode);
  }

  #end(code: number): void {
    if (this.#isOver) return;
    this.drop();
    this.#listener.onClose(code);
  }
}
