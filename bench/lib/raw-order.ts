/** Which stored rows are to be inserted again, and how many at once. */
export interface RawOrder {
  /** The `seq` before the first one. */
  after: number;
  rowsPerTransaction: number;
}

export interface RawResult {
  rows: number;
  seconds: number;
  cpuSeconds: number;
}
