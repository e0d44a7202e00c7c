// What can be asked for now, from what the server has said: docs/protocol.md, section 6. Pure. The
// server has the last word; this is so that no button promises what it cannot keep.
import {
  type Capability,
  type Conversation,
  focusOf,
  type Interaction,
  type RecordingState,
} from '@cordboard/client';

export interface Abilities {
  readonly answer: boolean;
  readonly reject: boolean;
  readonly release: boolean;
  readonly hold: boolean;
  readonly retrieve: boolean;
  readonly mute: boolean;
  readonly unmute: boolean;
  readonly keypad: boolean;
  /** Calling somebody in addition: to ask them, or to hand over. */
  readonly consult: boolean;
  readonly blindTransfer: boolean;
  readonly blindConference: boolean;
  readonly alternate: boolean;
  readonly reconnect: boolean;
  readonly consultTransfer: boolean;
  readonly consultConference: boolean;
  readonly record: RecordingAbilities;
  readonly complete: boolean;
}

export interface RecordingAbilities {
  readonly start: boolean;
  readonly stop: boolean;
  readonly pause: boolean;
  readonly resume: boolean;
}

const isAnswered = (it: Conversation | undefined) =>
  it?.state === 'CONNECTED' || it?.state === 'HELD';

export function abilitiesOf(
  interaction: Interaction,
  capabilities: readonly Capability[],
): Abilities {
  const can = (it: Capability) => capabilities.includes(it);
  const focus = focusOf(interaction);
  const isCall = interaction.type === 'Telephony';
  const isStarted = interaction.state === 'STARTED';
  const isAlone = interaction.conversations.length === 1;
  const isTalking = focus?.state === 'CONNECTED';
  const areBothAnswered =
    interaction.conversations.length === 2 && interaction.conversations.every(isAnswered);
  const isOutside = interaction.direction !== 'INTERNAL';
  const isOne = (focus?.members.length ?? 0) === 1;
  const canGiveAway = isCall && isStarted && isAlone && isAnswered(focus);
  return {
    answer: interaction.state === 'ALERTING',
    reject: interaction.state === 'ALERTING',
    release: focus !== undefined && (isAnswered(focus) || focus.state === 'DIALING'),
    hold: can('hold') && isTalking,
    retrieve: can('hold') && isAlone && focus?.state === 'HELD',
    mute: can('mute') && isAnswered(focus) && focus?.muted === false,
    unmute: can('mute') && isAnswered(focus) && focus?.muted === true,
    keypad: can('dtmf') && isTalking,
    consult: can('consult') && canGiveAway,
    blindTransfer: can('transfer') && canGiveAway && isOutside && isOne,
    blindConference: can('conference') && canGiveAway,
    alternate: areBothAnswered && can('consult'),
    reconnect: isStarted && interaction.conversations.some((it) => it.type === 'consult'),
    consultTransfer: areBothAnswered && can('transfer'),
    consultConference: areBothAnswered && can('conference'),
    record: recordingAbilities(interaction.recording, isCall && isStarted, can),
    complete: interaction.state === 'ENDED' || (!isCall && isStarted),
  };
}

function recordingAbilities(
  recording: RecordingState,
  isOn: boolean,
  can: (it: Capability) => boolean,
): RecordingAbilities {
  const canRecord = isOn && can('recording');
  const canPause = isOn && can('recording.pause');
  return {
    start: canRecord && recording === 'NONE',
    stop: canRecord && recording !== 'NONE',
    pause: canPause && recording === 'RECORDING',
    resume: canPause && recording === 'PAUSED',
  };
}

/** What may be dialled (docs/protocol.md, "Dialling"), without what people write for the eye. */
export function numberOf(written: string): string | undefined {
  const number = written.trim().replace(/[\s()/]/g, '');
  return /^[A-Za-z0-9+*#\-._]{1,64}$/.test(number) ? number : undefined;
}
