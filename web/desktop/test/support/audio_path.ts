// The network between the browser's audio and the server's: it can be cut.
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

export class AudioPath {
  readonly #ways = new Map<number, Promise<Way>>();
  #isCut = false;

  /** The port to send to instead of the server's. */
  async to(port: number): Promise<number> {
    const way = this.#ways.get(port) ?? Way.to(port, () => this.#isCut);
    this.#ways.set(port, way);
    return (await way).port;
  }

  cut(): void {
    this.#isCut = true;
  }
  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    for (const way of this.#ways.values()) (await way).close();
  }
}

/** Each socket of the browser has one of its own to the server: it checks the way from several. */
class Way {
  readonly #near: Socket;
  readonly #far = new Map<number, Socket>();
  readonly #isCut: () => boolean;

  private constructor(near: Socket, server: number, isCut: () => boolean) {
    this.#near = near;
    this.#isCut = isCut;
    near.on('message', (packet, from) => {
      if (!isCut()) this.#farOf(from.port).send(packet, server, '127.0.0.1');
    });
  }

  static async to(port: number, isCut: () => boolean): Promise<Way> {
    const near = createSocket('udp4');
    near.bind(0, '127.0.0.1');
    await once(near, 'listening');
    return new Way(near, port, isCut);
  }

  get port(): number {
    return this.#near.address().port;
  }

  close(): void {
    this.#near.close();
    for (const it of this.#far.values()) it.close();
  }

  #farOf(browser: number): Socket {
    const known = this.#far.get(browser);
    if (known) return known;
    const far = createSocket('udp4');
    far.on('message', (packet) => {
      if (!this.#isCut()) this.#near.send(packet, browser, '127.0.0.1');
    });
    this.#far.set(browser, far);
    return far;
  }
}
