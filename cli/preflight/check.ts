/** What a check saw. `found` is shown to people; `advice` says how to mend it. */
export interface Finding {
  verdict: 'pass' | 'warn' | 'fail';
  found: string;
  advice?: string;
}

/** What checks look at: the deployment directory, and the settings that matter before anything runs. */
export interface Place {
  home: string;
  bind: string;
  port: number;
  /** Whether the port is served by the appliance of this directory itself. */
  serving: boolean;
  /** Whether this is the container packaging, where the engine's versions matter. */
  container: boolean;
  now: number;
}

/** One check, as a value: what it is called, what it looks at. */
export interface Check {
  id: string;
  title: string;
  run(place: Place): Promise<Finding> | Finding;
}
