/** A result that says that there is none. */
export const ABSENT: unique symbol = Symbol('absent');
