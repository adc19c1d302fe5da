/** The parts of the scenario in which agents outside answer: one of its own accord, one what a person asks. */
import { WebSocket } from 'ws';
import { claimTurn, type PushedAnswer, startTurn } from '../../src/client/agent.ts';
import type { TorturedClient } from './tortured-client.ts';
import { idOf, TorturedSession } from './tortured-session.ts';

const agent = 'tortured';
/** Replaced by the server's present address. */
const url = 'http://tortured.invalid';

/** An agent begins an answer without a question. */
export async function pushing(client: TorturedClient): Promise<void> {
  const sessionId = await created(client, 'pushing', {});
  await answer(client, sessionId, await startTurn({ url, agent, sessionId, fetch: client.fetch }));
}

/** An agent hears of a question, claims it, and answers. */
export async function claiming(client: TorturedClient): Promise<void> {
  const sessionId = await created(client, 'claiming', { options: { engine: 'external' } });
  await new TorturedSession(client, 'claiming', sessionId).say('is answered by an agent outside');
  const turnId = await offeredTurn(client, sessionId);
  await answer(client, sessionId, await claimTurn({ url, agent, turnId, fetch: client.fetch }));
}

async function created(client: TorturedClient, title: string, more: object): Promise<string> {
  return idOf(await client.command('POST', '/chat-sessions', `${title} create`, { title, ...more }));
}

/** Slow enough for the server to die in the middle. */
async function answer(client: TorturedClient, sessionId: string, pushed: PushedAnswer): Promise<void> {
  const pieces: string[] = [];
  const say = async (count: number) => {
    for (let told = 0; told < count; told++) {
      const piece = `[${pieces.length}]`;
      pieces.push(piece);
      pushed.text(piece);
      await pause(pieceMs);
    }
  };
  const call = { callId: 'weather-1', name: 'weather', arguments: { city: 'Oslo' } };
  const result = 'Sunny';
  await say(piecesBefore);
  pushed.reasoning('The weather decides.');
  pushed.toolCall(call);
  await pause(pieceMs);
  pushed.toolResult(call.callId, result);
  await say(piecesAfter);
  const told = await pushed.finish().then(
    ({ status }) => status,
    (error: unknown) => String(error),
  );
  const { turnId, answerId } = pushed;
  const calls = [{ callId: call.callId, result }];
  client.said.push({ sessionId, turnId, answerId, pieces, calls, told });
}

/** Listens to `turns` through all lives of the server. */
async function offeredTurn(client: TorturedClient, sessionId: string): Promise<string> {
  for (;;) {
    const server = (await client.url()).replace('http', 'ws');
    const socket = new WebSocket(`${server}/live?namespaces=turns&agent=${agent}`, 'callboard.v1');
    const turnId = await new Promise<string | null>((resolve) => {
      socket.on('message', (bytes) => {
        const { event, data } = JSON.parse(String(bytes));
        if (event === 'turn.offered' && data.sessionId === sessionId) resolve(data.turnId);
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(null));
    });
    socket.terminate();
    if (turnId !== null) return turnId;
    await pause(pieceMs);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const pieceMs = 5;
const piecesBefore = 20;
const piecesAfter = 20;
