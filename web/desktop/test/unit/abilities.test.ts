import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Capability } from '@cordboard/client';
import { type Abilities, abilitiesOf, numberOf } from '../../src/desk/abilities.js';
import { conversation, interaction } from '../support/models.js';

const all: readonly Capability[] = [
  ...(['hold', 'mute', 'recording', 'recording.pause', 'dial', 'dtmf'] as const),
  ...(['consult', 'transfer', 'monitor', 'conference'] as const),
];

/** The names of what is possible. */
function possible(abilities: Abilities): readonly string[] {
  const { record, ...others } = abilities;
  const names = (it: object) =>
    Object.entries(it)
      .filter(([, can]) => can === true)
      .map(([name]) => name);
  return [...names(others), ...names(record).map((it) => `record.${it}`)].sort();
}

test('an offer is answered or rejected, and nothing else', () => {
  const offer = interaction({
    state: 'ALERTING',
    conversations: [conversation({ state: 'ALERTING' })],
  });
  assert.deepEqual(possible(abilitiesOf(offer, all)), ['answer', 'reject']);
});

test('a call that is dialled can be given up', () => {
  const dialled = interaction({
    state: 'DIALING',
    conversations: [conversation({ state: 'DIALING' })],
  });
  assert.deepEqual(possible(abilitiesOf(dialled, all)), ['release']);
});

test('a call', () => {
  assert.deepEqual(possible(abilitiesOf(interaction(), all)), [
    'blindConference',
    'blindTransfer',
    'consult',
    'hold',
    'keypad',
    'mute',
    'record.start',
    'release',
  ]);
});

test('a call that is held, muted and recorded', () => {
  const held = interaction({
    recording: 'RECORDING',
    conversations: [conversation({ state: 'HELD', muted: true })],
  });
  assert.deepEqual(possible(abilitiesOf(held, all)), [
    'blindConference',
    'blindTransfer',
    'consult',
    'record.pause',
    'record.stop',
    'release',
    'retrieve',
    'unmute',
  ]);
});

test('somebody is asked', () => {
  const asking = (state: 'DIALING' | 'CONNECTED') =>
    interaction({
      focus: 'c-2',
      conversations: [
        conversation({ state: 'HELD' }),
        conversation({ id: 'c-2', type: 'consult', state }),
      ],
    });
  const talk = ['alternate', 'consultConference', 'consultTransfer'];
  assert.deepEqual(possible(abilitiesOf(asking('DIALING'), all)), [
    'reconnect',
    'record.start',
    'release',
  ]);
  assert.deepEqual(possible(abilitiesOf(asking('CONNECTED'), all)), [
    ...talk,
    'hold',
    'keypad',
    'mute',
    'reconnect',
    'record.start',
    'release',
  ]);
});

test('a call with a colleague is not given away', () => {
  const internal = possible(abilitiesOf(interaction({ direction: 'INTERNAL' }), all));
  assert.ok(!internal.includes('blindTransfer'));
  assert.ok(internal.includes('consult'));
});

test('what the platform cannot is never possible', () => {
  assert.deepEqual(possible(abilitiesOf(interaction(), [])), ['release']);
});

test('a chat is completed while it is in progress, an e-mail that was withdrawn too', () => {
  const chat = interaction({ type: 'Chat', conversations: [] });
  assert.deepEqual(possible(abilitiesOf(chat, all)), ['complete']);
  assert.deepEqual(possible(abilitiesOf({ ...chat, state: 'ENDED' }, all)), ['complete']);
});

test('a number is what the protocol takes, without what is written for the eye', () => {
  assert.equal(numberOf(' (030) 123 / 45-67 '), '03012345-67');
  assert.equal(numberOf('+49*#'), '+49*#');
  for (const wrong of ['', '  ', 'a@b', 'x'.repeat(65), '"', 'sip:1']) {
    assert.equal(numberOf(wrong), undefined);
  }
});
