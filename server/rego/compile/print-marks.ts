/** What `infix` says of calls that `print` leaves behind. */

/** Marks a `print` call that does nothing but whose variables are checked. */
export const ERASED = 'erased';

/** Marks the expressions that compute what a `print` call shows. */
export const PRINTED = 'print';
