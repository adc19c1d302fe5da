/** Starts the chat page. */
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { forgetApiKey, readApiKey } from '../access/api-key.ts';
import { KeyDialog } from '../access/key-dialog.tsx';
import { showLastTheme } from '../design/theme.ts';
import { ChatModel } from './chat-model.ts';
import { ChatPage } from './chat-page.tsx';
import { followTheme } from './theme-choice.ts';

/** `undefined` while the page asks for a key. */
const model = signal<ChatModel | undefined>(undefined);
const wasWrong = signal(false);

function begin(): void {
  model.value = new ChatModel(() => {
    wasWrong.value = readApiKey() !== undefined;
    forgetApiKey();
    model.value?.close();
    model.value = undefined;
  });
}

function Page() {
  if (model.value === undefined) return <KeyDialog wasWrong={wasWrong.value} onKey={begin} />;
  return <ChatPage model={model.value} />;
}

showLastTheme();
effect(() => followTheme(model.value?.config.value.value?.theme));
begin();
render(<Page />, document.body);
