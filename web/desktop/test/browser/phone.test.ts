// The browser as the phone: a real customer with a tone, and a microphone with another one. What
// the page says of the audio is true.
import type { Locator } from '@playwright/test';
import { expectMeasured, measured } from '../support/measured.js';
import {
  beReady,
  beReadyToTalk,
  chromiumWith,
  expect,
  expectBothHear,
  expectSilence,
  failMicrophone,
  leadThrough,
  logIn,
  phoneBar,
  plugIn,
  talk,
  test,
  unplug,
} from '../support/phone.js';

test.use({ launchOptions: chromiumWith('devices'), permissions: ['microphone'] });

const silence = (because: string) => `The other side hears silence: ${because}.`;

test('each hears the other; muted here and muted in the call are told apart', async ({
  page,
  world,
  voice,
}) => {
  await talk(page, world, voice);
  const bar = phoneBar(page);
  const level = bar.getByLabel('Level of the microphone');
  const levelNow = () => level.evaluate((it) => (it as HTMLMeterElement).value);
  await expect.poll(levelNow).toBeGreaterThan(0.5);

  await bar.getByRole('button', { name: 'Switch microphone off' }).click();
  await expect(bar.getByText(silence('your microphone is switched off here'))).toBeVisible();
  await expect(page.locator('.chip', { hasText: 'Microphone is off' })).toBeVisible();
  await expect.poll(levelNow).toBe(0);
  await expectSilence(voice);

  // Either of them is silence, until both are taken back.
  await page.keyboard.press('Alt+M');
  const both = 'you are muted in the call, your microphone is switched off here';
  await expect(bar.getByText(silence(both))).toBeVisible();
  await bar.getByRole('button', { name: 'Switch microphone on' }).click();
  await expect(bar.getByText(silence('you are muted in the call'))).toBeVisible();
  await expectSilence(voice);
  await page.keyboard.press('Alt+M');
  await expect(bar.getByText('The other side hears you.')).toBeVisible();
  await expectBothHear(page, voice);

  await page.keyboard.press('Alt+H');
  await expect(bar.getByText('On hold: the other side does not hear you.')).toBeVisible();
  await page.keyboard.press('Alt+H');
  await expectBothHear(page, voice);

  // One connection for all calls: it stays.
  await page.keyboard.press('Alt+Q');
  await expect(bar.getByText('Audio is connected.')).toBeVisible();
});

test('what WebRTC measures of the audio is what is said and heard', async ({
  page,
  world,
  voice,
}) => {
  await talk(page, world, voice);
  const bar = phoneBar(page);
  await expectMeasured(page, { heard: true, said: true });

  // Muted here, nothing is said; muted in the call, it is said and not passed on.
  await bar.getByRole('button', { name: 'Switch microphone off' }).click();
  await expectMeasured(page, { heard: true, said: false });
  await bar.getByRole('button', { name: 'Switch microphone on' }).click();
  await expectMeasured(page, { heard: true, said: true });
  await page.keyboard.press('Alt+M');
  await expect(bar.getByText(silence('you are muted in the call'))).toBeVisible();
  await expectSilence(voice);
  await expectMeasured(page, { heard: true, said: true });
  await page.keyboard.press('Alt+M');

  // Who holds does not hear the customer, who talks all the time.
  await page.keyboard.press('Alt+H');
  await expect(bar.getByText('On hold: the other side does not hear you.')).toBeVisible();
  await expectMeasured(page, { heard: false, said: true });
  await page.keyboard.press('Alt+H');
  await expectMeasured(page, { heard: true, said: true });
  await expectBothHear(page, voice);
  expect((await measured(page)).lost).toBeLessThan(0.02);
});

test('a page that is loaded again during a call has its audio back, muted as it was', async ({
  page,
  world,
  voice,
}) => {
  await talk(page, world, voice);
  await page.reload();
  const bar = phoneBar(page);
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expect(bar.getByText('The other side hears you.')).toBeVisible();
  await expectBothHear(page, voice);

  await bar.getByRole('button', { name: 'Switch microphone off' }).click();
  await page.reload();
  await expect(bar.getByText(silence('your microphone is switched off here'))).toBeVisible();
  await expectSilence(voice);
  await bar.getByRole('button', { name: 'Switch microphone on' }).click();
  await expectBothHear(page, voice);
});

test('a network that is cut: the customer hears silence, which is said, and stays', async ({
  page,
  world,
  voice,
  path,
}) => {
  await talk(page, world, voice);
  path.cut();
  world.wire.cut();
  const banner = page.locator('.banner', { hasText: silence('there is no audio') });
  await expect(page.getByText('There is no connection to the server.')).toBeVisible();
  await expect(banner).toBeVisible();
  await expect(banner).toContainText('is being connected again');
  path.mend();
  world.wire.mend();
  await page.getByRole('button', { name: 'Try now' }).first().click();
  await expect(banner).toBeHidden();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expectBothHear(page, voice);
});

