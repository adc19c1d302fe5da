import { describe, expect, it } from 'vitest';
import { asksForTime } from '../../../src/engines/time-question.ts';

describe('questions about the time', () => {
  it.each([
    'What time is it?',
    'what time is it',
    'WHAT TIME IS IT NOW?!',
    'Hey, what time\nis it in Tokyo?',
    "What's the time?",
    'What’s the date today?',
    'What is the current time?',
    'whats the time',
    'What is the date and time, please?',
    'Can you tell me the time?',
    'Tell me the time.',
    'Do you know what time it is?',
    'Do you have the time?',
    'What day is it?',
    'Which day is it?',
    "What is today's date?",
    'What is the time in Europe/Berlin?',
  ])('[REH5] recognises %j', (text) => {
    expect(asksForTime(text)).toBe(true);
  });

  it.each([
    '',
    'Hello',
    'What is the time complexity of quicksort?',
    'Tell me the time you first sailed',
    'It is time to go',
    'What is the date format of ISO 8601?',
    'sometimes it is',
  ])('[REH5] leaves %j alone', (text) => {
    expect(asksForTime(text)).toBe(false);
  });
});
