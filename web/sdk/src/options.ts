// How a client is set up. Everything but the URL and the credentials has a default.
import { type BackOff, defaultBackOff } from './back_off.js';
import type { Commands } from './generated/protocol.js';
import { realTimers, type Timers, type WebSocketConstructor } from './surroundings.js';

/** Who logs in: by id and password, or by a token (JWT) that says itself whom it is for. */
export type Credentials = Commands['prepareSession']['data']['agent'];

/** `isRefused`: what was given last has been refused; a token may have expired. */
export interface CredentialsRequest {
  readonly isRefused: boolean;
}

/** Asked for each log-in. A provider that gives fresh tokens is the hook for refreshing them. */
export type CredentialsProvider = (
  request: CredentialsRequest,
) => Credentials | Promise<Credentials>;

export interface TakeoverQuestion {
  /** The server's words. */
  readonly message: string;
  /**
   * The answer to a log-in of this client was lost on the way: the session there is may be its own,
   * of a moment ago, that nobody uses.
   */
  readonly mayBeOwn: boolean;
}

export interface ClientOptions {
  /** `wss://desk.example/v1/agent` */
  readonly url: string;
  /** Not needed for resume(). A refused token is asked for once more, if this is a function. */
  readonly credentials?: Credentials | CredentialsProvider;
  /**
   * Whether to take over the session that the agent has elsewhere. Without it none is taken over,
   * and logIn() rejects with TakeoverDeclinedError.
   */
  readonly takeOver?: (question: TakeoverQuestion) => boolean | Promise<boolean>;
  /** Logs in again, to a new session, when the old one has expired or the server has ended it. */
  readonly logsInAgain?: boolean;
  /** Default: the one of the browser, or of Node 22 and later. In older Node: that of `ws`. */
  readonly WebSocket?: WebSocketConstructor;
  readonly backOff?: BackOff;
  /** Tries of a log-in to reach the server. (One who has a session tries until it has ended.) */
  readonly logInTriesMax?: number;
  /** Commands that are not settled. The server allows 256 for a connection. */
  readonly pendingMax?: number;
  /** Events that wait for a snapshot; with more the connection is dropped and resumed. */
  readonly heldEventsMax?: number;
  /**
   * A connection is lost if it is not open after `openMs`, or an answer takes longer than
   * `answerMs`.
   */
  readonly openMs?: number;
  readonly answerMs?: number;
  /** How often an open connection is tried with a snapshot; a browser hears no pings. */
  readonly checkMs?: number;
  readonly timers?: Timers;
  readonly random?: () => number;
}

/** All of it, with the defaults. */
export type Settings = Required<Omit<ClientOptions, 'credentials' | 'takeOver'>> &
  Pick<ClientOptions, 'credentials' | 'takeOver'>;

/** @throws {TypeError} if there is no WebSocket to use. */
export function settingsOf(options: ClientOptions): Settings {
  const socket = options.WebSocket ?? globalThis.WebSocket;
  if (!socket)
    throw new TypeError('There is no WebSocket here: give one, e.g. that of the package ws.');
  return {
    logsInAgain: false,
    backOff: defaultBackOff,
    logInTriesMax: 5,
    pendingMax: 100,
    heldEventsMax: 10_000,
    openMs: 10_000,
    answerMs: 15_000,
    checkMs: 30_000,
    timers: realTimers,
    random: Math.random,
    ...options,
    WebSocket: socket,
  };
}
