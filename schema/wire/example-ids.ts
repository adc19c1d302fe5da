/** The ids in the conversation of the examples. */
export const exampleIds = {
  epoch: '0e4c1c34-9d0f-4a4e-8f0a-5f3b7c2d1e10',
  session: '6f3c5a52-6d3c-4a31-9d3b-0a7f3c1f8e11',
  prompt: '1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed',
  answer: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  trace: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  turn: '4d1f0a7e-3b52-4c68-9f0e-6a1c2b7d8e90',
  toolCall: '9b2f8a56-0c5e-4d5b-8f6e-2d1c7a4b3e90',
  file: '5e1f7c3a-2d84-4b0e-9a6d-8c7b1f0e2d45',
  logEntry: 'b0a7c1de-1f8e-4f6c-8f2a-5a52a0a7f3c1',
  command: '2c8f1b6a-7d3e-4f90-8a5b-1e6d9c0f4a72',
  key: '9d0c5e5b-63a4-4f0e-9f3b-2f1c0a7e5b11',
} as const;
