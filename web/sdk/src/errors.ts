// Everything the SDK rejects or reports with. A failure of the server's keeps its code
// (docs/protocol.md, section 9); the others are about the connection or the use of the SDK.
import type { FailureCode, FailureReason } from './generated/protocol.js';

/** What all errors of the SDK have in common. */
export class CordboardError extends Error {
  override readonly name: string = 'CordboardError';
}

/**
 * The server has refused a command, or failed to carry it out. A refused command changed nothing.
 */
export class CommandError extends CordboardError {
  override readonly name = 'CommandError';
  readonly code: FailureCode;
  /** What there is to say beyond the message. */
  readonly context: string | undefined;
  readonly command: string;
  readonly target: string | undefined;

  constructor(failure: FailureReason, command: string, target: string | undefined) {
    super(failure.context ? `${failure.message} ${failure.context}` : failure.message);
    this.code = failure.code;
    this.context = failure.context;
    this.command = command;
    this.target = target;
  }
}

/** Why a client is over: a session's end as the server told it, or one of the client's own. */
export type EndReason =
  | import('./generated/protocol.js').SessionEnd
  /** The session cannot be resumed: it had ended while the connection was lost. */
  | 'lost'
  /** Another connection has resumed the session (close code 4002). */
  | 'moved'
  /** close() was called. */
  | 'closed'
  /** The server could not be reached, log-in was refused, or the takeover declined. */
  | 'refused'
  /** One of the two sides does not keep to the protocol. */
  | 'protocol';

/**
 * The session is over, and with it what was asked and not answered. `outcome` says whether the
 * server may have carried the command out: 'unknown' if it had been sent, 'not-sent' if not.
 */
export class SessionOverError extends CordboardError {
  override readonly name = 'SessionOverError';
  readonly reason: EndReason;
  readonly outcome: 'unknown' | 'not-sent';

  constructor(reason: EndReason, outcome: 'unknown' | 'not-sent') {
    super(`The session is over: ${reason}.`);
    this.reason = reason;
    this.outcome = outcome;
  }
}

/** The agent has a session elsewhere, and it was decided not to take it over. */
export class TakeoverDeclinedError extends CordboardError {
  override readonly name = 'TakeoverDeclinedError';
}

/** No connection for a log-in, after as many tries as the options allow. */
export class UnreachableError extends CordboardError {
  override readonly name = 'UnreachableError';
}

/** A bound of the SDK is reached; nothing was sent. `bound` is the name of the option or limit. */
export class LimitError extends CordboardError {
  override readonly name = 'LimitError';
  readonly bound: string;

  constructor(bound: string, max: number) {
    super(`No more than ${max}: ${bound}.`);
    this.bound = bound;
  }
}

/** The client is not in a status that allows the call. */
export class UsageError extends CordboardError {
  override readonly name = 'UsageError';
}

/** What the server sent is not of the protocol. */
export class ProtocolError extends CordboardError {
  override readonly name = 'ProtocolError';
}
