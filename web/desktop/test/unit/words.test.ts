import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CommandError, SessionOverError } from '@cordboard/client';
import { problemOf } from '../../src/desk/problems.js';
import { type Keystroke, keysOf, shortcutOf, shortcuts } from '../../src/desk/shortcuts.js';
import { catalogues, type Key, languages, wordsOf } from '../../src/i18n/index.js';

const keys = Object.keys(catalogues.en) as Key[];
const allKeys: readonly string[] = keys;
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((it) => it[1]).sort();

test('all languages have the same keys, with the same values in them', () => {
  for (const language of languages) {
    const catalogue = catalogues[language];
    assert.deepEqual(Object.keys(catalogue), keys);
    for (const key of keys) {
      assert.notEqual(catalogue[key].trim(), '', key);
      assert.deepEqual(placeholders(catalogue[key]), placeholders(catalogues.en[key]), key);
    }
  }
});

test('each failure of the protocol has words', () => {
  const names = new URL('../../../../../protocol/schemas/names.json', import.meta.url);
  const { failureCode } = JSON.parse(readFileSync(names, 'utf8')).definitions;
  for (const code of failureCode.enum) assert.ok(allKeys.includes(`failure.${code}`));
});

test('each key is used', () => {
  const folder = new URL('../../../src/', import.meta.url);
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((it) => /\.tsx?$/.test(it) && !it.startsWith('i18n/'))
    .map((it) => readFileSync(new URL(it, folder), 'utf8'))
    .join('\n');
  // Families whose keys are made: `failure.${code}`.
  const families = [...sources.matchAll(/[`'"]([\w.]+\.)\$\{/g)].map((it) => it[1] as string);
  const isUsed = (key: string) =>
    sources.includes(`'${key}'`) || families.some((it) => key.startsWith(it));
  assert.deepEqual(
    keys.filter((it) => !isUsed(it)),
    [],
  );
});

test('values are put in as they are', () => {
  const words = wordsOf('de');
  assert.equal(words('offer.queue', { queue: '{who} $&' }), 'Warteschlange {who} $&');
});

test('what goes wrong is said in the words of the catalogue, then in the server’s', () => {
  const failure = { code: 'invalid.state', message: 'M.', context: 'It rings.' } as const;
  assert.deepEqual(problemOf(new CommandError(failure, 'x', undefined), 1), {
    id: 1,
    key: 'failure.invalid.state',
    detail: 'It rings.',
  });
  const unheardOf = { code: 'new.code' as 'timeout', message: 'Something new.' };
  assert.deepEqual(problemOf(new CommandError(unheardOf, 'x', undefined), 2), {
    id: 2,
    key: 'failure.other',
    detail: 'Something new.',
  });
  assert.equal(problemOf(new SessionOverError('lost', 'unknown'), 3).key, 'failure.over.unknown');
});

const stroke: Keystroke = {
  ...{ key: 'a', code: 'KeyA', altKey: true, ctrlKey: false, metaKey: false },
  ...{ shiftKey: false, repeat: false, isInField: false },
};

test('each shortcut has keys of its own, and none is a browser’s', () => {
  const taken = shortcuts.map((it) => keysOf(it.id));
  assert.equal(new Set(taken).size, taken.length);
  for (const browsers of ['Alt+D', 'Alt+E', 'Alt+F']) assert.ok(!taken.includes(browsers));
});

test('shortcuts are told by the letter, wherever the layout has it', () => {
  assert.equal(shortcutOf(stroke), 'answer');
  // On a Mac, Alt changes the letter; the place tells.
  assert.equal(shortcutOf({ ...stroke, key: 'å' }), 'answer');
  // AZERTY: the key at Q's place is A.
  assert.equal(shortcutOf({ ...stroke, key: 'a', code: 'KeyQ' }), 'answer');
  for (const not of [{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { repeat: true }]) {
    assert.equal(shortcutOf({ ...stroke, ...not }), undefined);
  }
  assert.equal(shortcutOf({ ...stroke, altKey: false }), undefined);
  assert.equal(shortcutOf({ ...stroke, key: 'ArrowLeft', code: 'ArrowLeft' }), undefined);
});

test('the question mark is a shortcut, but not where one writes', () => {
  const question = { ...stroke, key: '?', code: 'Minus', altKey: false, shiftKey: true };
  assert.equal(shortcutOf(question), 'help');
  assert.equal(shortcutOf({ ...question, isInField: true }), undefined);
});
