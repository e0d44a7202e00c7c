// The life of one session over however many connections: log-in, start, loss and resume, a gap, the
// end (docs/protocol.md, sections 4 and 5). One state at a time; what comes is answered in on...().
import { delayOf } from './back_off.js';
import { Connection } from './connection.js';
import {
  CommandError,
  type CordboardError,
  type EndReason,
  LimitError,
  ProtocolError,
  SessionOverError,
  TakeoverDeclinedError,
  UnreachableError,
  UsageError,
} from './errors.js';
import { EventStream } from './event_stream.js';
import type { Commands, Events, SessionView } from './generated/protocol.js';
import {
  bytesOf,
  type FailureMessage,
  type LiveEvent,
  messageBytesMax,
  type ProtocolEvent,
  printRequest,
  readMessage,
  type ServerMessage,
  type SuccessMessage,
} from './messages.js';
import type { Model } from './model.js';
import type { Credentials, Settings } from './options.js';
import { PendingCommands, type Settled } from './pending.js';

/**
 * idle: not begun. logging-in: no session yet. starting: everything there is is being told. open:
 * the model is live. lost: no connection, trying to come back. over: nothing more will come.
 */
export type Status = 'idle' | 'logging-in' | 'starting' | 'open' | 'lost' | 'over';

/** What brings a client back to its session: after the reload of a page, for one. A secret. */
export interface Ticket {
  readonly session: string;
  readonly resumeToken: string;
  /** The last event that is known. */
  readonly seq: number;
}

export interface LinkListener {
  onStatus(status: Status): void;
  onEvent(event: ProtocolEvent): void;
  onLive(event: LiveEvent): void;
  onModel(model: Model): void;
  onOver(reason: EndReason): void;
  onProblem(error: CordboardError): void;
}

/** A request of the link's own. One at a time is on its way. */
interface OwnRequest {
  readonly command: keyof Commands;
  readonly id: string | undefined;
  readonly stopWaiting: () => void;
}

type Answer = Exclude<ServerMessage, ProtocolEvent | LiveEvent>;

interface Entrance {
  readonly resolve: (model: Model) => void;
  readonly reject: (error: Error) => void;
}

const goneCode = 4001;
const movedCode = 4002;
/** The server closes with these if we do not keep to the protocol: trying again would not help. */
const ourFaultCodes: readonly number[] = [1003, 1007, 1008, 1009];
/** Nothing was tried: the same may be asked again. */
const laterCodes: readonly string[] = ['rate.limited', 'not.accepting', 'authentication.throttled'];

export class SessionLink {
  readonly #settings: Settings;
  readonly #listener: LinkListener;
  readonly #stream: EventStream;
  readonly #pending = new PendingCommands();
  readonly #prefix: string;
  #status: Status = 'idle';
  #connection: Connection | undefined;
  #session: { readonly id: string; readonly token: string } | undefined;
  /** The `id` of the session.start that is not done; undefined: started. */
  #startId: string | undefined;
  #afterTicket = 0;
  /** The link is open once the model has this event. */
  #openAt: number | undefined;
  #own: OwnRequest | undefined;
  #entrance: Entrance | undefined;
  #takesOver = false;
  #isAsking = false;
  #hasLostAnswer = false;
  #wasRefused = false;
  #tries = 0;
  #lastId = 0;
  #stopTimer: () => void = () => {};

  constructor(settings: Settings, listener: LinkListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#stream = new EventStream(settings.heldEventsMax);
    // Unique among all clients that a session ever has, so that no request is taken for another's.
    const part = () => Math.floor(settings.random() * 36 ** 8).toString(36);
    this.#prefix = `${part()}${part()}`;
  }

