// A WebSocket proxy on loopback that cuts a connection at one message of its whole life: the n-th
// in one direction, over however many connections, either before it is passed on or right after.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

export interface Cut {
  readonly direction: 'to-server' | 'to-client';
  /** From 0 on. */
  readonly message: number;
  readonly when: 'before' | 'after';
}

export class CuttingProxy {
  readonly #listener: WebSocketServer;
  readonly #port: number;
  readonly #cut: Cut | undefined;
  readonly counts = { 'to-server': 0, 'to-client': 0 };
  cuts = 0;

  private constructor(listener: WebSocketServer, port: number, cut: Cut | undefined) {
    this.#listener = listener;
    this.#port = port;
    this.#cut = cut;
    listener.on('connection', (client) => this.#connect(client));
  }

  static async start(port: number, cut?: Cut): Promise<CuttingProxy> {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(listener, 'listening');
    return new CuttingProxy(listener, port, cut);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#listener.address() as AddressInfo).port}/v1/agent`;
  }

  /** Whoever is connected now; they may come back. */
  cutNow(): void {
    for (const client of this.#listener.clients) client.terminate();
  }

  async stop(): Promise<void> {
    this.cutNow();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #connect(client: WebSocket): void {
    const server = new WebSocket(`ws://127.0.0.1:${this.#port}/v1/agent`, 'cordboard.v1');
    const waiting: string[] = [];
    const end = () => {
      client.terminate();
      server.terminate();
    };
    const pass = (direction: Cut['direction'], to: WebSocket, text: string) => {
      if (client.readyState !== WebSocket.OPEN) return;
      const message = this.counts[direction]++;
      const isHere = this.#cut?.direction === direction && this.#cut.message === message;
      if (isHere) this.cuts += 1;
      if (isHere && this.#cut?.when === 'before') return end();
      to.send(text, () => isHere && end());
    };
    client.on('message', (data) => {
      if (server.readyState === WebSocket.OPEN) pass('to-server', server, String(data));
      else waiting.push(String(data));
    });
    server.on('open', () => {
      for (const text of waiting) pass('to-server', server, text);
    });
    server.on('message', (data) => pass('to-client', client, String(data)));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('close', (code) =>
        code >= 4000 || code === 1001 ? other.close(code) : other.terminate(),
      );
      one.on('error', end);
    }
  }
}
