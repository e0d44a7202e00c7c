// What the buttons and shortcuts ask for. Each looks at what is possible now; what is not, does
// nothing.
import { focusOf, type Interaction } from '@cordboard/client';
import { type Abilities, abilitiesOf } from './abilities.js';
import type { Desk } from './desk.js';

export interface CallActions {
  readonly can: Abilities;
  answer(): void;
  reject(): void;
  release(): void;
  /** Hold or retrieve. */
  toggleHold(): void;
  toggleMute(): void;
  /** Record, pause or resume. */
  stepRecording(): void;
  stopRecording(): void;
  swap(): void;
}

export function actionsOf(desk: Desk, interaction: Interaction): CallActions {
  const can = abilitiesOf(interaction, desk.view.model?.session.capabilities ?? []);
  const { target } = interaction;
  const talk = focusOf(interaction)?.target ?? '';
  const { record } = can;
  return {
    can,
    answer() {
      if (!can.answer) return;
      if (talk) void desk.ask('conversation.answer', talk);
      else void desk.ask('interaction.accept', target);
    },
    reject() {
      if (can.reject) void desk.ask('interaction.reject', target);
    },
    release() {
      if (can.release) void desk.ask('conversation.release', talk);
    },
    toggleHold() {
      if (can.hold) void desk.ask('conversation.hold', talk);
      else if (can.retrieve) void desk.ask('conversation.retrieve', talk);
    },
    toggleMute() {
      if (can.mute) void desk.ask('conversation.request.mute', talk);
      else if (can.unmute) void desk.ask('conversation.request.unmute', talk);
    },
    stepRecording() {
      if (record.start) void desk.ask('interaction.request.recording.start', target);
      else if (record.pause) void desk.ask('interaction.request.recording.pause', target);
      else if (record.resume) void desk.ask('interaction.request.recording.resume', target);
    },
    stopRecording() {
      if (record.stop) void desk.ask('interaction.request.recording.stop', target);
    },
    swap() {
      if (can.alternate) void desk.ask('interaction.alternate', target);
    },
  };
}

/** Whether `command` has been asked of `target` and not answered. */
export function isRunning(desk: Desk, command: string, target: string | undefined): boolean {
  return target !== undefined && desk.view.running.has(`${command} ${target}`);
}
