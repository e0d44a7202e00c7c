import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { secondsClock } from '../../src/floor/clock.js';
import { calmed, FloorStore } from '../../src/floor/store.js';
import { floorAgent, floorOf } from '../support/floors.js';

test('however often the floor changes, it is drawn once a frame', () => {
  const frames: (() => void)[] = [];
  const store = new FloorStore((draw) => frames.push(draw));
  let drawn = 0;
  const leave = store.subscribe(() => {
    drawn += 1;
  });
  const floors = ['READY', 'NOT_READY'].map((it) =>
    floorOf([floorAgent({ agentState: it as 'READY' })]),
  );
  for (const floor of floors) store.put(floor);
  assert.deepEqual([frames.length, drawn, store.getFloor()], [1, 0, undefined]);
  frames.shift()?.();
  assert.deepEqual([drawn, store.getFloor()], [1, floors[1]]);
  leave();
  store.put(floors[0]);
  frames.shift()?.();
  assert.deepEqual([drawn, store.getFloor()], [1, floors[0]]);
});

test('one timer ticks for all who look, and none when nobody does', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let now = 5000;
  const clock = secondsClock(() => now);
  const seen: string[] = [];
  const leaves = ['a', 'b'].map((it) => clock.subscribe(() => seen.push(`${it}${clock.now()}`)));
  now = 6000;
  mock.timers.tick(1000);
  assert.deepEqual(seen, ['a6000', 'b6000']);
  for (const leave of leaves) leave();
  now = 9000;
  mock.timers.tick(3000);
  assert.deepEqual([seen.length, clock.now()], [2, 6000]);
  clock.subscribe(() => {});
  assert.equal(clock.now(), 9000);
  mock.timers.reset();
});

test('the calm floor is there at once, then changes with the clock', () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const store = new FloorStore((draw) => draw());
  const calm = calmed(
    store,
    secondsClock(() => 0),
  );
  let told = 0;
  const leaves = [1, 2].map(() =>
    calm.subscribe(() => {
      told += 1;
    }),
  );
  const [first, second] = [floorOf([]), floorOf([])];
  store.put(first);
  assert.deepEqual([calm.getFloor(), told], [first, 2]);
  store.put(second);
  assert.deepEqual([calm.getFloor(), told], [first, 2]);
  mock.timers.tick(1000);
  assert.deepEqual([calm.getFloor(), told], [second, 4]);
  for (const leave of leaves) leave();
  store.put(first);
  mock.timers.tick(1000);
  assert.deepEqual([calm.getFloor(), told], [second, 4]);
  mock.timers.reset();
});
