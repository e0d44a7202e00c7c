import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newsOf, partnerOf, readAsk } from '../../src/embed/protocol.js';
import { interaction, modelWith } from '../support/models.js';

const crm = 'https://crm.example';

test('talks to whom the operator allows, in a frame, and to nobody else', () => {
  const search = `?embed=${encodeURIComponent(crm)}`;
  assert.equal(partnerOf(search, [crm], true), crm);
  assert.equal(partnerOf(search, [crm], false), undefined);
  assert.equal(partnerOf(search, [], true), undefined);
  assert.equal(partnerOf(search, ['https://other.example'], true), undefined);
  assert.equal(partnerOf('', [crm], true), undefined);
});

test('there is no wildcard, even if somebody configures one', () => {
  assert.equal(partnerOf('?embed=*', ['*'], true), undefined);
  assert.equal(partnerOf('?embed=https://crm.example/', ['https://crm.example/'], true), undefined);
});

test('reads what it knows', () => {
  assert.deepEqual(readAsk({ cordboard: 1, type: 'dial', number: '9', id: 'x' }), {
    type: 'dial',
    number: '9',
    id: 'x',
  });
  assert.deepEqual(readAsk({ cordboard: 1, type: 'ready' }), { type: 'ready', id: undefined });
  const wrong = [
    ...[null, 'dial', 7, [], {}, { type: 'dial', number: '9' }],
    ...[
      { cordboard: 2, type: 'ready' },
      { cordboard: 1, type: 'dial' },
    ],
    ...[
      { cordboard: 1, type: 'logOut' },
      { cordboard: 1, type: 'dial', number: 9 },
    ],
  ];
  for (const it of wrong) assert.equal(readAsk(it), undefined);
});

test('tells what has changed, once', () => {
  const call = interaction();
  const [idle, busy] = [modelWith(), modelWith(call)];
  assert.deepEqual(
    newsOf(undefined, idle).map((it) => it.type),
    ['state'],
  );
  assert.deepEqual(
    newsOf(idle, busy).map((it) => it.type),
    ['interaction'],
  );
  assert.deepEqual(newsOf(busy, modelWith(call)), []);
  assert.deepEqual(newsOf(busy, idle), [{ type: 'interactionEnded', id: 'i-1' }]);
  assert.deepEqual(newsOf(busy, undefined), [
    { type: 'state', agent: null },
    { type: 'interactionEnded', id: 'i-1' },
  ]);
});
