/**
 * What ONNX Runtime cannot do: it is not installed, it does not load the model, or it fails on an event. The message
 * is its own, without the words that its binding puts around it.
 */
export class OnnxRuntimeError extends Error {
  public override readonly name = 'OnnxRuntimeError';

  public constructor(
    public readonly reason: 'missing' | 'refused' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

/** The sentence inside `Can't create a session. ERROR_CODE: 9, ERROR_MESSAGE: …`, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replace(/^.*?ERROR_MESSAGE:\s*/su, '')
    .replace(/\s+/gu, ' ')
    .trim()
    .slice(0, 500);
}
