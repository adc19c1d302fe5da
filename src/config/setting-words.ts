/** What the declaration of a setting is made of: the words about it, and the types that several settings have. */
import { z } from 'zod';
import { limits } from '../../schema/limits.ts';

export type SettingWords = {
  readonly variable: string;
  /** Includes the placeholder of its value: `--port <number>`. */
  readonly flag?: string;
  /** How text from the environment or a flag is parsed; a list is separated by commas. */
  readonly kind: 'text' | 'number' | 'list';
  /** Completes the sentence "must be …". */
  readonly allowed: string;
  readonly description: string;
  /** True when its value must never be shown. */
  readonly secret?: true;
  /** `live`: a change is in force once the file is read again; `restart`: not before the next start. */
  readonly reload: 'live' | 'restart';
  /** A page may change it; else the file on disk alone. Never what opens the server, or deletes what it keeps. */
  readonly page?: true;
};

/** The documentation of each field of the config's schema (`settings.ts`). */
export const settingWords = z.registry<SettingWords>();

export const wholeNumberFrom = (min: number, max: number) => z.number().int().min(min).max(max);
export const urlOf = (...protocols: readonly string[]) =>
  z
    .string()
    .max(limits.urlCharactersMax)
    .refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
