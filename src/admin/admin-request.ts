/** Asks the server that runs on a data folder to obey an order, over its Unix socket. */
import { request } from 'node:http';
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';
import { accepted, type Outcome, refusal, refusalTable, refused } from '../../schema/refusal.ts';
import { errorCode } from '../storage/storage-open-error.ts';
import { type KeyOrder, type KeyOrderResult, keyOrderResultSchema } from './key-orders.ts';

const answerSchema = z.union([
  z.object({ value: keyOrderResultSchema }),
  z.object({ refused: z.object({ code: z.string(), message: z.string() }) }),
]);

/** `absent`: nobody listens at the path. Rejects when somebody does, and gives no sound answer. */
export async function askServer(path: string, order: KeyOrder): Promise<Outcome<KeyOrderResult> | 'absent'> {
  let text: string;
  try {
    text = await exchanged(path, JSON.stringify(order));
  } catch (cause) {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'absent';
    throw cause;
  }
  const answer = answerSchema.parse(JSON.parse(text));
  if ('value' in answer) return accepted(answer.value);
  const { code, message } = answer.refused;
  return refused(refusal(isRefusalCode(code) ? code : 'internal', message));
}

function isRefusalCode(code: string): code is keyof typeof refusalTable {
  return Object.hasOwn(refusalTable, code);
}

function exchanged(socketPath: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { socketPath, path: '/keys', method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve(text));
        response.on('error', reject);
      },
    );
    asked.setTimeout(limits.adminAnswerMs, () => asked.destroy(new Error('it does not answer')));
    asked.on('error', reject);
    asked.end(body);
  });
}
