import assert from 'node:assert/strict';
import { test } from 'node:test';
import { screenPopUrl } from '../../src/desk/screen_pop.js';

const template = 'https://crm.example/find?phone={ANI}&q={Queue}';

test('puts the data into the template, encoded whole', () => {
  assert.equal(
    screenPopUrl(template, { ANI: '+49 30', Queue: 'a&b=c#d/../e' }),
    'https://crm.example/find?phone=%2B49%2030&q=a%26b%3Dc%23d%2F..%2Fe',
  );
});

test('opens nothing without the data, or with what is no plain value', () => {
  for (const data of [{ ANI: '1' }, { ANI: '', Queue: 'x' }, { ANI: { a: 1 }, Queue: 'x' }]) {
    assert.equal(screenPopUrl(template, data), undefined);
  }
  assert.equal(screenPopUrl('https://crm.example/{constructor}', {}), undefined);
});

test('opens http and https only, whatever the data are', () => {
  assert.equal(screenPopUrl('{ANI}', { ANI: 'javascript:alert(1)' }), undefined);
  assert.equal(screenPopUrl('javascript:{ANI}', { ANI: 'alert(1)' }), undefined);
  assert.equal(screenPopUrl('//crm.example/{ANI}', { ANI: '1' }), undefined);
  assert.equal(screenPopUrl('http://crm.example/{ANI}', { ANI: 1 }), 'http://crm.example/1');
});

test('half a character does not stop it', () => {
  assert.equal(
    screenPopUrl('https://crm.example/{ANI}', { ANI: '\ud83d' }),
    'https://crm.example/%EF%BF%BD',
  );
});
