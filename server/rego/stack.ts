/** Whether the error says that calls nested too deep, which a source or a policy may make them do. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message);
}
