import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PastInteraction } from '@cordboard/client';
import { type Day, dayAfter, doneMax, emptyDay, startOfDay, withPast } from '../../src/desk/day.js';
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

// --- What the history has ------------------------------------------------------------------------

const at = (second: number) => new Date(noon + second * 1000).toISOString();
const handled: PastInteraction = {
  ...{ id: 'i-1', type: 'Telephony', direction: 'INBOUND', endpoint: '1001', queue: 'support' },
  ...{ from: '555', fromName: 'Ann', to: '1800', outcome: 'handled', cause: 'remote' },
  ...{ queued: at(-3), offered: at(0), answered: at(5), ended: at(65), completed: at(80) },
};
const { answered: _, completed: __, ...never } = handled;
const unanswered: PastInteraction = { ...never, outcome: 'unanswered', ended: at(9) };
const dialled = { direction: 'OUTBOUND', from: '1001', to: '4930' } as const;

/** The day of a page that has seen nothing. */
const read = (...past: readonly PastInteraction[]) => withPast(emptyDay, modelWith(), past);

test('a page that was loaded again has what was before', () => {
  const { done, open } = read(handled);
  assert.deepEqual(open, {});
  assert.deepEqual(done, [
    {
      ...{ id: 'i-1', type: 'Telephony', isOutbound: false, number: '555', queue: 'support' },
      person: { title: 'Ann', detail: '555' },
      ...{ beganMs: noon, startedMs: noon + 5_000, endedMs: noon + 65_000, outcome: 'handled' },
    },
  ]);
});

for (const [words, row, outcome] of [
  ['rejected', { cause: 'request', outcome: 'rejected' }, 'rejected'],
  ['not answered in time', { cause: 'timeout' }, 'missed'],
  ['given up by the caller', { cause: 'remote' }, 'gone'],
  ['dialled in vain', { ...dialled, cause: 'busy' }, 'unanswered'],
  ['lost with its journal', { outcome: 'lost' }, 'missed'],
] as const) {
  test(`a call that was ${words} is ${outcome}`, () => {
    const { cause: _, ...bare } = unanswered;
    assert.equal(read({ ...bare, ...row }).done[0]?.outcome, outcome);
  });
}

test('of what was dialled the other side is who was called', () => {
  const [outside, inside, offered] = read(
    { ...handled, ...dialled, offered: at(2) },
    { ...handled, ...dialled, direction: 'INTERNAL', id: 'i-2', to: '1002', offered: at(1) },
    { ...handled, direction: 'INTERNAL', id: 'i-3', from: '1002', fromName: '' },
  ).done;
  assert.deepEqual([outside?.isOutbound, outside?.number], [true, '4930']);
  assert.deepEqual([inside?.isOutbound, inside?.number], [true, '1002']);
  assert.deepEqual([offered?.isOutbound, offered?.number], [false, '1002']);
  assert.equal(offered?.person?.title, '1002');
});

test('what the page has seen is there once, as it was seen', () => {
  const seen = played(
    ['interaction.initialized', {}, 0],
    ['state.updated', state('ENDED', 'timeout'), 5],
    ['interaction.disposed', {}, 5],
  );
  const { done } = withPast(seen, modelWith(), [{ ...unanswered, cause: 'remote' }]);
  assert.equal(done.length, 1);
  assert.equal(done[0]?.outcome, 'missed');
  assert.equal(done[0]?.endedMs, noon + 5_000);
});

test('what goes on is open, and done when it ends', () => {
  const { outcome: _, ended: __, completed: ___, cause: ____, ...open } = handled;
  const live = modelWith(interaction());
  const day = withPast(emptyDay, live, [open]);
  assert.deepEqual(day.done, []);
  const ended = dayAfter(day, live, event('state.updated', target, state('ENDED', 'remote'), 65));
  const { done } = dayAfter(ended, modelWith(), event('interaction.disposed', target, {}, 80));
  assert.deepEqual(
    [done[0]?.beganMs, done[0]?.startedMs, done[0]?.endedMs, done[0]?.outcome],
    [noon, noon + 5_000, noon + 65_000, 'handled'],
  );
});

test('what has ended only now is done', () => {
  const { outcome: _, ended: __, completed: ___, cause: ____, ...row } = handled;
  assert.equal(read(row).done[0]?.outcome, 'handled');
});

test('what is announced to a new session had begun before it', () => {
  const live = modelWith(interaction());
  const announced = dayAfter(emptyDay, live, event('interaction.initialized', target, {}, 50));
  const { outcome: _, ended: __, completed: ___, ...row } = handled;
  const { open, done } = withPast(announced, live, [row]);
  assert.deepEqual(done, []);
  assert.deepEqual([open['i-1']?.beganMs, open['i-1']?.startedMs], [noon, noon + 5_000]);
});

test('in wrap-up it is open until it is completed', () => {
  const live = modelWith(interaction({ state: 'ENDED' }));
  const announced = dayAfter(emptyDay, live, event('interaction.initialized', target, {}, 70));
  const { completed: _, ...row } = handled;
  const day = withPast(announced, live, [row]);
  assert.deepEqual(day.done, []);
  assert.equal(day.open['i-1']?.outcome, 'handled');
  assert.equal(day.open['i-1']?.endedMs, noon + 65_000);
});

test('the id of another journal is another interaction', () => {
  const live = modelWith(interaction());
  const seen = dayAfter(emptyDay, live, event('interaction.initialized', target, {}, 500));
  const { open, done } = withPast(seen, live, [handled]);
  assert.equal(open['i-1']?.beganMs, noon + 500_000);
  assert.equal(done[0]?.beganMs, noon);
});

test('the newest is first, and the oldest left out', () => {
  const past = Array.from({ length: doneMax + 10 }, (_, i) => ({
    ...{ ...handled, id: `i-${i}`, offered: at(i) },
  }));
  const { done } = withPast(played(['interaction.disposed', {}, 0]), modelWith(), past);
  assert.equal(done.length, doneMax);
  assert.equal(done[0]?.id, `i-${doneMax + 9}`);
});

test('the day begins at the midnight of where the agent is', () => {
  const begin = new Date(startOfDay(noon));
  assert.deepEqual([begin.getHours(), begin.getMinutes(), begin.getMilliseconds()], [0, 0, 0]);
  assert(noon - begin.getTime() < 24 * 3_600_000);
  assert.equal(startOfDay(begin.getTime()), begin.getTime());
});
