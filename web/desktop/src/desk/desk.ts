// The agent's desk: one SDK client after the other, and what the page shows of them. It changes
// nothing by itself: everything shown comes from the model or from what the server has answered.
import {
  type Command,
  CommandError,
  type Commands,
  CordboardClient,
  type EndReason,
  type Floor,
  type Model,
  type PastInteraction,
  type ProtocolEvent,
  type Status,
  TakeoverDeclinedError,
  type Ticket,
} from '@cordboard/client';
import type { Directory } from '../floor/directory.js';
import { type Day, dayAfter, doneMax, emptyDay, startOfDay, withPast } from './day.js';
import { type Problem, problemOf } from './problems.js';
import type { SessionMemory } from './storage.js';
import { noTimes, type Times, timesAfter } from './times.js';

/** `declined`: the agent did not want to take over the session that is elsewhere. */
export type Ending = EndReason | 'declined';

export interface DeskView {
  /** `out`: nobody is logged in here. */
  readonly status: Exclude<Status, 'idle' | 'over'> | 'out';
  readonly model: Model | undefined;
  readonly times: Times;
  readonly day: Day;
  /** How far the day is known from before this page; `none`: the server keeps no history. */
  readonly past: 'loading' | 'loaded' | 'none' | Problem;
  /** Why the last session ended here; undefined if there was none. */
  readonly ending: Ending | undefined;
  /** Whether the session can be taken back into this window. */
  readonly canReturn: boolean;
  readonly isAskedToTakeOver: boolean;
  readonly logInProblem: Problem | undefined;
  readonly problems: readonly Problem[];
  /** What has been asked and not answered: `COMMAND TARGET`, and ` AGENT` if it is about one. */
  readonly running: ReadonlySet<string>;
}

export interface DeskOptions {
  readonly url: string;
  readonly memory: SessionMemory;
  readonly nowMs: () => number;
}

const problemsMax = 4;

type DataOf<Name extends Command> = Commands[Name]['data'];
/** `data` may be left out if all of it may. */
type DataArguments<Name extends Command> =
  Record<never, never> extends DataOf<Name> ? [data?: DataOf<Name>] : [data: DataOf<Name>];

/** What a supervisor asks for is about one agent of many. */
function markOf(command: string, target: string, data: object | undefined): string {
  const { agent } = (data ?? {}) as { agent?: { id: string } };
  return agent ? `${command} ${target} ${agent.id}` : `${command} ${target}`;
}

const outside: DeskView = {
  status: 'out',
  model: undefined,
  times: noTimes,
  day: emptyDay,
  past: 'loading',
  ending: undefined,
  canReturn: false,
  isAskedToTakeOver: false,
  logInProblem: undefined,
  problems: [],
  running: new Set(),
};

/** What an agent has done since then, the newest first; of more than can be shown, the latest. */
async function pastSince(client: CordboardClient, sinceMs: number): Promise<PastInteraction[]> {
  const from = new Date(sinceMs).toISOString();
  const past: PastInteraction[] = [];
  let after: string | undefined;
  do {
    const page = await client.history({ from, limit: doneMax, ...(after && { after }) });
    past.push(...page.interactions);
    after = page.next;
  } while (after !== undefined && past.length < doneMax);
  return past;
}

/** What a client's end leaves to come back with, if anything. */
const returnable: readonly EndReason[] = ['moved', 'protocol'];

