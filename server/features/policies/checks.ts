import {
  documentJson,
  type OlderSdkImpact,
  olderSdkImpact,
  type PolicyDocument,
  type ValidateOptions,
} from '../../policy/document/index.ts';
import type { DocumentInput } from './document-input.ts';
import type { ProjectLookup, RegisteredTools } from './ports.ts';
import { type ProblemView, problemView, refusedDocument } from './problems.ts';
import type { SourceFormat } from './schema.ts';
import type { Reader, Scope } from './store.ts';

/** A document that may be saved. */
export interface AcceptedDocument {
  readonly document: PolicyDocument;
  /** Equal texts mean the same. */
  readonly canonical: string;
  readonly source: string;
  readonly format: SourceFormat;
  readonly warnings: readonly ProblemView[];
}

/** Judges documents against the project they are for: its defaults and the tools it has registered. */
export class DocumentChecks {
  private readonly projects: ProjectLookup;
  private readonly tools: RegisteredTools;

  constructor(projects: ProjectLookup, tools: RegisteredTools) {
    this.projects = projects;
    this.tools = tools;
  }

  /** A document that may be saved, with its warnings. Throws the refusal (400 or 422) with every problem otherwise. */
  async accept(reader: Reader, scope: Scope, input: DocumentInput): Promise<AcceptedDocument> {
    const checked = input.check(await this.options(reader, scope));
    if (!checked.ok) throw refusedDocument(checked.problems);
    return {
      document: checked.document,
      canonical: documentJson(checked.document),
      source: input.source,
      format: checked.format,
      warnings: checked.problems.map(problemView),
    };
  }

  /**
   * Everything there is to say about a document, without refusing it. `document` and what older SDKs would make of it
   * are null when it may not be saved.
   */
  async judge(
    reader: Reader,
    scope: Scope,
    input: DocumentInput,
  ): Promise<{ document: PolicyDocument | null; problems: ProblemView[]; olderSdks: OlderSdkImpact | null }> {
    const options = await this.options(reader, scope);
    const checked = input.check(options);
    const problems = checked.problems.map(problemView);
    if (!checked.ok) return { document: null, problems, olderSdks: null };
    const { document } = checked;
    return { document, problems, olderSdks: olderSdkImpact(document, options.defaults?.default_action) };
  }

  private async options(reader: Reader, scope: Scope): Promise<ValidateOptions> {
    const tools = await this.tools.namesFor(reader, scope);
    const project = scope.projectId === null ? null : await this.projects.find(scope.projectId);
    return project === null ? { tools } : { tools, defaults: project };
  }
}
