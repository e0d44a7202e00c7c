// Inside the page of a CRM: both talk to each other if the operator allows it, and only then.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect, password, test } from '../support/pages.js';
import { World } from '../support/world.js';

const example = readFileSync(
  fileURLToPath(new URL('../../../../examples/crm.html', import.meta.url)),
  'utf8',
);

/** A CRM on an origin of its own: the example's page, with the desktop's address in it. */
async function crmWith(desktop: () => string): Promise<{ server: Server; origin: string }> {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(example.replaceAll('https://desk.example', desktop()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen.');
  return { server, origin: `http://127.0.0.1:${address.port}` };
}

test('the CRM hears of calls, and dials', async ({ page }) => {
  let desktop = '';
  const { server, origin } = await crmWith(() => desktop);
  const world = await World.start({ desktop: `embed-origins = ["${origin}"]` });
  desktop = world.url;
  try {
    await page.goto(origin);
    const frame = page.frameLocator('iframe');
    await frame.getByLabel('Agent').fill('alice');
    await frame.getByLabel('Password').fill(password);
    await frame.getByRole('button', { name: 'Log in' }).click();
    const log = page.getByRole('log');
    await expect(log).toContainText('"agentState":"NOT_READY"');
    await page.getByRole('button', { name: 'Ready', exact: true }).click();
    await expect(log).toContainText('"agentState":"READY"');
    await world.call({ number: '493099' });
    await frame.getByRole('button', { name: 'Answer' }).click();
    await expect(page.getByRole('heading', { name: 'Customer 493099' })).toBeVisible();
    await frame.getByRole('button', { name: 'Hang up' }).click();
    await frame.getByRole('button', { name: 'Complete' }).click();
    await expect(log).toContainText('"type":"interactionEnded"');
    await page.getByLabel('Number').fill('9555');
    await page.getByRole('button', { name: 'Dial' }).click();
    await expect(frame.locator('.talk-state', { hasText: 'Talking' })).toBeVisible();
  } finally {
    server.close();
    await world.stop();
  }
});
