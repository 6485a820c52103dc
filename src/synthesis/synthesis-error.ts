export type SynthesisFailure = 'toolMissing' | 'failed' | 'timedOut' | 'outOfMemory';

/** A synthesis that could not be carried out. */
export class SynthesisError extends Error {
  public override readonly name = 'SynthesisError';

  public constructor(
    public readonly failure: SynthesisFailure,
    message: string,
  ) {
    super(message);
  }
}
