/** Starts the chat page. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { forgetApiKey, isToken, readApiKey } from '../access/api-key.ts';
import { KeyDialog } from '../access/key-dialog.tsx';
import { showLastTheme } from '../design/theme.ts';
import { ChatModel } from './chat-model.ts';
import { ChatPage } from './chat-page.tsx';
import { sessionInAddress, sessionQuery } from './session-address.ts';
import { followTheme } from './theme-choice.ts';

/** `undefined` while the page asks for a key. */
const model = signal<ChatModel | undefined>(undefined);
/** The key, or token, with which it did not go on. */
const wrongKey = signal<string | undefined>(undefined);

const tokenFault = 'The token has ended, or the server does not know it.';

function begin(): void {
  model.value = new ChatModel(
    () => {
      wrongKey.value = readApiKey();
      leave();
    },
    () => {
      wrongKey.value = undefined;
      leave();
    },
  );
}

function leave(): void {
  forgetApiKey();
  model.value?.close();
  model.value = undefined;
  document.title = 'Sign in – Callboard';
}

function Page() {
  if (model.value !== undefined) return <ChatPage model={model.value} />;
  const wrong = wrongKey.value;
  const fault = wrong !== undefined && isToken(wrong) ? { fault: tokenFault } : {};
  return (
    <KeyDialog
      wasWrong={wrong !== undefined}
      returnQuery={sessionQuery(sessionInAddress())}
      {...fault}
      onKey={begin}
    />
  );
}

showLastTheme();
effect(() => followTheme(model.value?.config.value.value?.theme));
begin();
render(<Page />, document.body);
