/** Topic grammar: `<format>/<namespace>`; one topic per namespace and wire format (design §6). */
import type { WireNamespace } from './event-catalogue.ts';

export const wireFormats = ['baseline'] as const;
export type WireFormat = (typeof wireFormats)[number];

export type Topic = `${WireFormat}/${WireNamespace}`;

export function topicOf(format: WireFormat, namespace: WireNamespace): Topic {
  return `${format}/${namespace}`;
}
