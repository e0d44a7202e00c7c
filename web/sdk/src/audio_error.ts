// What can be wrong with the audio of a browser, by a code that a desktop has words for.
import { CordboardError } from './errors.js';

export type AudioErrorCode =
  /** This browser has no WebRTC, or the page is not a secure context (HTTPS). */
  | 'unsupported'
  /** The person, or the browser's settings, have forbidden the microphone. */
  | 'microphone-denied'
  /** There is no microphone, or not the one that was asked for. */
  | 'no-microphone'
  /** Another program has it, or the system does not give it. */
  | 'microphone-failed'
  /** It was unplugged while in use. Audio goes on in silence: chooseMicrophone() takes another. */
  | 'microphone-gone'
  /** The loudspeaker that was asked for cannot be used. */
  | 'speaker-failed'
  /** The server has refused the offer; `cause` is its CommandError. */
  | 'refused'
  /** No packets get through: mostly a firewall that stops UDP. It is tried again. */
  | 'unreachable'
  /** stop() came before start() was done. */
  | 'stopped';

export class AudioError extends CordboardError {
  override readonly name = 'AudioError';
  readonly code: AudioErrorCode;

  constructor(code: AudioErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What getUserMedia() has rejected with, Media Capture and Streams §10.2. */
export function microphoneError(cause: unknown): AudioError {
  const name = cause instanceof Error ? cause.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return new AudioError('microphone-denied', 'The microphone is not allowed.', cause);
    case 'NotFoundError':
    case 'OverconstrainedError':
      return new AudioError('no-microphone', 'There is no such microphone.', cause);
    default:
      return new AudioError('microphone-failed', 'The microphone cannot be used.', cause);
  }
}
