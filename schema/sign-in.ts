/** Answer of `GET /sign-in`, for pages that the server has refused ([HOOK4]). */
import { z } from 'zod';

export const signInSchema = z
  .object({
    url: z
      .string()
      .nullable()
      .describe(
        'Where people sign in: a URL, or a path of this origin; null: the server names no such page.',
      ),
  })
  .meta({ id: 'SignIn' });
