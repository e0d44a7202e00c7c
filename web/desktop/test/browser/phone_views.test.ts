// Every view of the browser as the phone: nothing for axe to find, and pictures to look at.
import { examine } from '../support/pages.js';
import {
  chromiumWith,
  expect,
  failMicrophone,
  logIn,
  phoneBar,
  talk,
  test,
  unplug,
} from '../support/phone.js';

test.use({ launchOptions: chromiumWith('devices'), permissions: ['microphone'] });

test('audio that is well, muted, unplugged, lost', async ({ page, world, voice, path }) => {
  test.setTimeout(600_000);
  await talk(page, world, voice);
  const bar = phoneBar(page);
  await bar.getByText('Microphone and loudspeaker').click();
  await examine(page, '20-audio-devices');
  await bar.getByText('Microphone and loudspeaker').click();

  await bar.getByRole('button', { name: 'Switch microphone off' }).click();
  await page.keyboard.press('Alt+M');
  await page.getByText('you are muted in the call, your microphone is switched off here').waitFor();
  await examine(page, '21-audio-muted-twice');
  await page.keyboard.press('Alt+M');
  await bar.getByRole('button', { name: 'Switch microphone on' }).click();

  await unplug(page);
  await bar.getByText('The microphone is gone. This one is used now').waitFor();
  await examine(page, '22-audio-replaced');
  await failMicrophone(page, 'NotFoundError');
  await unplug(page);
  await page.locator('.banner', { hasText: 'there is no microphone' }).waitFor();
  await examine(page, '23-audio-no-microphone');

  path.cut();
  await page.locator('.banner', { hasText: 'there is no audio' }).waitFor();
  await bar.getByText('No audio gets through').waitFor();
  await examine(page, '24-audio-lost');
});

test('audio that has not begun', async ({ page, context, world }) => {
  test.setTimeout(600_000);
  await context.clearPermissions();
  await logIn(page, world, 'carol');
  const bar = phoneBar(page);
  await bar.getByText('There is no audio in this window.').waitFor();
  await examine(page, '25-audio-off');
  await bar.getByRole('button', { name: 'Connect audio' }).click();
  await bar.getByText('does not let this page use the microphone').waitFor();
  await examine(page, '26-audio-denied');
  // In German the words are longest.
  await page.getByRole('button', { name: /Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByText('Deutsch').click();
  await page.getByRole('button', { name: 'Schließen' }).last().click();
  await expect(page.getByRole('region', { name: 'Ihr Ton' })).toBeVisible();
  await examine(page, '27-audio-denied-german');
});
