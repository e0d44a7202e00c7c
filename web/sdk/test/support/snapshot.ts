// The server's truth about a session, from a client that shares no code with the SDK's.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { SessionView, Ticket } from '../../src/index.js';

/** Resumes the session, which ends the SDK's connection, and asks for a snapshot. */
export async function snapshotOf(
  port: number,
  ticket: Ticket,
): Promise<{ session: SessionView; seq: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/agent`);
  await once(socket, 'open');
  const target = ticket.session;
  const ask = (command: string, data: object) =>
    new Promise<{ session: SessionView; seq: number }>((resolve, reject) => {
      socket.on('message', (text) => {
        const message = JSON.parse(String(text));
        if (message.command !== command) return;
        if (message.result === 'success') resolve(message.data);
        else reject(new Error(message.failure.code));
      });
      socket.send(JSON.stringify({ command, target, data }));
    });
  try {
    await ask('session.resume', { resumeToken: ticket.resumeToken, after: ticket.seq });
    return await ask('session.snapshot', {});
  } finally {
    socket.terminate();
  }
}