  get status(): Status {
    return this.#status;
  }
  get model(): Model | undefined {
    return this.#stream.model;
  }
  get ticket(): Ticket | undefined {
    if (!this.#session) return undefined;
    const seq = this.#stream.model?.seq ?? this.#afterTicket;
    return { session: this.#session.id, resumeToken: this.#session.token, seq };
  }

  /** Logs in, or goes back to the ticket's session. Once for a link. */
  enter(ticket?: Ticket): Promise<Model> {
    if (this.#status !== 'idle')
      return Promise.reject(new UsageError('This client has begun already.'));
    return new Promise((resolve, reject) => {
      this.#entrance = { resolve, reject };
      if (ticket) {
        this.#session = { id: ticket.session, token: ticket.resumeToken };
        this.#afterTicket = ticket.seq;
        this.#setStatus('lost');
      } else {
        this.#setStatus('logging-in');
      }
      this.#connect();
    });
  }

  /** Settled as pending.ts says. */
  ask(command: string, target: string, data: object): Promise<Settled> {
    if (this.#status === 'idle' || this.#status === 'over') {
      return Promise.reject(new UsageError(`There is no session: ${this.#status}.`));
    }
    const { pendingMax } = this.#settings;
    if (this.#pending.size >= pendingMax) {
      return Promise.reject(new LimitError('pendingMax', pendingMax));
    }
    const id = this.#nextId();
    const text = printRequest({ command, target, data, id });
    if (bytesOf(text) > messageBytesMax) {
      return Promise.reject(new LimitError('messageBytesMax', messageBytesMax));
    }
    return new Promise((resolve, reject) => {
      this.#pending.add(id, { command, text, resolve, reject });
      if (this.#status !== 'open' || !this.#connection) return;
      this.#pending.markSent(id);
      this.#connection.send(text);
    });
  }

  /** Tries at once what waits for its time: the network is back. */
  hurry(): void {
    if (this.#connection || this.#isAsking || this.#status === 'over' || this.#status === 'idle')
      return;
    this.#connect();
  }

  /** Leaves. The session lives on, detached, until the server ends it. */
  close(): void {
    this.#end('closed');
  }

  // --- Connections ------------------------------------------------------------------------------

  #connect(): void {
    this.#stopTimer();
    const { url, WebSocket, timers, openMs } = this.#settings;
    try {
      this.#connection = new Connection(
        { url, WebSocket, timers, openMs },
        {
          onOpen: () => this.#onOpen(),
          onText: (text) => this.#onText(text),
          onClose: (code) => this.#onClose(code),
        },
      );
    } catch (error) {
      this.#end('refused', new UnreachableError(`No WebSocket at ${url}: ${error}`));
    }
  }

  #onOpen(): void {
    if (!this.#session) return void this.#prepare();
    const after = this.#stream.model?.seq ?? this.#afterTicket;
    this.#askOwn('session.resume', { resumeToken: this.#session.token, after });
  }

  #onClose(code: number): void {
    this.#connection = undefined;
    this.#stopTimer();
    if (this.#own?.command === 'prepareSession') this.#hasLostAnswer = true;
    this.#forgetOwn();
    this.#openAt = undefined;
    if (code === movedCode) return this.#end('moved');
    if (code === goneCode) return this.#end('lost');
    if (ourFaultCodes.includes(code)) {
      return this.#end(
        'protocol',
        new ProtocolError(`The server closed the connection with ${code}.`),
      );
    }
    if (!this.#isAsking) this.#tryLater();
  }

  #tryLater(): void {
    this.#tries += 1;
    const { logInTriesMax, backOff, random, timers } = this.#settings;
    if (!this.#session && this.#tries >= logInTriesMax) {
      return this.#end('refused', new UnreachableError('The server cannot be reached.'));
    }
    if (this.#session) this.#setStatus('lost');
    this.#stopTimer = timers.after(delayOf(backOff, this.#tries, random), () => this.#connect());
  }

  // --- Messages ---------------------------------------------------------------------------------

  #onText(text: unknown): void {
    try {
      this.#take(readMessage(text));
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof LimitError)) throw error;
      // What cannot be understood, or is too much, is asked for again over another connection.
      this.#listener.onProblem(error);
      this.#connection?.lose();
    }
  }

  #take(message: ServerMessage): void {
    if (message.kind === 'event') return this.#onEvent(message);
    if (message.kind === 'live') return this.#listener.onLive(message);
    if (this.#isOwn(message)) return this.#onOwnAnswer(message);
    if (message.id === undefined || message.kind === 'confirm') return;
    if (message.kind === 'failure') {
      const { failure, command = '', target } = message;
      return this.#pending.fail(message.id, new CommandError(failure, command, target));
    }
    this.#pending.answer(message.id, { data: message.data, seq: message.seq });
    this.#settle();
  }

