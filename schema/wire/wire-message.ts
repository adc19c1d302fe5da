/** A frame for the API documents. */
import type { z } from 'zod';
import type { WireNamespace } from '../wire-event-table.ts';

export type WireMessage = {
  /** Unique: `v1.message.partial.snapshot`. */
  readonly key: string;
  readonly event: string;
  readonly format: 'baseline' | 'v1';
  readonly sender: 'server' | 'client';
  /** The frame's namespace; `null`: any. */
  readonly namespace: WireNamespace | null;
  readonly summary: string;
  /** The whole frame. */
  readonly frame: z.ZodType;
  /** A whole frame. */
  readonly example: unknown;
};
