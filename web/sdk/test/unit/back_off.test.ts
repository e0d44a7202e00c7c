import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delayOf } from '../../src/back_off.js';

const policy = { firstMs: 100, maxMs: 1_000 };

test('waits twice as long each time, up to the limit', () => {
  const waits = [1, 2, 3, 4, 5, 6, 1_000_000].map((tries) => delayOf(policy, tries, () => 0));
  assert.deepEqual(waits, [50, 100, 200, 400, 500, 500, 500]);
});

test('chance moves a wait by up to its other half', () => {
  assert.equal(
    delayOf(policy, 1, () => 0.5),
    75,
  );
  assert(delayOf(policy, 100, () => 1 - Number.EPSILON) < 1_000);
});
