// What the SDK takes from outside, so that it runs in browsers and Node, and in tests without a
// network, a clock or chance.

/** As much of the browser's WebSocket as is used; that of the package `ws` has it too. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(code?: number): void;
}
export type WebSocketConstructor = new (url: string, protocol: string) => WebSocketLike;

export interface Timers {
  /** Calls once, after so many milliseconds; gives back what prevents it. */
  after(ms: number, call: () => void): () => void;
}

export const realTimers: Timers = {
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
