/** Whole numbers in query strings. */
import { z } from 'zod';

/** A whole number in a query string. Anything else, an empty value included, is left for the schema to refuse. */
export function wholeNumber(bounds: { readonly min: number; readonly max: number }) {
  return z.preprocess(
    (given) => (typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given),
    z.int().min(bounds.min).max(bounds.max),
  );
}
