import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FloorQuarter } from '@cordboard/client';
import { chartOf, countScale, quartersSince, totalsOf } from '../../src/floor/chart.js';
import {
  durationText,
  findQueues,
  linesOf,
  pressureOf,
  serviceLevelOf,
} from '../../src/floor/figures.js';
import { floorQueue, queueFigures } from '../support/floors.js';

test('a service level of nothing is none, not 0 or 100', () => {
  assert.equal(serviceLevelOf(queueFigures()), undefined);
  const serviceLevel = { withinMs: 20_000, answered: 3, of: 4 };
  assert.equal(serviceLevelOf(queueFigures({ serviceLevel })), 75);
});

test('a queue is crowded when somebody waits and nobody is free', () => {
  const none = { ready: 0, busy: 2, notReady: 0 };
  assert.equal(pressureOf(queueFigures({ agents: none })), 'calm');
  assert.equal(pressureOf(queueFigures({ waiting: 1 })), 'waiting');
  assert.equal(pressureOf(queueFigures({ waiting: 1, agents: none })), 'crowded');
});

test('chats are told of where there are any', () => {
  const nobody = { ready: 0, busy: 0, notReady: 0 };
  const Chat = queueFigures({ agents: nobody });
  const typesOf = (chat: typeof Chat) =>
    linesOf(floorQueue('support', { Chat: chat })).map((it) => it.type);
  assert.deepEqual(typesOf(Chat), ['Telephony']);
  assert.deepEqual(typesOf({ ...Chat, waiting: 1 }), ['Telephony', 'Chat']);
});

test('queues are found by a part of their name', () => {
  const queues = ['support', 'Sales'].map((name) => floorQueue(name));
  assert.deepEqual(
    findQueues(queues, ' SAL').map((it) => it.name),
    ['Sales'],
  );
});

test('durations in words', () => {
  assert.equal(durationText(20_000, 'en'), '20 sec');
  assert.equal(durationText(90_000, 'en'), '90 sec');
  assert.equal(durationText(120_000, 'de'), '2 Min.');
});

test('scales are round and reach the most', () => {
  assert.deepEqual(countScale(0), [0, 1]);
  assert.deepEqual(countScale(1), [0, 1]);
  assert.deepEqual(countScale(4), [0, 1, 2, 3, 4]);
  assert.deepEqual(countScale(7), [0, 2, 4, 6, 8]);
  assert.deepEqual(countScale(17), [0, 5, 10, 15, 20]);
  assert.deepEqual(countScale(401), [0, 200, 400, 600]);
  for (let most = 0; most < 2000; most += 1) {
    const scale = countScale(most);
    assert.ok(scale.length <= 5 && (scale.at(-1) ?? 0) >= most, String(most));
  }
});

const at = (hour: number, minute: number) => Date.UTC(2026, 10, 27, hour, minute);
const quarter = (hour: number, minute: number, counts: Partial<FloorQuarter> = {}) => ({
  ...{ start: new Date(at(hour, minute)).toISOString(), entered: 0, answered: 0, abandoned: 0 },
  ...counts,
});
const size = { width: 840, height: 220, left: 40, bottom: 20, top: 0 };

test('columns stand where their quarter hour is', () => {
  const busy = quarter(9, 15, { entered: 10, answered: 7, abandoned: 2 });
  const chart = chartOf([quarter(8, 0), busy], at(11, 59), size);
  // From 8 to 12: 16 quarters on 800.
  assert.deepEqual(
    chart.columns.map((it) => [it.x, it.width]),
    [
      [40, 50],
      [290, 50],
    ],
  );
  const [, column] = chart.columns;
  // The scale reaches 12, on 200.
  assert.deepEqual(
    chart.counts.map((it) => it.value),
    [0, 5, 10],
  );
  assert.deepEqual(column?.answered, { y: 60, height: 140 });
  assert.deepEqual(column?.abandoned, { y: 20, height: 40 });
  assert.equal(column?.enteredY, 0);
  assert.deepEqual(
    chart.hours.map((it) => new Date(it.value).getUTCHours()),
    [8, 9, 10, 11, 12],
  );
});

test('a young day is not a few fat columns, a whole one not a hundred names', () => {
  const young = chartOf([quarter(9, 0)], at(9, 5), size);
  assert.equal(young.columns[0]?.width, 50);
  const whole = chartOf([quarter(0, 0)], at(23, 50), size);
  assert.deepEqual(
    whole.hours.map((it) => new Date(it.value).getUTCHours()),
    [0, 3, 6, 9, 12, 15, 18, 21, 0],
  );
  const empty = chartOf([], at(9, 5), size);
  assert.deepEqual([empty.columns.length, empty.counts.length], [0, 2]);
});

test('of the quarters only those of the day count, in their order', () => {
  const all = [quarter(9, 0, { entered: 2 }), quarter(8, 45, { entered: 1 }), quarter(7, 0)];
  const day = quartersSince(all, at(8, 0));
  assert.deepEqual(
    day.map((it) => it.entered),
    [1, 2],
  );
  assert.deepEqual(totalsOf(day), { entered: 3, answered: 0, abandoned: 0 });
});
