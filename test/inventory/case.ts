import type { TestAppliance } from '../harness.ts';
import type { Person } from '../people.ts';

/** What every case finds: an appliance with an organization, a project and its people. */
export interface World {
  appliance: TestAppliance;
  /** Platform admin and owner of the organization. */
  admin: Person;
  orgID: string;
  projectID: string;
  /** A live API key with all scopes. */
  key: string;
}

/** Sends one documented request in its system's dialect and checks the documented body. */
export type Case = (world: World) => Promise<void>;

/** Cases by `system METHOD path`, as the rows are keyed. */
export type Cases = Readonly<Record<string, Case>>;
