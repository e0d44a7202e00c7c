import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel, CordboardClient, Model } from '@cordboard/client';
import type { BrowserPhone } from '../../src/audio/browser_phone.js';
import { PhoneKeeper } from '../../src/audio/phone_keeper.js';
import type { DeskView } from '../../src/desk/desk.js';
import { modelWith } from '../support/models.js';

function modelOf(part: Partial<Channel>): Model {
  const model = modelWith();
  const [channel] = model.session.channels;
  if (!channel) throw new Error('There is no channel.');
  return { ...model, session: { ...model.session, channels: [{ ...channel, ...part }] } };
}

class FakeDesk {
  client: CordboardClient | undefined = {} as CordboardClient;
  view = { model: undefined } as unknown as DeskView;
  #tell = () => {};
  subscribe = (listener: () => void) => {
    this.#tell = listener;
    return () => {};
  };
  show(model: Model | undefined): void {
    this.view = { model } as DeskView;
    this.#tell();
  }
}

function kept() {
  const desk = new FakeDesk();
  const calls: string[] = [];
  const keeper = new PhoneKeeper(desk, (_, { target }) => {
    const phone = {
      begin: async (isNeeded: boolean) => void calls.push(`begin ${target} ${isNeeded}`),
      stop: () => calls.push(`stop ${target}`),
    };
    return phone as unknown as BrowserPhone;
  });
  return { desk, keeper, calls };
}

test('there is a phone as long as the telephony channel has media', () => {
  const { desk, keeper, calls } = kept();
  desk.show(modelOf({ media: 'NONE', state: 'INACTIVE' }));
  assert.notEqual(keeper.getPhone(), undefined);
  desk.show(modelOf({ media: 'CONNECTED' }));
  desk.client = undefined;
  desk.show(undefined);
  assert.equal(keeper.getPhone(), undefined);
  assert.deepEqual(calls, ['begin s.ch-1 false', 'stop s.ch-1']);
});

test('an agent with a SIP phone has none, nor is a chat one', () => {
  const { desk, keeper } = kept();
  desk.show(modelWith());
  desk.show(modelOf({ type: 'Chat', media: 'NONE' }));
  assert.equal(keeper.getPhone(), undefined);
});

test('it is needed at once where it was in use when the page was loaded', () => {
  for (const part of [{ media: 'LOST' }, { media: 'NONE', state: 'ACTIVE' }] as const) {
    const { desk, calls } = kept();
    desk.show(modelOf({ state: 'INACTIVE', ...part }));
    assert.deepEqual(calls, ['begin s.ch-1 true']);
  }
});

test('another session or channel has another phone, and whoever shows it is told', () => {
  const { desk, keeper, calls } = kept();
  let told = 0;
  keeper.subscribe(() => {
    told += 1;
  });
  desk.show(modelOf({ media: 'NONE', state: 'INACTIVE' }));
  desk.client = {} as CordboardClient;
  desk.show(modelOf({ media: 'NONE', state: 'INACTIVE' }));
  desk.show(modelOf({ media: 'NONE', state: 'INACTIVE', target: 's2.ch-1' }));
  assert.deepEqual(calls, [
    'begin s.ch-1 false',
    'stop s.ch-1',
    'begin s.ch-1 false',
    'stop s.ch-1',
    'begin s2.ch-1 false',
  ]);
  assert.equal(told, 3);
});
