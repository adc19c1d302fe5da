/** Commands to the server. They refer to things by number, so that they stay valid while a run shrinks. */

import type { UpdateRuntimeConfig } from '../../../schema/runtime-config.ts';
import type { WireNamespace } from '../../../schema/wire-event-table.ts';
import type { Talk } from './reference-model.ts';

export type By = 'rest' | 'socket';

export type Order =
  | {
      readonly kind: 'create';
      readonly title: string;
      readonly description: string | undefined;
      readonly named: boolean;
    }
  | {
      readonly kind: 'update';
      readonly session: number;
      readonly patch: { readonly title?: string; readonly description?: string | null };
      readonly named: boolean;
    }
  | { readonly kind: 'archive' | 'delete'; readonly session: number; readonly named: boolean }
  | {
      readonly kind: 'send';
      readonly session: number;
      readonly talk: Talk;
      readonly by: By;
      readonly ownId: boolean;
      readonly named: boolean;
    }
  | {
      readonly kind: 'store';
      readonly session: number;
      readonly role: 'assistant' | 'tool';
      readonly content: string;
    }
  /** The same message id again, with the same message or another. */
  | { readonly kind: 'sendAgain'; readonly message: number; readonly same: boolean; readonly by: By }
  /** The same `Idempotency-Key` again, for the same request or another. */
  | { readonly kind: 'repeat'; readonly name: number; readonly same: boolean }
  | { readonly kind: 'cancel'; readonly session: number; readonly prompt: number | null; readonly by: By }
  /** About a question of a session in which nothing runs or waits. */
  | { readonly kind: 'regenerate' | 'select' | 'remove'; readonly question: number; readonly by: By }
  | { readonly kind: 'edit'; readonly question: number; readonly talk: Talk; readonly by: By }
  | { readonly kind: 'config'; readonly patch: UpdateRuntimeConfig; readonly named: boolean }
  | {
      readonly kind: 'subscribe';
      readonly namespaces: readonly WireNamespace[];
      /** `null`: every session. */
      readonly session: number | null;
    }
  | { readonly kind: 'drop' | 'resume'; readonly reader: number }
  | { readonly kind: 'restart'; readonly how: 'orderly' | 'abrupt' };

/** `send session=1 talk=slow by=socket ownId` */
export function orderText(order: Order): string {
  const { kind, ...rest } = order;
  const words = Object.entries(rest).flatMap(([key, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [key];
    return [`${key}=${typeof value === 'string' && /^[\w-]+$/.test(value) ? value : JSON.stringify(value)}`];
  });
  return [kind, ...words].join(' ');
}
