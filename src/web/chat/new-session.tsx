/** The page where a session begins: examples to try, and a field to write into. */
import { conversationLimits } from '../../../schema/conversation-limits.ts';
import type { ChatModel } from './chat-model.ts';
import { Composer } from './composer.tsx';
import { ModelSelect } from './model-choice.tsx';

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
  const providers = model.providers.value;
  const hasModel = providers?.some(({ name, available }) => available && name !== 'rehearsal') === true;
  return (
    <div class="new-session">
      <div class="welcome">
        {hasModel ? <h1>What can I help with?</h1> : <Rehearsals model={model} />}
        <Options model={model} />
      </div>
      <Composer model={model} draftKey="" isAnswering={false} onSend={(text) => model.begin(text)} />
    </div>
  );
}

/** The model and the instructions of the session that is being begun. */
function Options({ model }: { readonly model: ChatModel }) {
  const options = model.newOptions.value;
  const choose = (name: 'model' | 'systemPrompt', value: string | undefined) => {
    const { [name]: _, ...others } = model.newOptions.value;
    model.newOptions.value = value === undefined || value === '' ? others : { ...others, [name]: value };
  };
  return (
    <div class="new-options">
      <ModelSelect model={model} chosen={options.model} onChoose={(name) => choose('model', name)} />
      <details open={options.systemPrompt !== undefined}>
        <summary>Instructions for the model</summary>
        <label class="field">
          What it should know or keep to in this session
          <textarea
            rows={4}
            dir="auto"
            maxLength={conversationLimits.systemPromptCharactersMax}
            value={options.systemPrompt ?? ''}
            onInput={(event) => choose('systemPrompt', event.currentTarget.value)}
          />
        </label>
      </details>
    </div>
  );
}

/** Shown where only the built-in engine answers. */
function Rehearsals({ model }: { readonly model: ChatModel }) {
  return (
    <>
      <h1>What would you like to see?</h1>
      <p>
        Every answer is a running state machine. Its steps, tool calls and failures appear here as they
        happen. Without a model configured, the built-in rehearsal engine answers, and takes directives in{' '}
        <code>[[ ]]</code>.
      </p>
      {model.providers.value === undefined ? null : (
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
      )}
    </>
  );
}
