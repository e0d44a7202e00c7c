import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel, Model } from '@cordboard/client';
import { isSupervisor, obstacleOf, supervisionOf } from '../../src/floor/supervision.js';
import { floorAgent, talkingAgent } from '../support/floors.js';
import { interaction, modelWith } from '../support/models.js';

/** Alice supervises; her phone is free. */
function model(part: Partial<Channel> = {}, session: object = {}): Model {
  const { session: plain, seq } = modelWith();
  const [phone] = plain.channels as [Channel];
  const channels = [{ ...phone, agentState: 'NOT_READY' as const, ...part }];
  return {
    seq,
    session: { ...plain, capabilities: ['monitor', 'transfer'], channels, ...session },
  };
}

test('a call that was answered can be listened to and taken', () => {
  assert.deepEqual(supervisionOf(model(), talkingAgent()), {
    canListen: true,
    mode: undefined,
    canIntercept: true,
    canSetReady: true,
    canSetNotReady: true,
    canLogOut: false,
  });
});

test('a call that rings, a chat, or nothing at all, cannot', () => {
  for (const state of ['ALERTING', 'DIALING', 'ENDED'] as const) {
    const [work] = talkingAgent().work ?? [];
    const agent = work ? floorAgent({ work: [{ ...work, state }] }) : floorAgent();
    const { canListen, canIntercept, canLogOut } = supervisionOf(model(), agent);
    assert.deepEqual([canListen, canIntercept], [false, false]);
    assert.equal(canLogOut, state === 'ENDED');
  }
  assert.equal(supervisionOf(model(), floorAgent()).canListen, false);
});

test('calls between agents are not taken', () => {
  const [work] = talkingAgent().work ?? [];
  const agent = floorAgent({ work: work ? [{ ...work, direction: 'INTERNAL' }] : [] });
  const { canListen, canIntercept } = supervisionOf(model(), agent);
  assert.deepEqual([canListen, canIntercept], [true, false]);
});

test('the supervisor’s own phone must be on and free, and says why not', () => {
  assert.equal(obstacleOf(model()), undefined);
  assert.equal(obstacleOf(model({ state: 'INACTIVE' })), 'phoneOff');
  assert.equal(obstacleOf(model({ interactions: [interaction()] })), 'ownCall');
  assert.equal(obstacleOf(model({}, { channels: [] })), 'noPhone');
  assert.equal(obstacleOf(model({}, { capabilities: ['transfer'] })), 'unsupported');
  const off = supervisionOf(model({ state: 'INACTIVE' }), talkingAgent());
  assert.deepEqual([off.canListen, off.canIntercept], [false, false]);
  // Taking a call needs no mixing.
  const { canIntercept } = supervisionOf(model({}, { capabilities: ['transfer'] }), talkingAgent());
  assert.equal(canIntercept, true);
});

test('one agent at a time is listened to, whose way of it may change', () => {
  const listening = model({ monitoring: { agent: { id: 'bob' }, mode: 'whisper' } });
  const bob = supervisionOf(listening, talkingAgent());
  assert.deepEqual([bob.canListen, bob.mode], [true, 'whisper']);
  const eve = supervisionOf(listening, talkingAgent({ id: 'eve' }));
  assert.deepEqual([eve.canListen, eve.mode], [false, undefined]);
});

test('nothing can be done to oneself, nor to who is not there', () => {
  for (const agent of [talkingAgent({ id: 'alice' }), floorAgent({ session: 'LOGGED_OUT' })]) {
    const { mode: _, ...can } = supervisionOf(model(), agent);
    assert.ok(Object.values(can).every((it) => it === false));
  }
});

test('who has lost the connection can be made not ready only', () => {
  const can = supervisionOf(model(), floorAgent({ session: 'DETACHED' }));
  assert.deepEqual([can.canSetReady, can.canSetNotReady, can.canLogOut], [false, true, true]);
});

test('a supervisor is who has the permission', () => {
  assert.equal(isSupervisor(model()), false);
  assert.equal(isSupervisor(model({}, { permissions: ['supervise'] })), true);
});
