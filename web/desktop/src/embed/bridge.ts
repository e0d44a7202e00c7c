// Talks to the web page around the desktop: to its origin only, and listens to nobody else.
import { allChannels, type Model } from '@cordboard/client';
import { numberOf } from '../desk/abilities.js';
import type { Desk } from '../desk/desk.js';
import { becomeReady, type Phone } from '../desk/states.js';
import {
  type Ask,
  interactionTold,
  mark,
  newsOf,
  readAsk,
  type Tell,
  version,
} from './protocol.js';

export class Bridge {
  readonly #desk: Desk;
  readonly #partner: string;
  readonly #phone: () => Phone | undefined;
  #told: Model | undefined;

  /** Begins at once. `partner` is an origin that the operator allows: protocol.ts. */
  constructor(desk: Desk, partner: string, phone: () => Phone | undefined) {
    this.#desk = desk;
    this.#partner = partner;
    this.#phone = phone;
    window.addEventListener('message', (message) => void this.#onMessage(message));
    desk.subscribe(() => this.#tellNews());
    this.#tell({ type: 'state', agent: null });
    this.#tellNews();
  }

  /** Instead of a window of the desktop's own: the page around shows what belongs to the call. */
  screenPop(interaction: Parameters<typeof interactionTold>[0], url: string | undefined): void {
    this.#tell({
      type: 'screenPop',
      interaction: interactionTold(interaction),
      ...(url !== undefined && { url }),
    });
  }

  #tellNews(): void {
    const { model } = this.#desk.view;
    if (model === this.#told) return;
    for (const it of newsOf(this.#told, model)) this.#tell(it);
    this.#told = model;
  }

  #tell(told: Tell): void {
    window.parent.postMessage({ [mark]: version, ...told }, this.#partner);
  }

  async #onMessage({ origin, source, data }: MessageEvent<unknown>): Promise<void> {
    if (origin !== this.#partner || source !== window.parent) return;
    const ask = readAsk(data);
    if (ask) this.#tell({ type: 'answer', id: ask.id, isDone: await this.#carryOut(ask) });
  }

  async #carryOut(ask: Ask): Promise<boolean> {
    const { model } = this.#desk.view;
    if (ask.type === 'hello') {
      for (const it of newsOf(undefined, model)) this.#tell(it);
      return true;
    }
    const channel = model && allChannels(model).find((it) => it.type === 'Telephony');
    if (!channel) return false;
    if (ask.type === 'ready') return becomeReady(this.#desk, channel, this.#phone());
    if (ask.type === 'notReady') return this.#desk.ask('channel.notready', channel.target);
    const destination = numberOf(ask.number);
    if (!destination) return false;
    return this.#desk.ask('channel.dial', channel.target, { destination });
  }
}