test('audio alone is cut: said, by the server too, and made anew', async ({
  page,
  world,
  voice,
  path,
}) => {
  await talk(page, world, voice);
  path.cut();
  const banner = page.locator('.banner', { hasText: silence('there is no audio') });
  await expect(banner).toBeVisible();
  await expect(phoneBar(page).getByText('No audio gets through to the server.')).toBeVisible();
  path.mend();
  await banner.getByRole('button', { name: 'Try now' }).click();
  await expect(banner).toBeHidden();
  await expectBothHear(page, voice);
  await expect(phoneBar(page).getByText('No audio gets through')).toBeHidden();
});

test('a firewall that lets no audio through is told, and nobody is ready without it', async ({
  page,
  world,
  path,
}) => {
  path.cut();
  await logIn(page, world, 'carol');
  const bar = phoneBar(page);
  await expect(bar.getByText('No audio gets through to the server.')).toBeVisible();
  path.mend();
  await beReady(page);
  await expect(bar.getByText('Audio is connected.')).toBeVisible();
  await expect(bar.getByText('No audio gets through')).toBeHidden();
});

test('a microphone that is denied is told, and taken when it is allowed', async ({
  page,
  context,
  world,
}) => {
  await context.clearPermissions();
  await logIn(page, world, 'carol');
  const bar = phoneBar(page);
  await expect(bar.getByText('There is no audio in this window.')).toBeVisible();
  await bar.getByRole('button', { name: 'Connect audio' }).click();
  await expect(bar.getByText('does not let this page use the microphone')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Change state: Phone: Off' })).toBeVisible();
  await context.grantPermissions(['microphone']);
  await expect(bar.getByText('Audio is connected.')).toBeVisible();
  await expect(bar.getByText('does not let this page use')).toBeHidden();
});

test('a microphone that another program has, and one that is unplugged', async ({
  page,
  context,
  world,
  voice,
}) => {
  await context.clearPermissions();
  await logIn(page, world, 'carol');
  const bar = phoneBar(page);
  await failMicrophone(page, 'NotReadableError');
  await bar.getByRole('button', { name: 'Connect audio' }).click();
  await expect(bar.getByText('If another program has it')).toBeVisible();
  await failMicrophone(page, undefined);
  await context.grantPermissions(['microphone']);
  await beReady(page);
  await world.call({ voice });
  await page.getByRole('button', { name: 'Answer' }).click();
  await expectBothHear(page, voice);

  // The system has another one.
  await unplug(page);
  await expect(bar.getByText('The microphone is gone. This one is used now')).toBeVisible();
  await expectBothHear(page, voice);
  await bar.getByRole('button', { name: 'Dismiss' }).click();
  await expect(bar.getByText('The microphone is gone')).toBeHidden();

  // It has none, until one is plugged in.
  await failMicrophone(page, 'NotFoundError');
  await unplug(page);
  await expect(bar.getByText('There is no microphone. Plug one in')).toBeVisible();
  await expect(
    page.locator('.banner', { hasText: silence('there is no microphone') }),
  ).toBeVisible();
  await expectSilence(voice);
  await failMicrophone(page, undefined);
  await plugIn(page);
  await expect(bar.getByText('The other side hears you.')).toBeVisible();
  await expectBothHear(page, voice);
});

test('no device at all', async ({ playwright, world, path }) => {
  const browser = await playwright.chromium.launch(chromiumWith('no devices'));
  try {
    const context = await browser.newContext({ locale: 'en-US', permissions: ['microphone'] });
    await leadThrough(context, path);
    const page = await context.newPage();
    await logIn(page, world, 'carol');
    await expect(phoneBar(page).getByText('There is no microphone. Plug one in')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Change state: Phone: Off' })).toBeVisible();
  } finally {
    await browser.close();
  }
});

async function chooseLast(select: Locator): Promise<string> {
  const label = await select.locator('option').last().textContent();
  await select.selectOption({ label: label ?? '' });
  return label ?? '';
}

test('the devices that are chosen are used, and remembered', async ({ page, world }) => {
  await beReadyToTalk(page, world);
  const bar = phoneBar(page);
  await bar.getByText('Microphone and loudspeaker').click();
  const microphone = bar.getByLabel('Microphone', { exact: true });
  const speaker = bar.getByLabel('Loudspeaker', { exact: true });
  const chosen = { microphone: await chooseLast(microphone), speaker: await chooseLast(speaker) };
  await page.reload();
  await expect(bar.getByText('Audio is connected.')).toBeVisible();
  await bar.getByText('Microphone and loudspeaker').click();
  await expect(microphone.locator('option:checked')).toHaveText(chosen.microphone);
  await expect(speaker.locator('option:checked')).toHaveText(chosen.speaker);
});

test('a browser that lets the ring tone come from one place only', async ({ page, world }) => {
  await page.addInitScript(() => {
    Reflect.deleteProperty(AudioContext.prototype, 'setSinkId');
  });
  await beReadyToTalk(page, world);
  const bar = phoneBar(page);
  await bar.getByText('Microphone and loudspeaker').click();
  const elsewhere = bar.getByText('The ring tone does not come from there');
  await expect(elsewhere).toBeHidden();
  await chooseLast(bar.getByLabel('Loudspeaker', { exact: true }));
  await expect(elsewhere).toBeVisible();
});
