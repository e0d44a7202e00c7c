import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { CommandError } from '@cordboard/client';
import { AudioError, type AudioErrorCode } from '@cordboard/client/audio';
import { BrowserPhone } from '../../src/audio/browser_phone.js';
import { around, FakeAudio, FakePermission } from '../support/audio.js';

const failed = (code: AudioErrorCode) => new AudioError(code, code);
const settled = () => new Promise((resolve) => setImmediate(resolve));

function phoneWith(permission: FakePermission | undefined, more = around(permission)) {
  const audio = new FakeAudio();
  return { audio, phone: new BrowserPhone(audio, more.surroundings), ...more };
}
const connected = async (more = around(new FakePermission('granted'))) => {
  const all = phoneWith(undefined, more);
  await all.phone.begin(false);
  await settled();
  return all;
};

test('the microphone is not asked for before the person wants it', async () => {
  for (const permission of [new FakePermission('prompt'), undefined]) {
    const { audio, phone } = phoneWith(permission);
    await phone.begin(false);
    assert.deepEqual(audio.calls, []);
    assert.equal(await phone.connect(), true);
    assert.equal(phone.getView().audio, 'connected');
  }
});

test('it connects by itself if it may already, or during a call', async () => {
  const { audio } = await connected();
  assert.deepEqual(audio.calls, ['start']);
  const reloaded = phoneWith(new FakePermission('prompt'));
  await reloaded.phone.begin(true);
  assert.deepEqual(reloaded.audio.calls, ['start']);
});

test('who wants it twice gets it once', async () => {
  const { audio, phone } = phoneWith(undefined);
  assert.deepEqual(await Promise.all([phone.connect(), phone.connect()]), [true, true]);
  assert.equal(await phone.connect(), true);
  assert.deepEqual(audio.calls, ['start']);
});

test('a microphone that is denied is told, and taken as soon as it is allowed', async () => {
  const permission = new FakePermission('denied');
  const { audio, phone } = phoneWith(permission);
  await phone.begin(false);
  assert.equal(phone.getView().problem?.code, 'microphone-denied');
  audio.failures = [failed('microphone-denied')];
  assert.equal(await phone.connect(), false);
  assert.equal(phone.getView().problem?.code, 'microphone-denied');
  permission.become('granted');
  await settled();
  assert.equal(phone.getView().audio, 'connected');
  assert.equal(phone.getView().problem, undefined);
});

test('without a microphone it waits for one', async () => {
  const { audio, phone, plug } = phoneWith(new FakePermission('prompt'));
  audio.failures = [failed('no-microphone')];
  assert.equal(await phone.connect(), false);
  assert.equal(phone.getView().problem?.code, 'no-microphone');
  plug();
  await settled();
  assert.equal(phone.getView().audio, 'connected');
});

test('something else that is plugged in connects nobody', async () => {
  const { audio, plug } = phoneWith(new FakePermission('prompt'));
  plug();
  await settled();
  assert.deepEqual(audio.calls, []);
});

test('a microphone that was chosen and is not there is none to fail for', async () => {
  const more = around(new FakePermission('granted'), { microphone: 'headset' });
  const { audio, phone } = phoneWith(undefined, more);
  audio.failures = [failed('no-microphone')];
  await phone.begin(false);
  assert.deepEqual(audio.calls, ['microphone headset', 'start', 'microphone undefined', 'start']);
  assert.equal(phone.getView().microphone, 'default');
  assert.equal(phone.getView().problem, undefined);
});

test('nor is a loudspeaker', async () => {
  const { phone } = await connected(around(new FakePermission('granted'), { speaker: 'gone' }));
  assert.equal(phone.getView().audio, 'connected');
});

test('an unplugged microphone is told, the default used, and it is taken back', async () => {
  const more = around(new FakePermission('granted'), { microphone: 'headset' });
  const { audio, phone, plug } = await connected(more);
  assert.equal(phone.getView().microphone, 'headset');
  await audio.unplug('headset');
  plug();
  await settled();
  assert.equal(phone.getView().problem?.code, 'microphone-gone');
  assert.equal(phone.getView().microphone, 'default');
  audio.plugged = ['default', 'headset'];
  plug();
  await settled();
  assert.equal(phone.getView().microphone, 'headset');
  assert.equal(phone.getView().problem, undefined);
});

