// The audio of an agent whose phone is the browser, in a real Chromium against a real server and a
// customer of SIPp's: each hears the other's tone, whatever happens to the page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Customer } from './customer.js';
import { browserHz, Desk, until } from './desk.js';
import { channelsOf, shareOf } from './tone.js';

const customerHz = 600;
/** Of the power of what is heard; noise and codecs take little of a tone. */
const clearly = 0.8;

/** Ready with audio, in a call that was answered; ended whatever `story` does. */
async function inCall(story: (desk: Desk, customer: Customer) => Promise<void>, more = '') {
  const desk = await Desk.open(more);
  let customer: Customer | undefined;
  try {
    await desk.run((it) => it.enter());
    await desk.run((it) => it.listen());
    await desk.run((it) => it.ready());
    customer = await Customer.call(desk.sipPort, '1800', customerHz);
    await until('an offer', () => desk.run((it) => it.call()?.state === 'ALERTING'));
    await desk.run((it) => it.answer());
    await bothHear(desk, customer);
    await story(desk, customer);
  } finally {
    customer?.stop();
    await desk.close();
  }
}

async function bothHear(desk: Desk, customer: Customer) {
  await until('the customer hears the browser', () => customer.share(browserHz) > clearly);
  await until('the browser hears the customer', async () => {
    return (await desk.run((it, hz) => it.share(hz), customerHz)) > clearly;
  });
}

test('each hears the other, and the recording has both, each on its side', async () => {
  await inCall(async (desk, customer) => {
    assert.deepEqual(await desk.run((it) => it.media), ['NONE', 'CONNECTING', 'CONNECTED']);
    await desk.run((it) => it.ofCall('conversation.release'));
    assert.equal(await customer.isGone, 0);
    const { left, right } = channelsOf(await desk.recording());
    const last = (all: number[]) => all.slice(-8_000, -1_600);
    assert.ok(shareOf(customerHz, last(left)) > clearly, 'the customer is left');
    assert.ok(shareOf(browserHz, last(right)) > clearly, 'the agent is right');
  });
});

test('mute of the server and of the browser are silence, each until it is taken back', async () => {
  await inCall(async (desk, customer) => {
    const isSilent = () => customer.loudness < 0.001;
    await desk.run((it) => it.ofCall('conversation.request.mute'));
    assert.equal(await desk.run((it) => it.call()?.conversations[0]?.muted), true);
    await until('silence', isSilent);
    await desk.run((it) => it.ofCall('conversation.request.unmute'));
    await bothHear(desk, customer);
    await desk.run((it) => it.audio.mute(true));
    assert.equal(await desk.run((it) => it.audio.isMuted), true);
    assert.equal(await desk.run((it) => it.call()?.conversations[0]?.muted), false);
    await until('silence', isSilent);
    await desk.run((it) => it.audio.mute(false));
    await bothHear(desk, customer);
  });
});

test('a page that is loaded again during a call gets it back, and the customer stays', async () => {
  await inCall(async (desk, customer) => {
    await desk.load();
    await desk.run((it) => it.enter());
    assert.equal(await desk.run((it) => it.call()?.state), 'STARTED');
    await desk.run((it) => it.listen());
    await bothHear(desk, customer);
    assert.equal(await desk.run((it) => it.call()?.conversations[0]?.state), 'CONNECTED');
  });
});

test('an ICE restart takes the audio along', async () => {
  await inCall(async (desk, customer) => {
    const restarted = await desk.run(async (it) => {
      dispatchEvent(new Event('online'));
      const isOver = () => it.states.at(-1) === 'connected' && it.states.includes('reconnecting');
      while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 20));
      return it.states;
    });
    assert.deepEqual(restarted, ['connecting', 'connected', 'reconnecting', 'connected']);
    assert.deepEqual(await desk.run((it) => it.problems), []);
    await bothHear(desk, customer);
  });
});

test('audio that is gone is told, the customer kept for a while, then let go', async () => {
  await inCall(async (desk, customer) => {
    await desk.run((it) => it.audio.stop());
    await until('LOST', () => desk.run((it) => it.media.at(-1) === 'LOST'));
    assert.equal(await desk.run((it) => it.call()?.state), 'STARTED');
    await desk.run((it) => it.listen());
    await bothHear(desk, customer);
    assert.equal(await desk.run((it) => it.media.at(-1)), 'CONNECTED');
    await desk.run((it) => it.audio.stop());
    assert.equal(await customer.isGone, 0);
    await until('NONE', () => desk.run((it) => it.media.at(-1) === 'NONE'));
    assert.equal(await desk.run((it) => it.channel().state), 'INACTIVE');
    assert.equal(await desk.run((it) => it.channel().reason), 'phone.lost');
  });
});

test('Opus, where it is wanted', async () => {
  await inCall(async () => {}, 'codecs = ["opus"]\n');
});

test('neither the journal nor the log has descriptions', async () => {
  await inCall(async (desk) => {
    for (const text of [await desk.journal(), Buffer.from(await desk.log())]) {
      for (const secret of ['ice-pwd', 'ice-ufrag', 'a=fingerprint', 'm=audio']) {
        assert.equal(text.includes(secret), false, secret);
      }
    }
  });
});

test('without audio there is no activation, and a bad offer says what is wrong', async () => {
  const desk = await Desk.open();
  try {
    const code = (command: string, data?: object) =>
      desk.run(
        (it, asked) =>
          it.client
            .ask(asked.command as 'channel.activate', it.channel().target, asked.data as never)
            .then(
              () => 'done',
              (error) => `${error.code}: ${error.context}`,
            ),
        { command, data },
      );
    await desk.run((it) => it.enter());
    assert.match(await code('channel.activate'), /^endpoint.unreachable: .*channel.request.media/);
    const description = {
      type: 'offer',
      sdp: 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n',
    };
    assert.match(
      await code('channel.request.media', { description }),
      /^invalid.request: .*m=audio/,
    );
    assert.deepEqual(await desk.run((it) => it.media), ['NONE']);
  } finally {
    await desk.close();
  }
});

test('a microphone that is not allowed, and none at all, are told apart', async () => {
  for (const [without, code] of [
    ['fake-ui', 'microphone-denied'],
    ['fake-device', 'no-microphone'],
  ] as const) {
    const desk = await Desk.open('', without);
    try {
      await desk.run((it) => it.enter());
      const refused = desk.run((it) => it.listen().catch((error) => error.code));
      assert.equal(await refused, code);
      assert.equal(await desk.run((it) => it.audio.state), 'off');
      assert.deepEqual(await desk.run((it) => it.media), ['NONE']);
    } finally {
      await desk.close();
    }
  }
});