export class Desk {
  readonly #options: DeskOptions;
  readonly #listeners = new Set<() => void>();
  readonly #eventListeners = new Set<(event: ProtocolEvent, model: Model) => void>();
  #view: DeskView = outside;
  #client: CordboardClient | undefined;
  #answerTakeover: ((isWanted: boolean) => void) | undefined;
  #ticket: Ticket | undefined;
  #lastProblem = 0;
  /** Whose history is being read. */
  #reading: CordboardClient | undefined;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  get view(): DeskView {
    return this.#view;
  }

  /** The session's, for the audio that goes with it; undefined: nobody is logged in here. */
  get client(): CordboardClient | undefined {
    return this.#client;
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getView = (): DeskView => this.#view;

  /** Each event, once the view has it. */
  onEvent(listener: (event: ProtocolEvent, model: Model) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  /** Goes back to the session this window had before it was loaded again, if there was one. */
  async returnIfPossible(): Promise<void> {
    const ticket = this.#options.memory.ticket();
    if (ticket) await this.#enter({ ticket, times: this.#options.memory.times() });
  }

  /** Takes the session back that another window has resumed. */
  async takeBack(): Promise<void> {
    const ticket = this.#ticket;
    if (ticket) await this.#enter({ ticket, times: this.#view.times });
  }

  /** The password is kept by nobody once the session has started. */
  async logIn(id: string, password: string): Promise<void> {
    await this.#enter({ credentials: { id, password } });
  }

  answerTakeover(isWanted: boolean): void {
    this.#answerTakeover?.(isWanted);
    this.#answerTakeover = undefined;
    this.#change({ isAskedToTakeOver: false });
  }

  /** True once it is done and the view shows it. What goes wrong is in the view's problems. */
  async ask<Name extends Command>(
    command: Name,
    target: string,
    ...data: DataArguments<Name>
  ): Promise<boolean> {
    const client = this.#client;
    const mark = markOf(command, target, data[0]);
    if (!client || this.#view.running.has(mark)) return false;
    this.#change({ running: new Set([...this.#view.running, mark]) });
    try {
      await client.ask(command, target, ...data);
      return true;
    } catch (error) {
      this.#report(error);
      return false;
    } finally {
      this.#change({ running: new Set([...this.#view.running].filter((it) => it !== mark)) });
    }
  }

  /** Everybody and every queue there is to call, as it is now; undefined if it is not told. */
  async directory(): Promise<Directory | undefined> {
    const target = this.#view.model?.session.target;
    if (!target) return undefined;
    return this.#client?.ask('session.request.directory', target).catch(() => undefined);
  }

  /** Loads the day so far out of the server's history. What goes wrong is in the view's `past`. */
  async loadPast(): Promise<void> {
    const client = this.#client;
    if (!client || this.#reading === client) return;
    this.#reading = client;
    this.#change({ past: 'loading' });
    try {
      const past = await pastSince(client, startOfDay(this.#options.nowMs()));
      if (client !== this.#client || !client.model) return;
      this.#change({ past: 'loaded', day: withPast(this.#view.day, client.model, past) });
    } catch (error) {
      if (client !== this.#client) return;
      const isNone = error instanceof CommandError && error.code === 'unsupported';
      this.#change({ past: isNone ? 'none' : this.#problem(error) });
    } finally {
      if (this.#reading === client) this.#reading = undefined;
    }
  }

  /**
   * Tells the floor as it is, and with each change, until what is given back is called. Only for
   * supervisors: others are refused.
   */
  watchFloor(onFloor: (floor: Floor) => void, onRefused: (problem: Problem) => void): () => void {
    const client = this.#client;
    if (!client) return () => {};
    const refuse = (error: unknown) => onRefused(this.#problem(error));
    const leaves = [
      client.on('floor', onFloor),
      // Watched again by itself after a loss, it may be refused then.
      client.on('problem', (error) => error instanceof CommandError && refuse(error)),
    ];
    let isWanted = true;
    client.watchFloor().then(onFloor, (error) => isWanted && refuse(error));
    return () => {
      isWanted = false;
      for (const leave of leaves) leave();
      client.stopWatching().catch(() => {});
    };
  }

  async logOut(): Promise<void> {
    try {
      await this.#client?.logOut();
    } catch (error) {
      this.#report(error);
    }
  }

  dismiss(problem: number): void {
    this.#change({ problems: this.#view.problems.filter((it) => it.id !== problem) });
  }

  /** The network may be back. */
  hurry(): void {
    this.#client?.hurry();
  }

  async #enter(by: {
    credentials?: { id: string; password: string };
    ticket?: Ticket;
    times?: Times;
  }): Promise<void> {
    if (this.#client) return;
    const client = new CordboardClient({
      url: this.#options.url,
      takeOver: () => this.#askToTakeOver(),
      ...(by.credentials && { credentials: by.credentials }),
    });
    this.#client = client;
    this.#view = {
      ...outside,
      status: by.ticket ? 'lost' : 'logging-in',
      times: by.times ?? noTimes,
      day: this.#view.day,
    };
    this.#ticket = by.ticket;
    this.#listen(client);
    this.#tell();
    try {
      await (by.ticket ? client.resume(by.ticket) : client.logIn());
    } catch (error) {
      this.#onRefused(error);
    }
  }

  #listen(client: CordboardClient): void {
    // What a connection that was lost has missed is told when it is back; what was before the
    // session, or in a gap, is not.
    let isPastDue = true;
    client.on('status', (status) => {
      if (status !== 'idle' && status !== 'over') this.#change({ status });
      if (status === 'starting') isPastDue = true;
      if (status !== 'open' || !isPastDue) return;
      isPastDue = false;
      void this.loadPast();
    });
    client.on('event', (event) => {
      const { model } = client;
      if (!model) return;
      const times = timesAfter(this.#view.times, event, this.#options.nowMs());
      this.#change({ model, times, day: dayAfter(this.#view.day, model, event) });
      this.#keep(client);
      for (const listener of this.#eventListeners) listener(event, model);
    });
    // After an event this is told of what the view has already; after a snapshot it is news.
    client.on('model', (model) => {
      if (model !== this.#view.model) this.#change({ model });
      this.#keep(client);
    });
    client.on('over', (reason) => this.#onOver(reason));
  }

  #keep(client: CordboardClient): void {
    this.#ticket = client.ticket;
    this.#options.memory.keep(client.ticket, this.#view.times);
  }

  #onOver(reason: EndReason): void {
    this.#client = undefined;
    const canReturn = returnable.includes(reason) && this.#ticket !== undefined;
    if (!canReturn) {
      this.#options.memory.forget();
      this.#ticket = undefined;
    }
    const { day, times } = this.#view;
    this.#view = { ...outside, ending: reason, canReturn, day: canReturn ? day : emptyDay, times };
    this.#tell();
  }

  #onRefused(error: unknown): void {
    if (error instanceof TakeoverDeclinedError) return this.#change({ ending: 'declined' });
    if (error instanceof CommandError || this.#view.ending === 'refused') {
      this.#change({ ending: undefined, logInProblem: this.#problem(error) });
    }
  }

  #askToTakeOver(): Promise<boolean> {
    this.#change({ isAskedToTakeOver: true });
    return new Promise((resolve) => {
      this.#answerTakeover = resolve;
    });
  }

  #problem(error: unknown): Problem {
    this.#lastProblem += 1;
    return problemOf(error, this.#lastProblem);
  }

  #report(error: unknown): void {
    const problems = [...this.#view.problems, this.#problem(error)].slice(-problemsMax);
    this.#change({ problems });
  }

  #change(part: Partial<DeskView>): void {
    this.#view = { ...this.#view, ...part };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
