/** The child's side of a measured process: answers its parent's questions, and ends with its parent. */

export type Handlers = Readonly<Record<string, (data: unknown) => unknown>>;

/** Answers questions until the parent goes away. Sends `ready` to the parent as soon as it resolves. */
export async function serveParent(ready: unknown, handlers: Handlers): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message: unknown) => {
    if (!isQuestion(message)) return;
    const { id, name, data } = message;
    const handler = handlers[name];
    Promise.resolve()
      .then(() => {
        if (handler === undefined) throw new Error(`nobody answers ${name}`);
        return handler(data);
      })
      .then(
        (answer: unknown) => process.send?.({ id, answer: answer ?? null }),
        (cause: unknown) =>
          process.send?.({
            id,
            error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
          }),
      );
  });
  process.send?.({ ready: (await ready) ?? null });
}

type Question = { readonly id: number; readonly name: string; readonly data: unknown };

function isQuestion(message: unknown): message is Question {
  return (
    typeof message === 'object' &&
    message !== null &&
    typeof Reflect.get(message, 'id') === 'number' &&
    typeof Reflect.get(message, 'name') === 'string'
  );
}
