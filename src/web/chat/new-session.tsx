/** The page where a session begins: examples to try, and a field to write into. */
import type { ChatModel } from './chat-model.ts';
import { Composer } from './composer.tsx';

type Suggestion = { readonly title: string; readonly about: string; readonly message: string };

const suggestions: readonly Suggestion[] = [
  {
    title: 'What time is it?',
    about: 'Calls the clock tool, then answers from its result.',
    message: 'What time is it?',
  },
  {
    title: 'A long answer, quickly',
    about: 'Six hundred pieces, 8 ms apart. Stop it when you like: its text stays.',
    message: 'Tell me a story [[tokens=600 delay=8]]',
  },
  {
    title: 'Think, then use a tool',
    about: 'Reasoning, a tool with arguments, and then the text.',
    message: 'Plan my day [[think=40 tool=clock args={"timeZone": "Europe/Berlin"} tokens=80]]',
  },
  {
    title: 'An answer that breaks off',
    about: 'The model fails half-way: see what text is kept and which error is shown.',
    message: 'Explain tides [[tokens=60 fail=mid]]',
  },
];

export function NewSession({ model }: { readonly model: ChatModel }) {
  return (
    <div class="new-session">
      <div class="welcome">
        <h1>What would you like to see?</h1>
        <p>
          Every answer is a running state machine. Its steps, tool calls and failures appear here as they
          happen. Without a model configured, the built-in rehearsal engine answers, and takes directives in{' '}
          <code>[[ ]]</code>.
        </p>
        <ul class="suggestions">
          {suggestions.map(({ title, about, message }) => (
            <li key={title}>
              <button type="button" onClick={() => void model.begin(message)}>
                <strong>{title}</strong>
                <span>{about}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      <Composer model={model} draftKey="" isAnswering={false} onSend={(said) => model.begin(said)} />
    </div>
  );
}
