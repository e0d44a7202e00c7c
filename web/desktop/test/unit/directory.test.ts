import assert from 'node:assert/strict';
import { test } from 'node:test';
import { destinationOf, entriesOf, matching } from '../../src/floor/directory.js';

const entries = entriesOf(
  {
    agents: [
      { id: 'alice', name: 'Alice', endpoint: '1001', state: 'READY' },
      { id: 'bob', name: 'Bob', endpoint: '1002', state: 'LOGGED_OUT' },
      { id: 'carl', name: 'Carl', endpoint: '1003', state: 'READY' },
      { id: 'carl2', name: 'Carl', endpoint: '1004', state: 'BUSY' },
    ],
    queues: [
      { name: 'support', numbers: ['1800', '1801'] },
      { name: 'nowhere', numbers: [] },
    ],
  },
  'alice',
  'en',
);
const titles = (written: string) => matching(entries, written).map((it) => it.number);

test('colleagues who can take it come first, queues last, oneself not at all', () => {
  assert.deepEqual(titles(''), ['1003', '1004', '1002', '1800']);
});

test('they are found by a part of the name and the beginning of the number', () => {
  assert.deepEqual(titles('car'), ['1003', '1004']);
  assert.deepEqual(titles('18'), ['1800']);
  assert.deepEqual(titles('1'), ['1003', '1004', '1002', '1800']);
  assert.deepEqual(titles('9555'), []);
});

test('a call goes to who was chosen, to a full name, or to the number as written', () => {
  assert.equal(destinationOf(entries, 'Carl', 'agent:carl2'), '1004');
  assert.equal(destinationOf(entries, 'bob ', undefined), '1002');
  // Who was chosen and then written over is not meant any more.
  assert.equal(destinationOf(entries, '9 (555) 1', 'agent:carl2'), '95551');
  // Of two with one name neither is guessed.
  assert.equal(destinationOf(entries, 'carl', undefined), 'carl');
  assert.equal(destinationOf(entries, '', 'agent:carl'), undefined);
});
