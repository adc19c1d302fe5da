/**
 * Recognises by its words an error that says that a request has more tokens than its model takes.
 *
 * OpenAI has a code for it. Anthropic, Mistral, Google, xAI, Cohere, vLLM, Ollama and Hugging Face's servers answer with a
 * general code and say it in the sentence alone, so the sentence must be read: otherwise a conversation that has grown
 * too long could never be answered again. A sentence that is taken for this by mistake costs a few shorter requests, which
 * are refused as well, and then the error is told.
 */
const patterns: readonly RegExp[] = [
  // "maximum context length is 8192 tokens", "context window", "maximum prompt length", "maximum model length of 4096"
  /\b(?:context|prompt|model|sequence)[ _-]?(?:length|window|size|limit)\b/i,
  // "prompt is too long: 208310 tokens > 200000 maximum", "Input is too long for requested model"
  /\b(?:prompt|inputs?|request|conversation|messages?)\b[^.]{0,60}\btoo (?:long|large)\b/i,
  // "too many tokens: total number of tokens in the prompt cannot exceed 4081"
  /\btoo many (?:input |prompt )?tokens\b/i,
  // "The input token count (1200000) exceeds the maximum number of tokens allowed", "Input tokens exceed the limit"
  /\b(?:prompt|inputs?)\b[^.]{0,20}\btokens?\b[^.]{0,60}\bexceed/i,
  // "input length and `max_tokens` exceed context limit", "please reduce the length of the messages"
  /\binput length\b[^.]{0,60}\bexceed|\breduce the length of (?:the|your)\b/i,
  // "`inputs` tokens + `max_new_tokens` must be <= 4097"
  /\binputs?\b[^.]{0,4} tokens \+/i,
];

/** `words`: what the provider said, at most `providerWordsUnitsMax` of it. */
export function saysTooLong(words: string): boolean {
  return patterns.some((pattern) => pattern.test(words));
}
