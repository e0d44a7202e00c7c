// Commands that have been asked and not settled, in the order they were given.
//
// When a command is settled is the protocol's own promise (docs/protocol.md, section 5): a success
// carries the `seq` of the last event it caused, or of the last event so far if it caused none, and
// events are numbered without a hole. A model that has taken the event of that number has therefore
// taken all that the command has done, whichever command it is, in whatever order answer and events
// came, over however many connections. A failure carries no `seq`: it is settled at once.
import type { CordboardError } from './errors.js';
import type { JsonObject } from './generated/protocol.js';

export interface Settled {
  readonly data: JsonObject;
  readonly seq: number;
}

export interface PendingCommand {
  readonly command: string;
  /** The whole message: sent again as it is, so that the server knows it again by its `id`. */
  readonly text: string;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: CordboardError) => void;
}

interface Entry extends PendingCommand {
  wasSent: boolean;
  answer: Settled | undefined;
}

export class PendingCommands {
  readonly #entries = new Map<string, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  add(id: string, command: PendingCommand): void {
    this.#entries.set(id, { ...command, wasSent: false, answer: undefined });
  }

  /** What is to be sent over a new connection: everything that has no answer. */
  unanswered(): readonly string[] {
    const open = [...this.#entries.values()].filter((it) => it.answer === undefined);
    for (const it of open) it.wasSent = true;
    return open.map((it) => it.text);
  }

  markSent(id: string): void {
    const entry = this.#entries.get(id);
    if (entry) entry.wasSent = true;
  }

  /** A success has come. It settles the command once settle() hears of its `seq`. */
  answer(id: string, answer: Settled): void {
    const entry = this.#entries.get(id);
    if (entry) entry.answer = answer;
  }

  /** The model has taken all events up to `seq`. */
  settle(seq: number): void {
    for (const [id, { answer, resolve }] of this.#entries) {
      if (answer === undefined || answer.seq > seq) continue;
      this.#entries.delete(id);
      resolve(answer);
    }
  }

  fail(id: string, error: CordboardError): void {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    entry?.reject(error);
  }

  /** Nothing will be answered any more. What was answered is as true as it was. */
  end(outcome: (command: string, wasSent: boolean) => CordboardError | undefined): void {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { command, wasSent, answer, resolve, reject } of entries) {
      const error = answer ? undefined : outcome(command, wasSent);
      if (error) reject(error);
      else resolve(answer ?? { data: {}, seq: 0 });
    }
  }
}
