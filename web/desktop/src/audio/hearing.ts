// What whoever is at the other end hears of the agent, and why: what the server says of the call,
// and what the browser knows of its own sound. Pure.
import type { Channel, Conversation } from '@cordboard/client';
import type { AudioState } from '@cordboard/client/audio';

export interface Sound {
  readonly audio: AudioState;
  /** The agent's own switch in this page. */
  readonly isMuted: boolean;
  /** By the system, or a switch of the headset. */
  readonly isSilenced: boolean;
  /** The `id` of the one in use; undefined: none. */
  readonly microphone: string | undefined;
}

/** Each of them alone is silence. In the order in which they are told. */
export const silences = [
  'noAudio',
  'noMicrophone',
  'mutedInCall',
  'mutedHere',
  'silenced',
] as const;
export type Silence = (typeof silences)[number];

export type Hearing =
  | { readonly what: 'voice' | 'held' }
  | { readonly what: 'silence'; readonly because: readonly Silence[] };

/**
 * `media` is what the server says of the audio; undefined while there is no connection to it, and
 * what it has said may be out of date. Undefined: there is nobody yet to hear anything.
 */
export function hearingOf(
  conversation: Conversation | undefined,
  sound: Sound,
  media: Channel['media'],
): Hearing | undefined {
  if (conversation?.state === 'HELD') return { what: 'held' };
  if (conversation?.state !== 'CONNECTED') return undefined;
  const hasAudio = sound.audio === 'connected' && (media === undefined || media === 'CONNECTED');
  const is: Readonly<Record<Silence, boolean>> = {
    noAudio: !hasAudio,
    noMicrophone: hasAudio && sound.microphone === undefined,
    mutedInCall: conversation.muted,
    mutedHere: sound.isMuted,
    silenced: sound.isSilenced,
  };
  const because = silences.filter((it) => is[it]);
  return because.length === 0 ? { what: 'voice' } : { what: 'silence', because };
}
