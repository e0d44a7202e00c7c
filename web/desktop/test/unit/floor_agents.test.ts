import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FloorWork } from '@cordboard/client';
import {
  type Choice,
  countsOf,
  orderedIds,
  sameOr,
  shownSince,
  shownStateOf,
} from '../../src/floor/agents.js';
import { floorAgent, talkingAgent } from '../support/floors.js';

const everybody: Choice = { text: '', group: 'all', queue: undefined, order: 'name' };
const work = (state: FloorWork['state'], type: FloorWork['type'] = 'Telephony'): FloorWork => ({
  ...{ type, state, direction: 'INBOUND', since: '2026-11-27T12:07:00.000Z' },
});

test('an agent at work is shown so, whatever the state between two calls', () => {
  const stateWith = (it: FloorWork) => shownStateOf(floorAgent({ work: [it] }));
  assert.equal(stateWith(work('ALERTING')), 'RESERVED');
  assert.equal(stateWith(work('DIALING')), 'BUSY');
  assert.equal(stateWith(work('STARTED')), 'BUSY');
  assert.equal(stateWith(work('ENDED')), 'WRAPUP');
  assert.equal(shownStateOf(floorAgent({ agentState: 'NOT_READY' })), 'NOT_READY');
  assert.equal(shownStateOf(floorAgent({ channel: 'INACTIVE' })), 'OFF');
  const { agentState: _, channel: __, ...bare } = floorAgent();
  assert.equal(shownStateOf(bare), 'OFF');
  assert.equal(shownStateOf(talkingAgent({ session: 'LOGGED_OUT' })), 'OUT');
});

test('a call is told before a chat that began earlier, with its own time', () => {
  const agent = floorAgent({ work: [work('STARTED', 'Chat'), work('ALERTING')] });
  assert.equal(shownStateOf(agent), 'RESERVED');
  assert.equal(shownSince(agent), Date.UTC(2026, 10, 27, 12, 7));
  assert.equal(shownSince(floorAgent()), Date.UTC(2026, 10, 27, 12));
});

const some = [
  floorAgent({
    id: 'c',
    name: 'Çelik',
    agentState: 'NOT_READY',
    since: '2026-11-27T11:00:00.000Z',
  }),
  floorAgent({ id: 'a2', name: 'Agent 2' }),
  talkingAgent({ id: 'a10', name: 'Agent 10', endpoint: '1010' }),
  floorAgent({ id: 'z', name: 'Zoe', session: 'LOGGED_OUT', since: '2026-11-27T08:00:00.000Z' }),
];
const idsWith = (part: Partial<Choice>) => orderedIds(some, { ...everybody, ...part }, 'en');

test('names are in the order of the language, numbers in them by their value', () => {
  assert.deepEqual(idsWith({}), ['a2', 'a10', 'c', 'z']);
});

test('by state, by the longest time, by queue', () => {
  assert.deepEqual(idsWith({ order: 'state' }), ['a2', 'a10', 'c', 'z']);
  assert.deepEqual(idsWith({ order: 'longest' }), ['c', 'a2', 'a10', 'z']);
  assert.deepEqual(idsWith({ order: 'queue' }), ['a10', 'a2', 'c', 'z']);
});

test('filtered by words anywhere, group and queue', () => {
  assert.deepEqual(idsWith({ text: 'AGENT 2' }), ['a2']);
  assert.deepEqual(idsWith({ text: 'schneider agent' }), ['a10']);
  assert.deepEqual(idsWith({ text: '1010' }), ['a10']);
  assert.deepEqual(idsWith({ text: 'nobody' }), []);
  assert.deepEqual(idsWith({ group: 'notReady' }), ['c']);
  assert.deepEqual(idsWith({ group: 'out' }), ['z']);
  assert.deepEqual(idsWith({ queue: 'support' }), ['a10']);
});

test('of a queue are who serves it and who works on something of it', () => {
  const agents = [
    floorAgent({ id: 'a', name: 'A', queues: ['sales', 'support'] }),
    floorAgent({ id: 'b', name: 'B', queues: ['sales'], session: 'LOGGED_OUT' }),
    talkingAgent({ id: 'c', name: 'C', queues: ['orders'] }),
    floorAgent({ id: 'd', name: 'D' }),
  ];
  const chosen = (part: Partial<Choice>) => orderedIds(agents, { ...everybody, ...part }, 'en');
  assert.deepEqual(chosen({ queue: 'support' }), ['a', 'c']);
  assert.deepEqual(chosen({ queue: 'sales' }), ['a', 'b']);
  assert.deepEqual(chosen({ queue: 'sales', group: 'ready' }), ['a']);
  assert.deepEqual(chosen({ queue: 'nothing' }), []);
  assert.deepEqual(chosen({ text: 'orders' }), ['c']);
});

test('each agent is counted once', () => {
  assert.deepEqual(countsOf(some), { all: 4, ready: 1, busy: 1, notReady: 1, out: 1 });
});

test('an order that is as before is the same list', () => {
  const old = ['a', 'b'];
  assert.equal(sameOr(old, ['a', 'b']), old);
  assert.deepEqual(sameOr(old, ['b', 'a']), ['b', 'a']);
  assert.deepEqual(sameOr(old, ['a']), ['a']);
});
