/** The routes by which back ends get connection tokens, and people find the page to sign in at. */
import { connectionTokenSchema, createTokenSchema } from '../../../schema/connection-token.ts';
import { accepted } from '../../../schema/refusal.ts';
import { signInSchema } from '../../../schema/sign-in.ts';
import { type Route, route, takesNothing } from '../http/route.ts';

export const tokenRoutes: readonly Route[] = [
  route({
    ...takesNothing,
    tag: 'access',
    method: 'GET',
    path: '/sign-in',
    summary: 'Where people sign in whom the server does not know.',
    public: true,
    response: { status: 200, description: 'The page, if the server names one.', schema: signInSchema },
    answer: ({ signInUrl = null }) => accepted({ url: signInUrl }),
  }),
  route({
    ...takesNothing,
    tag: 'access',
    method: 'POST',
    path: '/tokens',
    summary: 'Makes a token for a browser, which allows no more than whoever asks may do.',
    body: createTokenSchema,
    response: { status: 201, description: 'The token, shown once.', schema: connectionTokenSchema },
    answer: async ({ makeToken }, { body, by }) => {
      const made = await makeToken(by, body);
      if (!made.ok) return made;
      const { token, expiresAt } = made.value;
      return accepted({ token, expiresAt });
    },
  }),
];
