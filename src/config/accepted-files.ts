/** Which files the models of a configured provider take, beside texts, which all take. */
import type { AcceptedKind } from '../../schema/attachment.ts';
import type { ProviderSettings, ProviderType } from './engine-settings.ts';

/**
 * What the models of these providers take as a rule; nothing is a rule for providers that only speak as OpenAI does.
 * Audio is for few models.
 */
export const acceptedByDefault: Readonly<Record<ProviderType, readonly AcceptedKind[]>> = {
  openai: ['image', 'pdf'],
  anthropic: ['image', 'pdf'],
  'openai-compatible': [],
  'openai-responses': ['image', 'pdf'],
  google: ['image', 'pdf', 'audio'],
};

/** The setting of the model, else that of its provider, else the rule. */
export function acceptedFiles(settings: ProviderSettings, model: string): readonly AcceptedKind[] {
  const own = settings.models.find(({ id }) => id === model)?.accepts;
  return own ?? settings.accepts ?? acceptedByDefault[settings.type];
}