test('the last microphone is waited for', async () => {
  const { audio, phone, plug } = await connected();
  audio.plugged = ['default'];
  await audio.unplug('default');
  assert.equal(phone.getView().microphone, undefined);
  assert.equal(phone.getView().problem?.code, 'no-microphone');
  audio.plugged = ['another'];
  plug();
  await settled();
  assert.equal(phone.getView().microphone, 'another');
  assert.equal(phone.getView().problem, undefined);
});

test('a microphone that was taken away by the person is taken when it is given back', async () => {
  const permission = new FakePermission('granted');
  const { audio, phone } = await connected(around(permission));
  audio.plugged = ['default'];
  await audio.unplug('default');
  assert.equal(await phone.connect(), false);
  audio.plugged = ['default'];
  permission.become('granted');
  await settled();
  assert.equal(phone.getView().microphone, 'default');
  assert.equal(phone.getView().problem, undefined);
  assert.deepEqual(audio.calls.slice(0, 2), ['start', 'microphone undefined']);
});

test('what does not get through is tried again, for as long as there is a phone', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { audio, phone } = phoneWith(undefined);
    audio.failures = [failed('unreachable'), failed('unreachable')];
    assert.equal(await phone.connect(), false);
    mock.timers.tick(10_000);
    await settled();
    assert.equal(phone.getView().problem?.code, 'unreachable');
    mock.timers.tick(10_000);
    await settled();
    assert.equal(phone.getView().audio, 'connected');
    assert.equal(phone.getView().problem, undefined);

    const other = phoneWith(undefined);
    other.audio.failures = [failed('unreachable')];
    await other.phone.connect();
    other.phone.stop();
    mock.timers.tick(60_000);
    assert.deepEqual(other.audio.calls, ['start', 'stop']);
    assert.equal(await other.phone.connect(), false);
  } finally {
    mock.timers.reset();
  }
});

test('a server that refuses is told with its words, and not asked again by itself', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { audio, phone } = phoneWith(undefined);
    const failure = { code: 'not.accepting', message: 'M.', context: 'Too many.' } as const;
    const cause = new CommandError(failure, 'channel.request.media', undefined);
    audio.failures = [new AudioError('refused', 'x', cause)];
    await phone.connect();
    assert.deepEqual(phone.getView().problem, { code: 'refused', detail: 'Too many.' });
    mock.timers.tick(60_000);
    assert.deepEqual(audio.calls, ['start']);
  } finally {
    mock.timers.reset();
  }
});

test('a connection makes its own problems good, and no others', async () => {
  const { audio, phone } = await connected();
  audio.become('reconnecting');
  audio.fail('unreachable');
  assert.equal(phone.getView().problem?.code, 'unreachable');
  audio.become('connected');
  assert.equal(phone.getView().problem, undefined);
  audio.fail('microphone-gone');
  audio.become('connected');
  assert.equal(phone.getView().problem?.code, 'microphone-gone');
  phone.dismiss();
  assert.equal(phone.getView().problem, undefined);
});

test('a session that is over is no problem of the phone', async () => {
  const { audio, phone } = phoneWith(undefined);
  audio.failures = [failed('stopped')];
  assert.equal(await phone.connect(), false);
  assert.equal(phone.getView().problem, undefined);
});

test('who has muted the microphone stays muted when the page is loaded again', async () => {
  const first = await connected();
  first.phone.setMuted(true);
  assert.equal(first.phone.getView().isMuted, true);
  first.phone.stop();
  const again = phoneWith(undefined, around(undefined, {}, first.kept));
  assert.equal(again.audio.isMuted, true);
  assert.equal(again.phone.getView().isMuted, true);
});

test('devices are listed once they have names, and only those that can be chosen', async () => {
  const { audio, phone } = phoneWith(undefined);
  audio.plugged = ['', 'headset'];
  assert.deepEqual(phone.getView().microphones, []);
  await phone.connect();
  await settled();
  assert.deepEqual(phone.getView().microphones, [{ id: 'headset', label: 'The headset' }]);
});
