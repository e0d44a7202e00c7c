import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hearingOf, type Sound } from '../../src/audio/hearing.js';
import { conversation } from '../support/models.js';

const well: Sound = {
  audio: 'connected',
  isMuted: false,
  isSilenced: false,
  microphone: 'headset',
};
const silent = (...because: string[]) => ({ what: 'silence', because });

test('the voice, if nothing is against it', () => {
  assert.deepEqual(hearingOf(conversation(), well, 'CONNECTED'), { what: 'voice' });
  // What the server has said is of no use while there is no connection to it.
  assert.deepEqual(hearingOf(conversation(), well, undefined), { what: 'voice' });
});

test('each of these alone is silence', () => {
  const heard = (part: Partial<Sound>) =>
    hearingOf(conversation(), { ...well, ...part }, 'CONNECTED');
  for (const audio of ['off', 'connecting', 'reconnecting'] as const) {
    assert.deepEqual(heard({ audio }), silent('noAudio'));
  }
  assert.deepEqual(heard({ microphone: undefined }), silent('noMicrophone'));
  assert.deepEqual(heard({ isMuted: true }), silent('mutedHere'));
  assert.deepEqual(heard({ isSilenced: true }), silent('silenced'));
  for (const media of ['NONE', 'CONNECTING', 'LOST'] as const) {
    assert.deepEqual(hearingOf(conversation(), well, media), silent('noAudio'));
  }
});

test('all that is against it is told: undoing one of two is still silence', () => {
  const muted = conversation({ muted: true });
  assert.deepEqual(hearingOf(muted, well, 'CONNECTED'), silent('mutedInCall'));
  assert.deepEqual(
    hearingOf(muted, { ...well, isMuted: true }, 'CONNECTED'),
    silent('mutedInCall', 'mutedHere'),
  );
  // Without audio there is no microphone in use, which is not another fault.
  assert.deepEqual(
    hearingOf(muted, { ...well, audio: 'off', microphone: undefined }, 'NONE'),
    silent('noAudio', 'mutedInCall'),
  );
});

test('who is held hears music, and who has not answered nothing', () => {
  assert.deepEqual(hearingOf(conversation({ state: 'HELD', muted: true }), well, 'LOST'), {
    what: 'held',
  });
  for (const state of ['ALERTING', 'DIALING', 'DISCONNECTED'] as const) {
    assert.equal(hearingOf(conversation({ state }), well, 'CONNECTED'), undefined);
  }
  assert.equal(hearingOf(undefined, well, 'CONNECTED'), undefined);
});
