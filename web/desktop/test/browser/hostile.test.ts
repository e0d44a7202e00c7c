// Callers and systems that send what should be harmful: it is text, and nothing else.

import { screenPopUrl } from '../../src/desk/screen_pop.js';
import { beReady, expect, logIn, test } from '../support/pages.js';

const script = '<img src=x onerror=alert(1)><script>alert(2)</script>';

test('a hostile caller is shown as text', async ({ page, world }) => {
  page.on('dialog', () => expect('a dialog').toBe('none'));
  await logIn(page, world);
  await beReady(page);
  await world.call({ name: "<svg onload=alert(1)>'{{7*7}}" });
  await page.getByRole('button', { name: 'Answer' }).click();
  await expect(page.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  await expect(page.locator('svg[onload], img')).toHaveCount(0);
});

test('hostile data of a chat are shown as text, however long', async ({ page, world }) => {
  page.on('dialog', () => expect('a dialog').toBe('none'));
  await logIn(page, world);
  await page.getByRole('button', { name: /Menu of/ }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByText('E-mails').click();
  await expect(page.getByRole('switch', { name: 'E-mails' })).toBeChecked();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Change state: E-mail' }).click();
  await page.getByRole('menuitem', { name: 'Ready', exact: true }).click();
  await world.offerTask({
    type: 'Email',
    from: `${script}\u202e${'w'.repeat(300)}`,
    subject: `javascript:alert(1) ${script}`,
    'interaction-data': {
      [script]: script,
      __proto__: 'x',
      constructor: { toString: script },
      link: 'javascript:alert(1)',
      long: 'x'.repeat(5_000),
    },
  });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: 'Accept' }).click();
  await expect(page.getByRole('definition').filter({ hasText: script }).first()).toBeVisible();
  await expect(page.locator('img, a[href^="javascript"]')).toHaveCount(0);
  const isTooWide = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  expect(isTooWide).toBe(false);
});

test.describe('with a page to open', () => {
  const template = 'https://crm.example/find?q={ANI}';
  test.use({ worldOptions: { desktop: `screen-pop = "${template}"` } });

  test('the customer page is opened with encoded data, and knows nothing of us', async ({
    page,
    context,
    world,
  }) => {
    await context.route('https://crm.example/**', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>CRM</title>' }),
    );
    await logIn(page, world);
    await beReady(page);
    await world.call({ number: '493012345678' });
    const popup = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Answer' }).click();
    const opened = await popup;
    await opened.waitForURL(screenPopUrl(template, { ANI: '493012345678' }) ?? '');
    expect(await opened.evaluate(() => window.opener)).toBeNull();
    const link = page.getByRole('link', { name: /Open customer page/ });
    await expect(link).toHaveAttribute('rel', 'noopener noreferrer');
  });
});
