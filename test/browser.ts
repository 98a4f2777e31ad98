import type { Answer, TestAppliance } from './harness.ts';

/** A browser without script: it keeps cookies and sends the forms that it was shown. */
export class Browser {
  private readonly appliance: TestAppliance;
  readonly cookies = new Map<string, string>();
  page = '';

  constructor(appliance: TestAppliance) {
    this.appliance = appliance;
  }

  async open(url: string): Promise<Answer> {
    return this.keep(await this.appliance.request('GET', url, { headers: this.headers() }));
  }

  /** Sends the form of the page with what was typed over what it held. */
  async submit(typed: Record<string, string>): Promise<Answer> {
    const action = /<form method="post" action="([^"]+)"/.exec(this.page)?.[1] ?? '';
    const inputs = [...this.page.matchAll(/<input [^>]*>/g)].map(([input]) => ({
      name: / name="([^"]*)"/.exec(input)?.[1] ?? '',
      value: / value="([^"]*)"/.exec(input)?.[1] ?? '',
    }));
    const held = Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
    for (const name of Object.keys(typed)) if (!(name in held)) throw new Error(`The form has no field ${name}`);
    return this.post(action, { ...held, ...typed });
  }

  async post(url: string, form: Record<string, string>): Promise<Answer> {
    const headers = { ...this.headers(), 'content-type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams(form).toString();
    return this.keep(await this.appliance.request('POST', url, { headers, body }));
  }

  private headers(): Record<string, string> {
    return { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
  }

  private keep(answer: Answer): Answer {
    for (const line of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
    this.page = answer.text;
    return answer;
  }
}
