/**
 * An agent in TypeScript that streams its answer into a Callboard session:
 *
 *     node agent.ts http://127.0.0.1:3000 SESSION < text
 *
 * It says each line of its standard input as a piece of the answer. docs/agents.md explains what happens underneath.
 */
import { createInterface } from 'node:readline';
import { startTurn } from 'callboard/client/agent';

const [url = '', sessionId = '', apiKey] = process.argv.slice(2);
const answer = await startTurn({ url, sessionId, agent: 'typescript', apiKey });
const tell = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`);
tell({ turnId: answer.turnId });
for await (const line of createInterface({ input: process.stdin })) {
  answer.text(`${line}\n`);
  // So that the agent is never far ahead of the server.
  await answer.drained();
  tell({ said: line });
}
tell(await answer.finish());
