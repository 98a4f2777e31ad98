import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SdkUser } from './sdk-process.ts';

/** Users of the published SDK that work with one server, each with a home directory of his own. */
export class SdkUsers {
  private readonly python: string;
  private readonly url: string;
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'cz-sdk-'));
  private readonly users: SdkUser[] = [];

  constructor(python: string, url: string) {
    this.python = python;
    this.url = url;
  }

  /** Somebody new; the name is that of the home directory. */
  user(name: string, variables: Record<string, string> = {}): SdkUser {
    const home = path.join(this.folder, name);
    const user = new SdkUser(this.python, home, { CONTROLZERO_API_URL: this.url, ...variables });
    this.users.push(user);
    return user;
  }

  /** Ends their processes and removes their directories. */
  async discard(): Promise<void> {
    await Promise.all(this.users.map((user) => user.end()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
