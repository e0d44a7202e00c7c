import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockText, elapsedMs, noTimes, timesAfter } from '../../src/desk/times.js';
import { event, noon } from '../support/models.js';

const held = { state: 'HELD', previous: 'CONNECTED', cause: 'request', muted: false };

test('counts from the change, by the clock of the server', () => {
  // Our clock is an hour behind.
  const ours = noon - 3_600_000;
  const times = timesAfter(noTimes, event('state.updated', 's.c', held), ours);
  assert.equal(elapsedMs(times, 's.c', ours + 5_000), 5_000);
  assert.equal(elapsedMs(times, 's.other', ours), undefined);
});

test('an event of the past, as after a loss, does not move the clock', () => {
  let times = timesAfter(noTimes, event('state.updated', 's.a', held, 30), noon + 30_000);
  times = timesAfter(times, event('state.updated', 's.b', held, 10), noon + 40_000);
  assert.equal(elapsedMs(times, 's.b', noon + 40_000), 30_000);
});

test('what leaves the state as it was does not begin anew', () => {
  let times = timesAfter(noTimes, event('state.updated', 's.c', held), noon);
  times = timesAfter(
    times,
    event('state.updated', 's.c', { ...held, muted: true }, 9),
    noon + 9_000,
  );
  assert.equal(elapsedMs(times, 's.c', noon + 9_000), 9_000);
  times = timesAfter(times, event('conversation.disposed', 's.c', {}, 10), noon + 10_000);
  assert.equal(elapsedMs(times, 's.c', noon + 10_000), undefined);
});

test('is written as clocks are', () => {
  assert.deepEqual([0, 59_999, 61_000, 3_600_000, 36_061_000].map(clockText), [
    '0:00',
    '0:59',
    '1:01',
    '1:00:00',
    '10:01:01',
  ]);
});
