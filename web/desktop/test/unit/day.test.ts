import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Day, dayAfter, emptyDay } from '../../src/desk/day.js';
import { conversation, event, interaction, modelWith, noon } from '../support/models.js';

const target = 's.ch-1.i-1';
const offered = interaction({
  state: 'ALERTING',
  conversations: [conversation({ state: 'ALERTING' })],
});

function played(...steps: readonly (readonly [string, object, number])[]): Day {
  return steps.reduce(
    (day, [name, data, second]) =>
      dayAfter(day, modelWith(offered), event(name, target, data, second)),
    emptyDay,
  );
}
const state = (to: string, cause: string) => ({ state: to, previous: 'ALERTING', cause });

test('a call that was answered is done, with its times', () => {
  const { done, open } = played(
    ['interaction.initialized', {}, 0],
    ['state.updated', state('STARTED', 'request'), 5],
    ['state.updated', state('ENDED', 'remote'), 65],
    ['interaction.disposed', {}, 80],
  );
  assert.deepEqual(open, {});
  const [entry] = done;
  assert.equal(entry?.person?.title, '555');
  assert.equal(entry?.number, '555');
  assert.equal(entry?.queue, 'support');
  assert.deepEqual(
    [entry?.beganMs, entry?.startedMs, entry?.endedMs, entry?.outcome],
    [noon, noon + 5_000, noon + 65_000, 'handled'],
  );
});

for (const [cause, outcome] of [
  ['request', 'rejected'],
  ['timeout', 'missed'],
  ['remote', 'gone'],
  ['transfer', 'gone'],
] as const) {
  test(`an offer that ends by ${cause} is ${outcome}`, () => {
    const { done } = played(
      ['interaction.initialized', {}, 0],
      ['state.updated', state('ENDED', cause), 5],
      ['interaction.disposed', {}, 5],
    );
    assert.equal(done[0]?.outcome, outcome);
  });
}

test('what it has not seen begin it says nothing of', () => {
  assert.deepEqual(played(['interaction.disposed', {}, 5]), emptyDay);
});
