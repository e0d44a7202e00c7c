// The messages of docs/protocol.md, section 2: requests printed, everything else read. Members that
// are not known are ignored, as the protocol may be extended.
import { ProtocolError } from './errors.js';
import type { Events, FailureReason, JsonObject, LiveEvents } from './generated/protocol.js';

/** An event of one name. `seq` counts the session's events from 1 without a hole. */
export interface ProtocolEvent<Name extends keyof Events = keyof Events> {
  readonly kind: 'event';
  readonly name: Name;
  readonly target: string;
  readonly data: Events[Name]['data'];
  readonly seq: number;
  /** UTC, in milliseconds, as RFC 3339 has it. */
  readonly time: string;
}

/** An event that is not counted: told while the connection lives, to who asked for it. */
export interface LiveEvent<Name extends keyof LiveEvents = keyof LiveEvents> {
  readonly kind: 'live';
  readonly name: Name;
  readonly target: string;
  readonly data: LiveEvents[Name]['data'];
}

export interface SuccessMessage {
  readonly kind: 'success';
  readonly command: string;
  readonly id: string | undefined;
  readonly data: JsonObject;
  readonly seq: number;
}

export interface FailureMessage {
  readonly kind: 'failure';
  readonly command: string | undefined;
  readonly target: string | undefined;
  readonly id: string | undefined;
  readonly failure: FailureReason;
}

export interface ConfirmMessage {
  readonly kind: 'confirm';
  readonly id: string | undefined;
  readonly message: string;
}

export type ServerMessage =
  | ProtocolEvent
  | LiveEvent
  | SuccessMessage
  | FailureMessage
  | ConfirmMessage;

export interface Request {
  readonly command: string;
  readonly target?: string;
  readonly data?: object;
  readonly id?: string;
}

/** Requests are at most this long (docs/protocol.md, section 1). */
export const messageBytesMax = 65_536;

export function printRequest(request: Request): string {
  return JSON.stringify(request);
}

export function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Reads what came from the server.
 * @throws {ProtocolError} if it is none of the four kinds of messages.
 */
export function readMessage(text: unknown): ServerMessage {
  const message = parse(text);
  if (message['messageType'] === 'objectEvent') {
    return 'seq' in message ? readEvent(message) : readLiveEvent(message);
  }
  const id = typeof message['id'] === 'string' ? message['id'] : undefined;
  const command = optionalText(message, 'command');
  switch (message['result']) {
    case 'success':
      return {
        kind: 'success',
        command: textOf(message, 'command'),
        id,
        data: objectOf(message, 'data'),
        seq: countOf(message, 'seq'),
      };
    case 'failure': {
      const failure = objectOf(message, 'failure');
      textOf(failure, 'code');
      textOf(failure, 'message');
      const target = optionalText(message, 'target');
      return { kind: 'failure', command, target, id, failure: failure as FailureReason };
    }
    case 'confirm':
      return { kind: 'confirm', id, message: textOf(message, 'message') };
    default:
      throw new ProtocolError('A message of the server is neither an event nor an answer.');
  }
}

function readEvent(message: JsonObject): ProtocolEvent {
  return {
    kind: 'event',
    name: textOf(message, 'name') as keyof Events,
    target: textOf(message, 'target'),
    data: objectOf(message, 'data') as ProtocolEvent['data'],
    seq: countOf(message, 'seq'),
    time: textOf(message, 'time'),
  };
}

function readLiveEvent(message: JsonObject): LiveEvent {
  return {
    kind: 'live',
    name: textOf(message, 'name') as keyof LiveEvents,
    target: textOf(message, 'target'),
    data: objectOf(message, 'data') as LiveEvent['data'],
  };
}

function parse(text: unknown): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(String(text));
  } catch {
    throw new ProtocolError('A message of the server is not JSON.');
  }
  if (!isObject(value)) throw new ProtocolError('A message of the server is not a JSON object.');
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function optionalText(holder: JsonObject, name: string): string | undefined {
  const value = holder[name];
  return typeof value === 'string' ? value : undefined;
}

function textOf(holder: JsonObject, name: string): string {
  const value = holder[name];
  if (typeof value !== 'string') throw new ProtocolError(`${name} is not a text.`);
  return value;
}

function objectOf(holder: JsonObject, name: string): JsonObject {
  const value = holder[name];
  if (!isObject(value)) throw new ProtocolError(`${name} is not an object.`);
  return value;
}

function countOf(holder: JsonObject, name: string): number {
  const value = holder[name];
  if (!Number.isSafeInteger(value)) throw new ProtocolError(`${name} is not a count.`);
  return value as number;
}
