// What is kept in the browser and what is read from the operator: wrong things are as good as none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPreferences, writePreferences } from '../../src/desk/preferences.js';
import { plainSite, readSite } from '../../src/desk/site.js';
import { memoryIn } from '../../src/desk/storage.js';
import { noTimes } from '../../src/desk/times.js';

function storageWith(entries: Readonly<Record<string, string>> = {}): Storage {
  const map = new Map(Object.entries(entries));
  return {
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
    removeItem: (key: string) => void map.delete(key),
    clear: () => map.clear(),
    key: () => null,
    get length() {
      return map.size;
    },
  };
}

test('a ticket is kept, and forgotten', () => {
  const memory = memoryIn(storageWith());
  const ticket = { session: 's', resumeToken: 't', seq: 7 };
  const times = { aheadMs: 3, since: { s: { what: 'x', atMs: 5 } } };
  memory.keep(ticket, times);
  assert.deepEqual(memory.ticket(), ticket);
  assert.deepEqual(memory.times(), times);
  memory.keepMuted(true);
  assert.equal(memory.isMuted(), true);
  memory.forget();
  assert.equal(memory.isMuted(), false);
  assert.equal(memory.ticket(), undefined);
  assert.deepEqual(memory.times(), noTimes);
});

test('a broken ticket is none', () => {
  for (const text of ['', 'x', 'null', '7', '{}', '{"session":"s","resumeToken":7,"seq":1}']) {
    assert.equal(memoryIn(storageWith({ 'cordboard.ticket': text })).ticket(), undefined);
  }
});

test('a storage that is full or forbidden stops nobody', () => {
  const forbidden = new Proxy({} as Storage, {
    get() {
      throw new Error('forbidden');
    },
  });
  const memory = memoryIn(forbidden);
  memory.keep({ session: 's', resumeToken: 't', seq: 1 }, noTimes);
  memory.keepMuted(true);
  memory.forget();
  assert.equal(memory.isMuted(), false);
  assert.equal(memory.ticket(), undefined);
  assert.equal(readPreferences(forbidden, []).language, 'en');
});

test('the first language that the browser speaks and we do', () => {
  assert.equal(readPreferences(storageWith(), ['fr-FR', 'de-AT', 'en']).language, 'de');
  assert.equal(readPreferences(storageWith(), ['fr']).language, 'en');
});

test('preferences are kept; what is wrong in them is the default', () => {
  const storage = storageWith();
  const chosen = { ...readPreferences(storage, []), theme: 'dark', hasSound: false } as const;
  writePreferences(storage, chosen);
  assert.deepEqual(readPreferences(storage, []), chosen);
  const withDevices = { ...chosen, microphone: 'headset', speaker: 'desk' };
  writePreferences(storage, withDevices);
  assert.deepEqual(readPreferences(storage, []), withDevices);
  const wrong = storageWith({
    'cordboard.preferences': '{"theme":7,"language":"xx","hasSound":1,"speaker":7}',
  });
  assert.deepEqual(readPreferences(wrong, []), readPreferences(storageWith(), []));
});

test('a site is what can be understood of it', () => {
  const alice = { agent: 'alice', password: 'x', name: 'Alice' };
  const site = {
    screenPop: 'https://x/{ANI}',
    embedOrigins: ['https://crm.example'],
    demo: [alice],
  };
  assert.deepEqual(readSite(site), site);
  assert.deepEqual(readSite({ demo: [alice, 7, null, { agent: 'bob' }] }).demo, [alice]);
  for (const wrong of [null, 7, [], { screenPop: '', embedOrigins: 'x' }, { demo: 7 }]) {
    assert.deepEqual(readSite(wrong), plainSite);
  }
});
