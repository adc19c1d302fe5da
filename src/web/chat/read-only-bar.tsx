/** In place of the composer, for those who may only read. */
import { Icon } from '../design/icon.tsx';

export function ReadOnlyBar(props: {
  /** Whether it is the role in this session that allows no more. */
  readonly isByRole: boolean;
}) {
  return (
    <div class="composer">
      <div class="box closed" role="status">
        <Icon name="lock" />
        <p class="words">
          {props.isByRole
            ? 'You may read this conversation: you take part as an observer.'
            : 'You are signed in to read: you cannot write here.'}
        </p>
      </div>
    </div>
  );
}
