// The SDK's front: what a desktop uses.
import { Emitter, type Listener } from './emitter.js';
import type { CordboardError, EndReason } from './errors.js';
import type { Floor } from './floor.js';
import { FloorWatch } from './floor_watch.js';
import type { Commands, Events } from './generated/protocol.js';
import type { ProtocolEvent } from './messages.js';
import type { Model } from './model.js';
import { type ClientOptions, settingsOf } from './options.js';
import { SessionLink, type Status, type Ticket } from './session_link.js';

/** Commands of a desktop. The others are the SDK's business. */
export type Command = Exclude<
  keyof Commands,
  | 'prepareSession'
  | 'session.start'
  | 'session.resume'
  | 'session.snapshot'
  | 'session.request.watch'
  | 'session.request.endwatch'
>;

/** What a success tells beyond what was asked: `interaction-data`, for one. Mostly nothing. */
export type Added<Name extends Command> = Commands[Name]['adds'];

/** A page of what the agent has done; `next`: there is more. */
export type PastInteractions = Added<'session.request.history'>;

type DataOf<Name extends Command> = Commands[Name]['data'];
/** `data` may be left out if all of it may. */
type DataArguments<Name extends Command> =
  Record<never, never> extends DataOf<Name> ? [data?: DataOf<Name>] : [data: DataOf<Name>];

/**
 * What can be listened to: each event of the protocol by its name, and what the SDK tells itself.
 */
export type Tellings = { readonly [Name in keyof Events]: ProtocolEvent<Name> } & {
  /** Every event of the protocol, known or not. */
  readonly event: ProtocolEvent;
  /** The model has changed: by an event, after which this is told, or a snapshot. */
  readonly model: Model;
  readonly status: Status;
  /** While it is watched: how agents and queues are, after each change. */
  readonly floor: Floor;
  /** Once, and nothing after it. */
  readonly over: EndReason;
  /** For the log: something that the client gets over by itself. */
  readonly problem: CordboardError;
};

/**
 * An agent's session. One client is one session's life; after 'over' make a new one.
 *
 * ```ts
 * const client = new CordboardClient({ url, credentials: { id: 'alice', password } });
 * await client.logIn();
 * ```
 */
export class CordboardClient {
  readonly #tellings = new Emitter<Tellings>();
  readonly #link: SessionLink;
  readonly #floor: FloorWatch;

  /** Nothing happens yet. @throws {TypeError} if there is no WebSocket to use. */
  constructor(options: ClientOptions) {
    const tell = this.#tellings;
    this.#link = new SessionLink(settingsOf(options), {
      onStatus: (status) => {
        this.#floor.onStatus(status);
        tell.emit('status', status);
      },
      onEvent: (event) => {
        tell.emit(event.name, event as never);
        tell.emit('event', event);
      },
      onLive: (event) => this.#floor.onLive(event),
      onModel: (model) => tell.emit('model', model),
      onOver: (reason) => {
        this.#floor.onOver(reason);
        tell.emit('over', reason);
      },
      onProblem: (error) => tell.emit('problem', error),
    });
    this.#floor = new FloorWatch({
      ask: (command) => this.#link.ask(command, this.#link.ticket?.session ?? '', {}),
      onFloor: (floor) => tell.emit('floor', floor),
      onProblem: (error) => tell.emit('problem', error),
    });
  }

  get status(): Status {
    return this.#link.status;
  }

  /** What is known of the session; a new object with each change. Undefined before the log-in. */
  get model(): Model | undefined {
    return this.#link.model;
  }

  /**
   * What resume() needs, in another page of the same window: keep it where only this window can
   * read it (sessionStorage), and forget it when the session is over. Changes with each event.
   */
  get ticket(): Ticket | undefined {
    return this.#link.ticket;
  }

  /**
   * Connects, logs in and starts the session (docs/protocol.md, section 4). Resolves with the model
   * when everything there is has been told.
   *
   * Rejects with CommandError (`authentication.failed`, ...), TakeoverDeclinedError,
   * UnreachableError, SessionOverError, UsageError, or what the credentials' provider threw; the
   * client is then over.
   */
  logIn(): Promise<Model> {
    return this.#link.enter();
  }

  /**
   * Goes back to the session of a ticket. Resolves with the model when it is whole. Rejects with
   * SessionOverError if that session has ended; then log in with a new client.
   */
  resume(ticket: Ticket): Promise<Model> {
    return this.#link.enter(ticket);
  }

  /**
   * Asks for a command (docs/protocol.md, sections 4 and 6). Resolves when the platform has done
   * it *and* the model has taken all events it caused. While the connection is lost the command
   * waits for it; it is carried out once, however often it had to be sent.
   *
   * Rejects with CommandError if the server refuses, LimitError if too many wait or it is too long,
   * SessionOverError if the session ends before it is answered, UsageError without a session.
   */
  async ask<Name extends Command>(
    command: Name,
    target: string,
    ...[data]: DataArguments<Name>
  ): Promise<Added<Name>> {
    const settled = await this.#link.ask(command, target, data ?? {});
    return settled.data as unknown as Added<Name>;
  }

  /**
   * For supervisors: watches agents and queues, and goes on after any loss of the connection.
   * Resolves with the floor when all of it is known; then 'floor' is told with each change, at most
   * ten times a second.
   *
   * Rejects with CommandError `permission.denied` or `invalid.state` (too many watch), and as ask()
   * does.
   */
  watchFloor(): Promise<Floor> {
    return this.#floor.begin();
  }

  /** Watches no more. What watchFloor() has not given yet is rejected with UsageError. */
  stopWatching(): Promise<void> {
    return this.#floor.end();
  }

  /** What is watched, a new object with each change; undefined: nothing is, or it is not known. */
  get floor(): Floor | undefined {
    return this.#floor.floor;
  }

  /**
   * What the agent has done, the newest first, out of the server's history: of this session and of
   * those before it. `from` is a time as `Date.toISOString()` has it; what is behind `limit` (100)
   * is asked for with the `next` of this answer as `after`.
   *
   * Rejects with CommandError `unsupported` (there is no history), `not.accepting`, `timeout` or
   * `rate.limited` (one at a time), and as ask() does.
   */
  history(which: DataOf<'session.request.history'> = {}): Promise<PastInteractions> {
    return this.ask('session.request.history', this.#link.ticket?.session ?? '', which);
  }

  /** Ends the session. Rejects with CommandError `ongoing.interaction` if one is not completed. */
  async logOut(reason?: string): Promise<void> {
    const session = this.#link.ticket?.session ?? '';
    await this.#link.ask('session.request.logout', session, reason === undefined ? {} : { reason });
  }

  /** Calls `listener` with each; gives back what ends that. Listeners must not be slow. */
  on<Name extends keyof Tellings>(name: Name, listener: Listener<Tellings[Name]>): () => void {
    return this.#tellings.on(name, listener);
  }

  /** The network may be back: tries at once instead of at its time. For the browser's `online`. */
  hurry(): void {
    this.#link.hurry();
  }

  /**
   * Leaves without logging out: the session lives on without a connection until the server ends it
   * (docs/protocol.md, section 5). What was not answered rejects with SessionOverError.
   */
  close(): void {
    this.#link.close();
  }
}
