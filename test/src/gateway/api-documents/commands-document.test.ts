import { expect, it } from 'vitest';
import { commandsDocument } from '../../../../src/gateway/api-documents/commands-document.ts';

it('[CMD5] docs/commands.md is current; `npm test -- -u` writes it anew', async () => {
  await expect(commandsDocument()).toMatchFileSnapshot('../../../../docs/commands.md');
});
