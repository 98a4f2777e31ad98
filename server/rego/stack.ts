/**
 * Errors that are made until the returned function is called do not note where they were made, which takes longer than
 * everything else about an error that is never shown.
 */
export function pauseStackTraces(): () => void {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  return () => {
    Error.stackTraceLimit = limit;
  };
}

/** Whether the error says that calls nested too deep, which a source or a policy may make them do. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message);
}
