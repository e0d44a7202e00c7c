// Where the ring tone comes from, with a context that is played.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Ring, type RingContext } from '../../src/desk/ring.js';

/** A browser with these loudspeakers beside the default one; `moves`: where it was sent to. */
function browserWith(speakers: Set<string> | 'no choice') {
  const moves: string[] = [];
  const setSinkId = async (id: string) => {
    if (id !== '' && speakers !== 'no choice' && !speakers.has(id)) {
      throw new DOMException('', 'NotFoundError');
    }
    moves.push(id);
  };
  const context = { state: 'suspended', resume: async () => {} };
  const all = speakers === 'no choice' ? context : { ...context, setSinkId };
  const ring = new Ring(() => all as unknown as RingContext);
  const told: boolean[] = [];
  ring.subscribe(() => told.push(ring.isElsewhere()));
  return { ring, told, where: () => moves.at(-1) };
}

test('it comes from the loudspeaker that was chosen, before or after the first sound', async () => {
  const { ring, told, where } = browserWith(new Set(['headset', 'desk']));
  ring.comeFrom('headset');
  assert.equal(where(), undefined);
  ring.unlock();
  await turn();
  assert.equal(where(), 'headset');
  ring.comeFrom('desk');
  await turn();
  assert.equal(where(), 'desk');
  for (const it of ['default', undefined]) {
    ring.comeFrom('desk');
    ring.comeFrom(it);
    await turn();
    assert.equal(where(), '');
  }
  assert.deepEqual(told, []);
});

// Without any loudspeaker the browser says that choosing one was an error: in the console, for all.
test('who has chosen none is left alone', async () => {
  const { ring, where } = browserWith(new Set(['headset']));
  ring.unlock();
  ring.comeFrom(undefined);
  ring.findSpeaker();
  await turn();
  assert.equal(where(), undefined);
});

test('one that is gone is said, and taken again when it is back', async () => {
  const speakers = new Set(['headset']);
  const { ring, told, where } = browserWith(speakers);
  ring.unlock();
  ring.comeFrom('headset');
  await turn();
  speakers.clear();
  ring.findSpeaker();
  await turn();
  assert.equal(where(), '');
  assert.equal(ring.isElsewhere(), true);
  speakers.add('headset');
  ring.findSpeaker();
  await turn();
  assert.equal(where(), 'headset');
  assert.deepEqual(told, [true, false]);
});

test('one that is not allowed yet is tried again with the next offer', async () => {
  const speakers = new Set<string>();
  const { ring, where } = browserWith(speakers);
  ring.comeFrom('headset');
  ring.unlock();
  await turn();
  assert.equal(where(), '');
  speakers.add('headset');
  ring.start();
  await turn();
  ring.stop();
  assert.equal(where(), 'headset');
  assert.equal(ring.isElsewhere(), false);
});

test('a browser without a choice is said so only to who has chosen', async () => {
  const { ring } = browserWith('no choice');
  ring.unlock();
  await turn();
  assert.equal(ring.isElsewhere(), false);
  ring.comeFrom('headset');
  await turn();
  assert.equal(ring.isElsewhere(), true);
  ring.comeFrom(undefined);
  await turn();
  assert.equal(ring.isElsewhere(), false);
});
