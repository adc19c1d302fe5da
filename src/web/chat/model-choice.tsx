/** Chooses the model of a session, where the server offers more than one. */
import type { ModelProvider } from '../../client/administration.ts';
import type { ChatModel } from './chat-model.ts';

type Choice = { readonly model: string; readonly label: string };

export function ModelChoice(props: {
  readonly model: ChatModel;
  readonly sessionId: string;
  /** The session's model; `undefined`: the server's default. */
  readonly chosen: string | undefined;
}) {
  const { model, sessionId, chosen } = props;
  return (
    <ModelSelect
      model={model}
      chosen={chosen}
      onChoose={(name) => void model.chooseModel(sessionId, name ?? null)}
    />
  );
}

/** For whatever is to have a model; `undefined`: the server's default. */
export function ModelSelect(props: {
  readonly model: ChatModel;
  readonly chosen: string | undefined;
  readonly onChoose: (name: string | undefined) => void;
}) {
  const { model, chosen, onChoose } = props;
  const choices = choicesOf(model.providers.value ?? []);
  if (choices.length < 2) return null;
  // A model that is not in the list may have been chosen through the API.
  const isListed = chosen === undefined || choices.some((choice) => choice.model === chosen);
  return (
    <select
      class="model-choice"
      aria-label="Model"
      title="Model that answers"
      value={chosen ?? ''}
      onChange={(event) => onChoose(event.currentTarget.value || undefined)}
    >
      <option value="">Default model</option>
      {isListed ? null : <option value={chosen}>{chosen}</option>}
      {choices.map((choice) => (
        <option key={choice.model} value={choice.model}>
          {choice.label}
        </option>
      ))}
    </select>
  );
}

export function choicesOf(providers: readonly ModelProvider[]): readonly Choice[] {
  return providers
    .filter(({ available }) => available)
    .flatMap(({ name, label, models, modelLabels }) =>
      models.length === 0
        ? [{ model: name, label }]
        : models.map((id) => ({ model: `${name}/${id}`, label: `${label}: ${modelLabels?.[id] ?? id}` })),
    );
}
