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

class Way {
  readonly #near: Socket;
  readonly #far: Socket;

  private constructor(near: Socket, far: Socket) {
    this.#near = near;
    this.#far = far;
  }

  /** The browser is where it was last heard from. */
  static async to(port: number, isCut: () => boolean): Promise<Way> {
    const [near, far] = [createSocket('udp4'), createSocket('udp4')];
    let browser = 0;
    near.on('message', (packet, from) => {
      browser = from.port;
      if (!isCut()) far.send(packet, port, '127.0.0.1');
    });
    far.on('message', (packet) => {
      if (!isCut() && browser !== 0) near.send(packet, browser, '127.0.0.1');
    });
    for (const socket of [near, far]) {
      socket.bind(0, '127.0.0.1');
      await once(socket, 'listening');
    }
    return new Way(near, far);
  }

  get port(): number {
    return this.#near.address().port;
  }

  close(): void {
    this.#near.close();
    this.#far.close();
  }
}