  #onEvent(event: ProtocolEvent): void {
    const taken = this.#stream.take(event);
    if (taken === 'gap') return this.#repair();
    const { model } = this.#stream;
    if (taken !== 'applied' || !model) return;
    this.#listener.onEvent(event);
    this.#listener.onModel(model);
    if (this.#status === 'over') return; // A listener has closed the client.
    this.#settle();
    if (this.#openAt !== undefined && model.seq >= this.#openAt) this.#open();
    if (event.name === 'session.ended') {
      this.#onSessionEnded((event.data as Events['session.ended']['data']).reason);
    }
  }

  #settle(): void {
    if (this.#stream.isWhole && this.#startId === undefined && this.#stream.model) {
      this.#pending.settle(this.#stream.model.seq);
    }
  }

  // --- The link's own requests ------------------------------------------------------------------

  #askOwn(command: keyof Commands, data: object, id?: string): void {
    const connection = this.#connection;
    if (!connection) return;
    const stopWaiting = this.#settings.timers.after(this.#settings.answerMs, () =>
      connection.lose(),
    );
    this.#own = { command, id, stopWaiting };
    const target = this.#session && { target: this.#session.id };
    connection.send(printRequest({ command, ...target, data, ...(id !== undefined && { id }) }));
  }

  #forgetOwn(): void {
    this.#own?.stopWaiting();
    this.#own = undefined;
  }

  #isOwn(message: Answer): boolean {
    if (!this.#own) return false;
    if (message.kind === 'confirm') return this.#own.command === 'prepareSession';
    return message.command === this.#own.command && message.id === this.#own.id;
  }

  #onOwnAnswer(message: Answer): void {
    const command = this.#own?.command;
    this.#forgetOwn();
    if (message.kind === 'confirm') return void this.#askToTakeOver(message.message);
    const isDone = message.kind === 'success';
    switch (command) {
      case 'prepareSession':
        return isDone ? this.#onPrepared(message) : this.#onNotPrepared(message);
      case 'session.resume':
        return isDone ? this.#onResumed(message) : this.#onNotResumed(message);
      case 'session.start':
        return isDone ? this.#openWith(message.seq) : this.#onNotStarted(message);
      default:
        return isDone ? this.#onSnapshot(message) : this.#onNoSnapshot();
    }
  }

  // --- Log-in -----------------------------------------------------------------------------------

  async #prepare(): Promise<void> {
    const connection = this.#connection;
    let agent: Credentials;
    try {
      const { credentials } = this.#settings;
      if (!credentials) throw new UsageError('There are no credentials to log in with.');
      const isRefused = this.#wasRefused;
      agent = typeof credentials === 'function' ? await credentials({ isRefused }) : credentials;
    } catch (error) {
      return this.#end('refused', error as Error);
    }
    if (!connection || connection !== this.#connection) return;
    const data = this.#takesOver ? { agent, override: true } : { agent };
    this.#askOwn('prepareSession', data, this.#nextId());
  }

  async #askToTakeOver(message: string): Promise<void> {
    this.#isAsking = true;
    let isWanted = false;
    try {
      const mayBeOwn = this.#hasLostAnswer;
      isWanted = (await this.#settings.takeOver?.({ message, mayBeOwn })) ?? false;
    } catch (error) {
      return this.#end('refused', error as Error);
    } finally {
      this.#isAsking = false;
    }
    if (this.#status === 'over') return;
    if (!isWanted) return this.#end('refused', new TakeoverDeclinedError(message));
    this.#takesOver = true;
    // The connection may have been lost while somebody made up their mind.
    if (this.#connection) await this.#prepare();
    else this.#connect();
  }

  #onPrepared({ data }: SuccessMessage): void {
    const { session, resumeToken } = data as Commands['prepareSession']['adds'];
    this.#session = { id: session.id, token: resumeToken };
    this.#takesOver = this.#hasLostAnswer = this.#wasRefused = false;
    this.#stream.begin(session.id);
    this.#startId = this.#nextId();
    this.#start();
  }

  #onNotPrepared({ failure, command = '' }: FailureMessage): void {
    const mayRefresh = typeof this.#settings.credentials === 'function' && !this.#wasRefused;
    if (failure.code === 'authentication.failed' && mayRefresh) {
      this.#wasRefused = true;
      return void this.#prepare();
    }
    if (failure.code === 'not.accepting' || failure.code === 'rate.limited') {
      return this.#connection?.lose();
    }
    this.#end('refused', new CommandError(failure, command, undefined));
  }

  #start(): void {
    this.#setStatus('starting');
    this.#askOwn('session.start', {}, this.#startId);
  }

  #onNotStarted({ failure, command = '', target }: FailureMessage): void {
    if (laterCodes.includes(failure.code)) return this.#connection?.lose();
    this.#end('refused', new CommandError(failure, command, target));
  }

  /** Open as soon as the model has the event `seq`. */
  #openWith(seq: number): void {
    this.#openAt = seq;
    if (this.#stream.isWhole && (this.#stream.model?.seq ?? 0) >= seq) this.#open();
  }

  #open(): void {
    this.#openAt = this.#startId = undefined;
    this.#tries = 0;
    // First what was asked before; listeners may ask for more.
    for (const text of this.#pending.unanswered()) this.#connection?.send(text);
    this.#checkLater();
    const { model } = this.#stream;
    if (model) this.#entrance?.resolve(model);
    this.#entrance = undefined;
    this.#settle();
    this.#setStatus('open');
  }

  // --- Coming back ------------------------------------------------------------------------------

  #onResumed({ data }: SuccessMessage): void {
    if (this.#startId !== undefined) return this.#start();
    if (!this.#stream.isWhole) return this.#repair();
    this.#openWith((data as Commands['session.resume']['adds']).to);
  }

  #onNotResumed({ failure }: FailureMessage): void {
    if (failure.code === 'resume.gap') {
      this.#stream.beginAnew();
      this.#startId = this.#nextId();
      return this.#start();
    }
    if (failure.code !== 'authentication.failed') return this.#connection?.lose();
    this.#onSessionEnded('lost');
  }

  // --- Snapshots: what is missing, and whether the connection is alive -------------------------

  #repair(): void {
    this.#stream.beginRepair();
    if (!this.#own) this.#askOwn('session.snapshot', {});
    // While the session is being bound, it is bound anew instead: that, too, tells what is missing.
    else if (this.#own.command !== 'session.snapshot') this.#connection?.lose();
  }

  #onSnapshot({ data }: SuccessMessage): void {
    const { session, seq } = data as { session: SessionView; seq: number };
    if (this.#stream.isWhole && (this.#stream.model?.seq ?? 0) >= seq) return this.#checkLater();
    for (const event of this.#stream.repair(session, seq)) this.#onEvent(event);
    const { model } = this.#stream;
    if (!model || !this.#stream.isWhole) return;
    this.#listener.onModel(model);
    if (this.#status === 'over') return;
    if (this.#openAt !== undefined) return this.#openWith(this.#openAt);
    if (this.#status !== 'open') return this.#open();
    this.#settle();
    this.#checkLater();
  }

  #onNoSnapshot(): void {
    // Refused is answered, too; but what is missing must come from somewhere.
    if (this.#stream.isWhole) this.#checkLater();
    else this.#connection?.lose();
  }

  #checkLater(): void {
    this.#stopTimer();
    this.#stopTimer = this.#settings.timers.after(this.#settings.checkMs, () => {
      if (!this.#own) this.#askOwn('session.snapshot', {});
    });
  }

  // --- The end ----------------------------------------------------------------------------------

  #onSessionEnded(reason: EndReason): void {
    const isNobodysWish = reason === 'expired' || reason === 'shutdown' || reason === 'lost';
    if (!isNobodysWish || !this.#settings.logsInAgain) return this.#end(reason);
    this.#endPending(reason);
    this.#connection?.drop();
    this.#connection = this.#session = this.#startId = this.#openAt = undefined;
    this.#forgetOwn();
    this.#setStatus('logging-in');
    this.#tries = 0;
    this.#tryLater();
  }

  #end(reason: EndReason, error?: Error): void {
    if (this.#status === 'over') return;
    this.#stopTimer();
    this.#forgetOwn();
    this.#connection?.drop();
    this.#connection = undefined;
    this.#setStatus('over');
    this.#endPending(reason);
    this.#entrance?.reject(error ?? new SessionOverError(reason, 'unknown'));
    this.#entrance = undefined;
    this.#listener.onOver(reason);
  }

  /** A log-out wants just this: that the session is over. */
  #endPending(reason: EndReason): void {
    this.#pending.end((command, wasSent) =>
      command === 'session.request.logout' && wasSent && (reason === 'logout' || reason === 'lost')
        ? undefined
        : new SessionOverError(reason, wasSent ? 'unknown' : 'not-sent'),
    );
  }

  #setStatus(status: Status): void {
    if (this.#status === status) return;
    this.#status = status;
    this.#listener.onStatus(status);
  }

  #nextId(): string {
    this.#lastId += 1;
    return `${this.#prefix}-${this.#lastId}`;
  }
}
