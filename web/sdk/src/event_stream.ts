// The events of one session, in order and each once, folded into the model. What does not follow on
// what is known is held until a snapshot has said the rest.
import { LimitError, ProtocolError } from './errors.js';
import type { SessionView } from './generated/protocol.js';
import type { ProtocolEvent } from './messages.js';
import { apply, emptyModel, type Model, modelOfSnapshot } from './model.js';

/**
 * applied: the model has it. old: it had it. held: a snapshot is on its way. gap: one is needed.
 */
export type Taken = 'applied' | 'old' | 'held' | 'gap';

export class EventStream {
  readonly #heldMax: number;
  #model: Model | undefined;
  #held: ProtocolEvent[] | undefined;
  #isToldAnew = false;

  constructor(heldMax: number) {
    this.#heldMax = heldMax;
  }

  /** Undefined: nothing is known yet. */
  get model(): Model | undefined {
    return this.#model;
  }

  /** All that was told is in the model: nothing is held, nothing about to be told anew. */
  get isWhole(): boolean {
    return this.#model !== undefined && this.#held === undefined && !this.#isToldAnew;
  }

  begin(session: string): void {
    this.#model = emptyModel(session);
    this.#held = undefined;
    this.#isToldAnew = false;
  }

  /** After resume.gap: the next event is the first of all there is, whatever its number. */
  beginAnew(): void {
    this.#held = undefined;
    this.#isToldAnew = true;
  }

  /** The model is to come from a snapshot; what is told until then is held. */
  beginRepair(): void {
    this.#held ??= [];
  }

  /** @throws {LimitError} if too many are held. */
  take(event: ProtocolEvent): Taken {
    if (this.#isToldAnew) {
      this.#isToldAnew = false;
      this.#model = emptyModel(event.target.split('.')[0] ?? '', event.seq - 1);
    }
    if (this.#held || !this.#model) return this.#hold(event, 'held');
    if (event.seq <= this.#model.seq) return 'old';
    if (event.seq > this.#model.seq + 1) return this.#hold(event, 'gap');
    try {
      this.#model = apply(this.#model, event);
      return 'applied';
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return this.#hold(event, 'gap');
    }
  }

  /**
   * Begins from a snapshot. Gives back the events that were held and are not in it: to be taken.
   */
  repair(view: SessionView, seq: number): readonly ProtocolEvent[] {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#model = modelOfSnapshot(view, seq);
    return held.filter((event) => event.seq > seq);
  }

  #hold(event: ProtocolEvent, taken: Taken): Taken {
    this.#held ??= [];
    if (this.#held.length >= this.#heldMax) throw new LimitError('heldEventsMax', this.#heldMax);
    this.#held.push(event);
    return taken;
  }
}
