// The quick start of README.md works as it is written.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { password, Server } from '../support/server.js';

const page = new URL('../../../README.md', import.meta.url);
const script = new URL('../../quick_start.mjs', import.meta.url);

test('the quick start takes a call', { timeout: 120_000 }, async () => {
  const code = /```js\n([\s\S]*?)```/.exec(await readFile(page, 'utf8'))?.[1] ?? '';
  await writeFile(script, code);
  const server = await Server.start();
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(script)], {
      env: { SERVER: server.url, AGENT: 'sim-1', PASSWORD: password },
      timeout: 100_000,
    });
    assert.match(stdout, /^a call .*ANI.*^talking\n.*^done$/ms);
  } finally {
    await server.stop();
  }
});
